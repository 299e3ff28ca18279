//! Which exposures are combined with which.

use crate::dark::DarkExposure;
use crate::{Error, Result};
use firstlight_frame::{Association, Exposure};
use std::path::PathBuf;

/// Exposures of one filter that make one product.
#[derive(Debug, Clone)]
pub(super) struct Group {
    /// Name of the product: the filter, with the association's identifier where filters repeat.
    pub(super) name: String,
    /// `FILTER1`.
    pub(super) filter: String,
    /// The exposures in the order of the association.
    pub(super) members: Vec<DarkExposure>,
}

impl Group {
    pub(super) fn files(&self) -> Vec<PathBuf> {
        self.members.iter().map(|member| member.file.clone()).collect()
    }

    /// Summed exposure time, s.
    pub(super) fn exptime_s(&self) -> f64 {
        self.members.iter().map(|member| member.exptime_s).sum()
    }
}

/// One group for each association, and one for each filter of the other exposures, in the order given.
pub(super) fn groups(inputs: &[PathBuf]) -> Result<Vec<Group>> {
    let mut found: Vec<(Option<String>, Group)> = Vec::new();
    for input in inputs {
        if Association::is_association_name(input) {
            let association = Association::open(input)?;
            let files = association.member_files(&["flt", "raw"])?;
            let members = files.iter().map(header).collect::<Result<Vec<_>>>()?;
            let filter = members.first().map(filter_of).unwrap_or_default();
            let group = Group {
                name: filter.clone(),
                filter,
                members,
            };
            found.push((Some(association.id), group));
            continue;
        }
        let member = header(input)?;
        let filter = filter_of(&member);
        match found
            .iter_mut()
            .find(|(id, group)| id.is_none() && group.filter == filter)
        {
            Some((_, group)) => group.members.push(member),
            None => found.push((
                None,
                Group {
                    name: filter.clone(),
                    filter,
                    members: vec![member],
                },
            )),
        }
    }
    Ok(with_distinct_names(found))
}

/// The header of an exposure that counts photons one by one: what is done here leaves out read noise,
/// cosmic rays and charge transfer. A header that names no detector is taken at the user's word.
fn header(path: &PathBuf) -> Result<DarkExposure> {
    let exposure = Exposure::open(path)?;
    let detector = exposure.detector();
    if detector.is_named() && !detector.is_photon_counting() {
        return Err(Error::Unsupported(format!(
            "{} is of {detector} (INSTRUME/DETECTOR): darks are subtracted this way from exposures of detectors \
             that count photons, such as ACS/SBC",
            path.display()
        )));
    }
    DarkExposure::of(&exposure)
}

fn filter_of(exposure: &DarkExposure) -> String {
    exposure
        .filter1
        .clone()
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "UNFILTERED".to_owned())
}

fn with_distinct_names(found: Vec<(Option<String>, Group)>) -> Vec<Group> {
    let filters: Vec<String> = found.iter().map(|(_, group)| group.filter.clone()).collect();
    let renamed = found.into_iter().map(|(id, mut group)| {
        let repeated = filters.iter().filter(|filter| **filter == group.filter).count() > 1;
        if let (true, Some(id)) = (repeated, id) {
            group.name = format!("{}_{id}", group.filter);
        }
        group.name = group.name.replace(['/', '\\', ' '], "-");
        group
    });
    renamed.collect()
}

//! Frames calibrated with the masters that they were matched with.

use super::frames::NightFrame;
use super::kind::FrameKind;
use super::matching::{Matched, Matching};
use super::options::{MasterKind, ReduceOptions};
use super::plan::{Master, Masters};
use super::sections::Sections;
use crate::ccd::products::product_name;
use crate::ccd::{CcdProcessOptions, CcdProduct, CosmicRays, process_and_clean};
use crate::input::Failure;
use crate::{Error, Progress, Result};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The frames of a night, and how they are calibrated.
pub(super) struct Calibrating<'a> {
    pub(super) frames: &'a [NightFrame],
    pub(super) options: &'a ReduceOptions,
    pub(super) progress: &'a dyn Progress,
}

/// What is done to a frame.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Task {
    /// Position of the frame.
    pub(super) frame: usize,
    pub(super) matched: Matched,
}

/// A frame that was calibrated: its position, and its product.
pub(super) type Calibrated = (usize, CcdProduct);

/// Frames that are calibrated in one go: the same masters, sections and keyword, and one folder.
type Group<'a> = (Matched, &'a Sections, Option<&'a str>, PathBuf);

impl Calibrating<'_> {
    /// Matches frames with masters; those that lack one come second.
    pub(super) fn tasks(
        &self,
        frames: impl IntoIterator<Item = usize>,
        masters: &Masters,
    ) -> (Vec<Task>, Vec<Failure>) {
        let matching = Matching {
            masters,
            options: self.options,
        };
        let (mut tasks, mut failed) = (Vec::new(), Vec::new());
        for frame in frames {
            match matching.of(&self.frames[frame]) {
                Ok(matched) => tasks.push(Task { frame, matched }),
                Err(reason) => {
                    let path = self.frames[frame].path.clone();
                    failed.push(Failure::new(
                        &path.clone(),
                        &Error::Contradiction { path, reason },
                    ));
                }
            }
        }
        (tasks, failed)
    }

    /// The files that a task reads.
    pub(super) fn sources(&self, task: &Task, masters: &Masters) -> Vec<PathBuf> {
        let [bias, dark, flat, fringe] = used(task.matched, masters);
        let of = |master: Option<&Master>| master.map(|master| master.path.clone());
        [
            Some(self.frames[task.frame].path.clone()),
            of(bias),
            of(dark),
            of(flat),
            of(fringe),
            self.options.bad_pixel_mask.clone(),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// What, beside the files, a calibrated frame depends on.
    pub(super) fn how(&self, task: &Task) -> Value {
        let frame = &self.frames[task.frame];
        json!({
            "sections": frame.sections,
            "exposure_key": frame.exposure_key,
            "scale": task.matched.scale,
            "gain": self.options.gain,
            "readnoise": self.options.readnoise,
            "saturation": self.options.saturation,
            "linearity": self.linearity(task.frame),
            "linearity_limit": self.options.linearity_limit,
            "cosmic_rays": self.cosmic_rays(task.frame),
            "background": self.background(task.frame),
        })
    }

    /// The correction of the non-linearity of a frame; a bias has none.
    fn linearity(&self, frame: usize) -> &[String] {
        match self.frames[frame].kind {
            FrameKind::Bias => &[],
            _ => &self.options.linearity,
        }
    }

    /// What is done about the cosmic rays of a frame, if it is of the sky.
    fn cosmic_rays(&self, frame: usize) -> Option<CosmicRays> {
        let of_sky = self.frames[frame].kind == FrameKind::Science;
        self.options.cosmic_rays().filter(|_| of_sky)
    }

    /// How the background of a frame is subtracted, if it is of the sky.
    fn background(&self, frame: usize) -> Option<&String> {
        let of_sky = self.frames[frame].kind == FrameKind::Science;
        self.options.background.as_ref().filter(|_| of_sky)
    }

    /// Whether anything is done to a frame at all.
    pub(super) fn is_idle(&self, task: &Task) -> bool {
        let options = self.options;
        let given = [&options.gain, &options.readnoise]
            .into_iter()
            .any(Option::is_some);
        let frame = &self.frames[task.frame];
        task.matched == Matched::default()
            && !given
            && options.saturation.is_none()
            && self.linearity(task.frame).is_empty()
            && self.cosmic_rays(task.frame).is_none()
            && self.background(task.frame).is_none()
            && options.bad_pixel_mask.is_none()
            && frame.sections.overscan.is_none()
            && frame.sections.trim.is_none()
    }

    /// Where the product of a frame goes within a folder.
    pub(super) fn place(&self, frame: usize) -> PathBuf {
        let place = &self.frames[frame].place;
        place.with_file_name(product_name(place))
    }

    /// Calibrates frames into a folder, each at its place; with the positions of those that were had.
    pub(super) fn run(
        &self,
        tasks: &[Task],
        masters: &Masters,
        folder: &Path,
    ) -> Result<(Vec<Calibrated>, Vec<Failure>)> {
        let mut groups: BTreeMap<Group<'_>, Vec<usize>> = BTreeMap::new();
        for task in tasks {
            let frame = &self.frames[task.frame];
            let within = self
                .place(task.frame)
                .parent()
                .unwrap_or(Path::new(""))
                .to_owned();
            let group = (
                task.matched,
                &frame.sections,
                frame.exposure_key.as_deref(),
                within,
            );
            groups.entry(group).or_default().push(task.frame);
        }
        let (mut done, mut failed) = (Vec::new(), Vec::new());
        for (group, members) in groups {
            let inputs: Vec<PathBuf> = members.iter().map(|n| self.frames[*n].path.clone()).collect();
            let into = folder.join(&group.3);
            let options = self.process_options(&group, members[0], masters);
            let what = (&options, self.cosmic_rays(members[0]));
            match process_and_clean(&inputs, &into, what, self.progress) {
                Ok(report) => {
                    failed.extend(report.failed);
                    done.extend(report.products.into_iter().filter_map(|product| {
                        let position = inputs.iter().position(|input| *input == product.input)?;
                        Some((members[position], product))
                    }));
                }
                // Of one frame alone its failure is that of all; with several it is that of a master.
                Err(error) => {
                    crate::progress::go_on(self.progress)?;
                    failed.extend(inputs.iter().map(|input| Failure::new(input, &error)));
                }
            }
        }
        done.sort_by_key(|(frame, _)| *frame);
        Ok((done, failed))
    }

    /// Options of frames of one group, which are of one kind; `first` is one of them.
    fn process_options(&self, group: &Group<'_>, first: usize, masters: &Masters) -> CcdProcessOptions {
        let (matched, sections, exposure_key, _) = group;
        let [bias, dark, flat, fringe] =
            used(*matched, masters).map(|master| master.map(|master| master.path.clone()));
        let usual = CcdProcessOptions::default();
        CcdProcessOptions {
            overscan: sections.overscan.clone(),
            overscan_axis: sections.overscan_axis,
            trim: sections.trim.clone(),
            gain: self.options.gain.clone(),
            readnoise: self.options.readnoise.clone(),
            saturation: self.options.saturation,
            linearity: self.linearity(first).to_vec(),
            linearity_limit: self
                .options
                .linearity_limit
                .filter(|_| !self.linearity(first).is_empty()),
            background: self.background(first).cloned(),
            bad_pixel_mask: self.options.bad_pixel_mask.clone(),
            bias,
            // Times of frames are those of the night's own headers; a dark that was given may have another keyword.
            dark_exposure: matched.dark.and_then(|n| masters.darks[n].exptime_s),
            dark,
            dark_scale: matched.scale,
            exposure_key: exposure_key.map_or(usual.exposure_key.clone(), str::to_owned),
            flat,
            fringe,
            overwrite: true,
            ..usual
        }
    }
}

/// The masters of a match: bias, dark, flat, fringe frame.
pub(super) fn used(matched: Matched, masters: &Masters) -> [Option<&Master>; 4] {
    [
        matched.bias.and_then(|n| masters.biases.get(n)),
        matched.dark.and_then(|n| masters.darks.get(n)),
        matched.flat.and_then(|n| masters.flats.get(n)),
        matched.fringe.and_then(|n| masters.fringes.get(n)),
    ]
}

/// The list of a kind of masters.
pub(super) fn list(masters: &mut Masters, kind: MasterKind) -> &mut Vec<Master> {
    match kind {
        MasterKind::Bias => &mut masters.biases,
        MasterKind::Dark => &mut masters.darks,
        MasterKind::Flat => &mut masters.flats,
        MasterKind::Fringe => &mut masters.fringes,
    }
}

//! Which masters are made, and of which frames.

use super::frames::{self, NightFrame, Setup};
use super::kind::FrameKind;
use super::options::{MasterKind, ReduceOptions};
use crate::ccd::time::start_mjd;
use crate::ccd::{CcdFile, CcdOpenOptions};
use crate::{Error, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A master, made or to be made, or given.
#[derive(Debug, Clone)]
pub(super) struct Master {
    pub(super) kind: MasterKind,
    pub(super) path: PathBuf,
    /// Positions of its frames; none of one that is given.
    pub(super) members: Vec<usize>,
    pub(super) setup: Setup,
    /// Position of its night; none of one for all nights.
    pub(super) night: Option<usize>,
    pub(super) filter: Option<String>,
    pub(super) exptime_s: Option<f64>,
    pub(super) temperature_c: Option<f64>,
    pub(super) mjd: Option<f64>,
    /// Of a dark, whether the bias is subtracted.
    pub(super) without_bias: bool,
    /// Why it cannot be had.
    pub(super) failed: Option<String>,
}

/// All masters. Frames are matched with the positions in these lists.
#[derive(Debug, Clone, Default)]
pub(super) struct Masters {
    pub(super) biases: Vec<Master>,
    pub(super) darks: Vec<Master>,
    pub(super) flats: Vec<Master>,
    pub(super) fringes: Vec<Master>,
}

impl Masters {
    /// Finds out which darks have no bias to be subtracted from them, and so hold it.
    pub(super) fn settle_biases_of_darks(&mut self) {
        for dark in self.darks.iter_mut().filter(|dark| !dark.members.is_empty()) {
            dark.without_bias = self.biases.iter().any(|bias| bias.setup.agrees(&dark.setup));
        }
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Master> {
        let made = self.biases.iter().chain(&self.darks).chain(&self.flats);
        made.chain(&self.fringes)
    }
}

/// Finds out which masters the frames give, or are given.
pub(super) fn masters(
    frames: &[NightFrame],
    nights: &[String],
    folder: &Path,
    options: &ReduceOptions,
) -> Result<Masters> {
    let planning = Planning {
        frames,
        nights,
        folder: folder.join("masters"),
        options,
    };
    let biases = match &options.bias {
        Some(path) => vec![planning.given(MasterKind::Bias, path, None)?],
        None => planning.made(MasterKind::Bias),
    };
    let darks = match &options.dark {
        Some(path) => vec![planning.given(MasterKind::Dark, path, None)?],
        None => planning.made(MasterKind::Dark),
    };
    let given = options.given_flats()?;
    let mut flats = planning.made(MasterKind::Flat);
    flats.retain(|flat| {
        !given
            .iter()
            .any(|(filter, _)| flat.filter.as_ref() == Some(filter))
    });
    for (filter, path) in given {
        flats.push(planning.given(MasterKind::Flat, &path, Some(filter))?);
    }
    Ok(Masters {
        biases,
        darks,
        flats,
        fringes: planning.fringes()?,
    })
}

struct Planning<'a> {
    frames: &'a [NightFrame],
    nights: &'a [String],
    folder: PathBuf,
    options: &'a ReduceOptions,
}

/// What the frames of one master share: night, setup, filter, and exposure time in ms.
type Shared = (Option<usize>, Setup, Option<String>, Option<i64>);

impl Planning<'_> {
    /// The masters of a kind that the frames give.
    fn made(&self, kind: MasterKind) -> Vec<Master> {
        let wanted = match kind {
            MasterKind::Bias => FrameKind::Bias,
            MasterKind::Dark => FrameKind::Dark,
            MasterKind::Flat => FrameKind::Flat,
            MasterKind::Fringe => return Vec::new(),
        };
        let mut groups: BTreeMap<Shared, Vec<usize>> = BTreeMap::new();
        for (n, frame) in self
            .frames
            .iter()
            .enumerate()
            .filter(|(_, frame)| frame.kind == wanted)
        {
            let is = |these: MasterKind| kind == these;
            let shared = (
                (!self.options.one_set).then_some(frame.night),
                frame.setup.clone(),
                frame.filter.clone().filter(|_| is(MasterKind::Flat)),
                frame
                    .exptime_s
                    .filter(|_| is(MasterKind::Dark))
                    .map(|time| (1000.0 * time).round() as i64),
            );
            groups.entry(shared).or_default().push(n);
        }
        let groups: Vec<(Shared, Vec<usize>)> = match kind {
            MasterKind::Dark => groups
                .into_iter()
                .flat_map(|(shared, members)| {
                    let parts = self.of_one_temperature(members);
                    parts.into_iter().map(move |part| (shared.clone(), part))
                })
                .collect(),
            _ => groups.into_iter().collect(),
        };
        let mut masters: Vec<Master> = groups
            .into_iter()
            .map(|((night, setup, filter, _), members)| self.master(kind, (night, setup, filter), members))
            .collect();
        self.name(&mut masters);
        masters
    }

    fn master(
        &self,
        kind: MasterKind,
        (night, setup, filter): (Option<usize>, Setup, Option<String>),
        members: Vec<usize>,
    ) -> Master {
        let mean = |of: fn(&NightFrame) -> Option<f64>| {
            let values: Vec<f64> = members.iter().filter_map(|n| of(&self.frames[*n])).collect();
            (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
        };
        Master {
            kind,
            path: PathBuf::new(),
            setup,
            night,
            filter,
            exptime_s: mean(|frame| frame.exptime_s).filter(|_| kind == MasterKind::Dark),
            temperature_c: mean(|frame| frame.temperature_c),
            mjd: mean(|frame| frame.mjd),
            without_bias: true,
            failed: None,
            members,
        }
    }

    /// Parts frames between which the temperature jumps by more than the tolerance.
    fn of_one_temperature(&self, mut members: Vec<usize>) -> Vec<Vec<usize>> {
        let temperature = |n: &usize| self.frames[*n].temperature_c.unwrap_or(f64::INFINITY);
        members.sort_by(|a, b| temperature(a).total_cmp(&temperature(b)));
        let mut parts: Vec<Vec<usize>> = Vec::new();
        let mut last = f64::NAN;
        for n in members {
            let now = temperature(&n);
            let goes_on = now == last || now - last <= self.options.temperature_tolerance;
            match parts.last_mut() {
                Some(part) if goes_on => part.push(n),
                _ => parts.push(vec![n]),
            }
            last = now;
        }
        // In the order of the files, on which the sums of a mean depend.
        parts.iter_mut().for_each(|part| part.sort_unstable());
        parts
    }

    /// Names masters by what parts them: `dark_2018-03-09_600s_-5.0C.fits`, `flat_2018-03-09_V.fits`.
    fn name(&self, masters: &mut [Master]) {
        let several_setups = masters.windows(2).any(|pair| pair[0].setup != pair[1].setup);
        let mut taken: Vec<String> = Vec::new();
        for master in masters {
            let mut parts = vec![match master.kind {
                MasterKind::Bias => "bias".to_owned(),
                MasterKind::Dark => "dark".to_owned(),
                MasterKind::Flat => "flat".to_owned(),
                MasterKind::Fringe => "fringe".to_owned(),
            }];
            if let Some(name) = master.night.and_then(|night| self.nights.get(night)) {
                parts.push(name.clone());
            }
            if let Some(filter) = &master.filter {
                parts.push(filter.chars().map(plain).collect());
            }
            parts.extend(master.exptime_s.map(|time| format!("{time}s")));
            if master.kind == MasterKind::Dark {
                parts.extend(master.temperature_c.map(|degrees| format!("{degrees:.1}C")));
            }
            if several_setups {
                let (ny, nx) = master.setup.shape;
                parts.push(format!("{nx}x{ny}"));
                let binning: String = master.setup.binning.chars().map(plain).collect();
                parts.extend((!binning.is_empty()).then_some(binning));
            }
            let mut name = parts.join("_");
            while taken.contains(&name) {
                name.push('b');
            }
            master.path = self.folder.join(format!("{name}.fits"));
            taken.push(name);
        }
    }

    /// The fringe frames that are given. One of a filter that no frame of the sky has is one whose name was mistaken.
    fn fringes(&self) -> Result<Vec<Master>> {
        let mut fringes = Vec::new();
        let of_sky = self
            .frames
            .iter()
            .filter(|frame| frame.kind == FrameKind::Science);
        let filters: BTreeSet<Option<&str>> = of_sky.map(|frame| frame.filter.as_deref()).collect();
        for (filter, path) in self.options.given_fringes()? {
            if !filters.is_empty() && !filters.contains(&Some(filter.as_str())) {
                let there: Vec<&str> = filters.iter().map(|name| name.unwrap_or("no filter")).collect();
                return Err(Error::Usage(format!(
                    "--fringe {filter}={}: no frame of the sky has the filter {filter}; they have {}",
                    path.display(),
                    there.join(", ")
                )));
            }
            fringes.push(self.given(MasterKind::Fringe, &path, Some(filter))?);
        }
        Ok(fringes)
    }

    /// A master that is there already.
    fn given(&self, kind: MasterKind, path: &Path, filter: Option<String>) -> Result<Master> {
        let file = CcdFile::open(path, &CcdOpenOptions::default())?;
        let header = file.header();
        let exptime_s = frames::exposure_of(header, self.options);
        if kind == MasterKind::Dark && exptime_s.is_none_or(|time| time <= 0.0) {
            return Err(Error::Contradiction {
                path: path.to_owned(),
                reason: "it names no exposure time, so that it cannot be scaled to frames; write it into the header \
                         ('firstlight header set'), or name its keyword (--exposure-key)"
                    .to_owned(),
            });
        }
        Ok(Master {
            kind,
            path: path.to_owned(),
            members: Vec::new(),
            setup: Setup {
                shape: file.shape(),
                binning: frames::binning_of(header),
            },
            night: None,
            filter,
            exptime_s: exptime_s.filter(|_| kind == MasterKind::Dark),
            temperature_c: frames::temperature_of(header, self.options),
            mjd: start_mjd(header),
            without_bias: true,
            failed: None,
        })
    }
}

/// A letter that names of files may have everywhere.
fn plain(c: char) -> char {
    if c.is_ascii_alphanumeric() || ['-', '.', '+'].contains(&c) {
        c
    } else {
        '-'
    }
}

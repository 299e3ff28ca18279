//! Which masters a frame gets.

use super::frames::NightFrame;
use super::kind::FrameKind;
use super::options::{MasterKind, ReduceOptions};
use super::plan::{Master, Masters};

/// Farther than any two nights are apart, days.
const FAR: f64 = 1e9;

/// Exposure times that differ by less are the same, s.
const SAME_TIME: f64 = 1e-3;

/// The masters of a frame, as positions in their lists.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Matched {
    pub(super) bias: Option<usize>,
    pub(super) dark: Option<usize>,
    /// Whether the dark is scaled by the ratio of exposure times.
    pub(super) scale: bool,
    pub(super) flat: Option<usize>,
    pub(super) fringe: Option<usize>,
}

/// Finds masters for frames.
pub(super) struct Matching<'a> {
    pub(super) masters: &'a Masters,
    pub(super) options: &'a ReduceOptions,
}

impl Matching<'_> {
    /// The masters of a frame: of a dark its bias, of a flat bias and dark, of the sky all. An error says what is
    /// missing, and what can be done.
    pub(super) fn of(&self, frame: &NightFrame) -> Result<Matched, String> {
        let dark = match frame.kind {
            FrameKind::Flat | FrameKind::Science => self.dark(frame)?,
            _ => None,
        };
        let (flat, fringe) = match frame.kind {
            FrameKind::Science => (self.flat(frame)?, self.fringe(frame)?),
            _ => (None, None),
        };
        // A dark that has the bias in it takes both away.
        let has_bias = |n: &usize| !self.masters.darks[*n].without_bias;
        let bias = match dark.as_ref().is_some_and(has_bias) || frame.kind == FrameKind::Bias {
            true => None,
            false => self.bias(frame)?,
        };
        let scale = dark.is_some_and(|n| !same_time(&self.masters.darks[n], frame));
        Ok(Matched {
            bias,
            dark,
            scale,
            flat,
            fringe,
        })
    }

    fn bias(&self, frame: &NightFrame) -> Result<Option<usize>, String> {
        let found = best(
            &self.masters.biases,
            frame,
            |bias| bias.setup.agrees(&frame.setup),
            |_| 0.0,
        );
        // Darks of the time of the frames stand for a bias as well, and tell of themselves where they do not.
        let may_lack = self.options.may_lack(MasterKind::Bias)
            || frame.kind == FrameKind::Dark && self.masters.biases.is_empty();
        match found {
            Some(n) => Ok(Some(n)),
            None if may_lack => Ok(None),
            None => Err(format!(
                "there is no bias for it ({}){}; give one (--bias), or do without (--without bias)",
                frame.setup,
                failures(&self.masters.biases)
            )),
        }
    }

    fn dark(&self, frame: &NightFrame) -> Result<Option<usize>, String> {
        let darks = &self.masters.darks;
        if darks.is_empty() {
            return Ok(None);
        }
        let usable =
            |dark: &Master| dark.setup.agrees(&frame.setup) && (dark.without_bias || same_time(dark, frame));
        let tolerance = self.options.temperature_tolerance;
        let is_near = |dark: &Master| difference(dark, frame).is_none_or(|degrees| degrees <= tolerance);
        let rank = |dark: &Master| {
            // A longer dark is less noisy.
            let time = dark.exptime_s.unwrap_or(0.0).max(SAME_TIME);
            if same_time(dark, frame) {
                0.0
            } else {
                1.0 / time + 1.0
            }
        };
        let found = best(darks, frame, |dark| usable(dark) && is_near(dark), rank).or_else(|| {
            let nearest = |dark: &Master| difference(dark, frame).unwrap_or(0.0);
            let coldest = darks
                .iter()
                .filter(|dark| usable(dark) && dark.failed.is_none())
                .map(nearest);
            let least = coldest.fold(f64::INFINITY, f64::min);
            let wanted = |dark: &Master| self.options.nearest && usable(dark) && nearest(dark) <= least;
            best(darks, frame, wanted, rank)
        });
        let may_lack = self.options.may_lack(MasterKind::Dark);
        let Some(n) = found else {
            return match may_lack {
                true => Ok(None),
                false => Err(self.why_no_dark(frame, usable)),
            };
        };
        let timed = frame.exptime_s.is_some_and(|time| time > 0.0);
        match timed || same_time(&darks[n], frame) {
            true => Ok(Some(n)),
            false if may_lack => Ok(None),
            false => Err(format!(
                "its exposure time is {}, so that no dark can be scaled to it; write it into the header ('firstlight \
                 header set'), name its keyword (--exposure-key), or do without darks (--without dark)",
                frame
                    .exptime_s
                    .map_or("missing".to_owned(), |time| format!("{time} s"))
            )),
        }
    }

    fn why_no_dark(&self, frame: &NightFrame, usable: impl Fn(&Master) -> bool) -> String {
        let darks = &self.masters.darks;
        let too_warm: Vec<String> = darks
            .iter()
            .filter(|dark| usable(dark) && dark.failed.is_none())
            .filter_map(|dark| {
                Some(format!(
                    "{} at {:.2} °C",
                    crate::input::file_name(&dark.path),
                    dark.temperature_c?
                ))
            })
            .collect();
        if let (Some(degrees), false) = (frame.temperature_c, too_warm.is_empty()) {
            return format!(
                "its CCD was at {degrees:.2} °C, more than {} °C from every dark ({}); take the nearest (--nearest), allow \
                 for more (--temperature-tolerance), or do without (--without dark)",
                self.options.temperature_tolerance,
                too_warm.join(", ")
            );
        }
        let times = match self.masters.biases.is_empty() && darks.iter().any(|dark| !dark.without_bias) {
            true => "; without biases a dark has to be of the frame's own exposure time",
            false => "",
        };
        format!(
            "there is no dark for it ({}, {}){}{times}; give one (--dark), or do without (--without dark)",
            frame.setup,
            frame
                .exptime_s
                .map_or("no exposure time".to_owned(), |time| format!("{time} s")),
            failures(darks)
        )
    }

    fn flat(&self, frame: &NightFrame) -> Result<Option<usize>, String> {
        let of_filter = |flat: &Master| flat.filter == frame.filter && flat.setup.agrees(&frame.setup);
        match best(&self.masters.flats, frame, of_filter, |_| 0.0) {
            Some(n) => Ok(Some(n)),
            None if self.options.may_lack(MasterKind::Flat) => Ok(None),
            None => {
                let filter = frame.filter.as_deref();
                let filter = filter.map_or("frames without a filter".to_owned(), |name| {
                    format!("filter {name}")
                });
                let same = self.masters.flats.iter().filter(|flat| of_filter(flat));
                Err(format!(
                    "there is no flat for {filter} ({}){}; give one (--flat {}=FILE), or do without (--without flat)",
                    frame.setup,
                    failures(same),
                    frame.filter.as_deref().unwrap_or("FILTER")
                ))
            }
        }
    }

    /// The fringe frame of a frame's filter. A filter that none was given for has no fringes.
    fn fringe(&self, frame: &NightFrame) -> Result<Option<usize>, String> {
        let fringes = &self.masters.fringes;
        let of_filter = |fringe: &Master| fringe.filter == frame.filter;
        let fits = |fringe: &Master| of_filter(fringe) && fringe.setup.agrees(&frame.setup);
        let Some(other) = fringes.iter().find(|fringe| of_filter(fringe)) else {
            return Ok(None);
        };
        match best(fringes, frame, fits, |_| 0.0) {
            Some(n) => Ok(Some(n)),
            None if self.options.may_lack(MasterKind::Fringe) => Ok(None),
            None => {
                let filter = frame.filter.as_deref().unwrap_or_default();
                Err(format!(
                    "the fringe frame of filter {filter}, {}, has {}, but the frame {}; give one that fits (--fringe \
                     {filter}=FILE), or do without (--without fringe)",
                    crate::input::file_name(&other.path),
                    other.setup,
                    frame.setup
                ))
            }
        }
    }
}

/// The master of the nearest night, and of those of one night the first in rank.
fn best(
    masters: &[Master],
    frame: &NightFrame,
    fits: impl Fn(&Master) -> bool,
    rank: impl Fn(&Master) -> f64,
) -> Option<usize> {
    let away = |master: &Master| match (master.night == Some(frame.night), master.mjd, frame.mjd) {
        (true, ..) => 0.0,
        (false, Some(of_master), Some(of_frame)) => (of_master - of_frame).abs(),
        _ => FAR,
    };
    let fitting = masters
        .iter()
        .enumerate()
        .filter(|(_, master)| master.failed.is_none() && fits(master));
    fitting
        .min_by(|(_, a), (_, b)| {
            let degrees = |master| difference(master, frame).unwrap_or(0.0);
            away(a)
                .total_cmp(&away(b))
                .then(rank(a).total_cmp(&rank(b)))
                .then(degrees(a).total_cmp(&degrees(b)))
        })
        .map(|(n, _)| n)
}

fn same_time(dark: &Master, frame: &NightFrame) -> bool {
    match (dark.exptime_s, frame.exptime_s) {
        (Some(dark), Some(frame)) => (dark - frame).abs() <= SAME_TIME,
        _ => false,
    }
}

/// How many degrees a dark is warmer or colder than a frame, where both tell.
fn difference(dark: &Master, frame: &NightFrame) -> Option<f64> {
    Some((dark.temperature_c? - frame.temperature_c?).abs())
}

/// Masters that could not be made, as a part of a sentence.
fn failures<'a>(masters: impl IntoIterator<Item = &'a Master>) -> String {
    let failed: Vec<String> = masters
        .into_iter()
        .filter_map(|master| {
            let why = master.failed.as_ref()?;
            Some(format!("{}: {why}", crate::input::file_name(&master.path)))
        })
        .collect();
    match failed.is_empty() {
        true => String::new(),
        false => format!("; {}", failed.join("; ")),
    }
}

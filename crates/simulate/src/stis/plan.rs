//! When which frame is taken.

use super::detector::PERIOD_DAYS;
use super::options::StisOptions;
use crate::streams::{Purpose, Streams};
use serde::Serialize;

/// First day of the period, MJD.
pub const PERIOD_START: f64 = 57_100.0;
/// Day of the period on which the spectrum is taken.
pub const SPECTRUM_DAY: f64 = 17.4;
/// Seconds of long darks, of short ones, and of the lamp.
const LONG_S: f64 = 1100.0;
const SHORT_S: f64 = 60.0;
const LAMP_S: f64 = 30.0;
/// Two long darks a day.
const DARK_SLOTS: usize = 56;

/// What a frame is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A dark of 1100 s.
    Dark,
    /// A dark of 60 s.
    ShortDark,
    /// A bias frame.
    Bias,
    /// A star's spectrum.
    Spectrum,
    /// The lamp through the slit: a wavecal.
    Lamp,
}

/// One read-out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Frame {
    /// Tells its random numbers from those of others.
    pub number: u64,
    /// Start, MJD.
    pub start_mjd: f64,
    /// Seconds.
    pub exptime_s: f64,
    /// Mean housing temperature, °C.
    pub temperature_c: f64,
}

impl Frame {
    /// End, MJD.
    pub fn end_mjd(&self) -> f64 {
        self.start_mjd + self.exptime_s / 86_400.0
    }
}

/// One raw file.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    pub kind: Kind,
    pub rootname: String,
    pub frames: Vec<Frame>,
}

impl Plan {
    /// Start of the first frame, MJD.
    pub fn start(&self) -> f64 {
        self.frames.first().map_or(PERIOD_START, |frame| frame.start_mjd)
    }

    /// End of the last frame, MJD.
    pub fn end(&self) -> f64 {
        self.frames.last().map_or(PERIOD_START, Frame::end_mjd)
    }

    /// Day of the period.
    pub fn day(&self) -> f64 {
        self.start() - PERIOD_START
    }

    /// Name of the raw file.
    pub fn file_name(&self) -> String {
        let suffix = if self.kind == Kind::Lamp { "wav" } else { "raw" };
        format!("{}_{suffix}.fits", self.rootname)
    }
}

/// All files in the order in which they are made: spectrum, lamp, long darks, short ones, biases.
pub fn schedule(options: &StisOptions, streams: Streams) -> Vec<Plan> {
    let temperature = |number: u64, day: f64| {
        let drift = 1.6 * (std::f64::consts::TAU * day / 18.5).sin();
        let scatter = streams.of(Purpose::Temperature, 1, number, 0).normal();
        // Headers have it to a thousandth of a degree.
        ((19.6 + drift + 0.45 * scatter) * 1000.0).round() / 1000.0
    };
    let frame = |number: u64, day: f64, exptime_s: f64| Frame {
        number,
        start_mjd: PERIOD_START + day,
        exptime_s,
        temperature_c: temperature(number, day),
    };
    let rootname = |kind: char, number: usize| format!("ofl{kind}{number:02}010");
    let single = |kind, letter, number, frame| Plan {
        kind,
        rootname: rootname(letter, number),
        frames: vec![frame],
    };
    let [spectrum, lamp] = spectrum(options, &frame);
    let mut plans = vec![spectrum, lamp];
    plans.extend(spread(options.darks, 0, DARK_SLOTS - 1).map(|slot| {
        let day = 0.5 * slot as f64 + 0.21;
        single(Kind::Dark, 'd', slot, frame(100 + slot as u64, day, LONG_S))
    }));
    plans.extend(spread(options.short_darks, 3, DARK_SLOTS - 4).map(|slot| {
        let day = 0.5 * slot as f64 + 0.31;
        single(Kind::ShortDark, 'e', slot, frame(200 + slot as u64, day, SHORT_S))
    }));
    plans.extend((0..options.biases).map(|slot| {
        let day = (1.5 + 0.5 * slot as f64) % PERIOD_DAYS;
        single(Kind::Bias, 'b', slot, frame(300 + slot as u64, day, 0.0))
    }));
    plans
}

/// Two parts of a spectrum, and the lamp some minutes later.
fn spectrum(options: &StisOptions, frame: &dyn Fn(u64, f64, f64) -> Frame) -> [Plan; 2] {
    let rootname = "ofls01010".to_owned();
    let first = frame(1, SPECTRUM_DAY, options.exptime);
    let after = |seconds: f64| SPECTRUM_DAY + seconds / 86_400.0;
    let second = Frame {
        temperature_c: first.temperature_c,
        ..frame(2, after(options.exptime + 45.0), options.exptime)
    };
    let lamp = Frame {
        temperature_c: first.temperature_c + 0.1,
        ..frame(3, after(2.0 * options.exptime + 245.0), LAMP_S)
    };
    [
        Plan {
            kind: Kind::Spectrum,
            rootname: rootname.clone(),
            frames: vec![first, second],
        },
        Plan {
            kind: Kind::Lamp,
            rootname,
            frames: vec![lamp],
        },
    ]
}

/// So many whole numbers from `low` to `high`, evenly; none twice while there are enough.
fn spread(number: usize, low: usize, high: usize) -> impl Iterator<Item = usize> {
    let step = match number {
        0 | 1 => 0.0,
        _ => (high - low) as f64 / (number - 1) as f64,
    };
    (0..number).map(move |n| low + (n as f64 * step).round() as usize)
}

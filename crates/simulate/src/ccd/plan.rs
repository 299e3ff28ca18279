//! When which frame is taken, and under what circumstances.

use super::cluster::TARGET_DEG;
use super::detector::SET_TEMPERATURE_C;
use super::geometry::Affine;
use super::weather::Weather;
use super::{CcdOptions, Filter};
use crate::Random;
use crate::calendar::date_and_time;
use crate::streams::{Purpose, Streams};
use serde::Serialize;

/// Between two exposures, s.
pub const OVERHEAD_S: f64 = 15.0;
/// Nights, MJD: 9 and 29 March and 30 April 2018, and then every other one.
const NIGHTS: [f64; 3] = [58_186.0, 58_206.0, 58_238.0];
/// Seconds of the day, UTC, when flats begin, and science frames at the earliest.
const DUSK_S: f64 = 8.6 * 3600.0;
const DARKNESS_S: f64 = 9.6 * 3600.0;
/// Number in the name of the first science frame.
const FIRST_SCIENCE: usize = 1604;

/// What a frame is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The cluster.
    Light,
    /// No time, no light.
    Bias,
    /// No light.
    Dark,
    /// The twilight sky.
    Flat,
}

impl Kind {
    /// As in truth tables.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Light => "light",
            Kind::Bias => "bias",
            Kind::Dark => "dark",
            Kind::Flat => "flat",
        }
    }
}

/// One frame.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    /// Night, from 0.
    pub night: usize,
    pub kind: Kind,
    /// Of light and flats.
    pub filter: Option<Filter>,
    /// Number in the file's name.
    pub number: usize,
    /// Place and exposure of its random numbers.
    pub key: (u64, u64),
    /// Seconds.
    pub exptime_s: f64,
    /// Start, MJD, a whole second.
    pub start_mjd: f64,
    /// Of the CCD, °C.
    pub temperature_c: f64,
    /// Change of the bias level, ADU.
    pub bias_offset: f64,
    /// Electrons in a pixel of mean sensitivity; of flats.
    pub flat_level_e: f64,
    /// From the reference frame's pixels to this frame's; of light.
    pub map: Affine,
    /// Of light.
    pub weather: Option<Weather>,
}

impl Frame {
    /// Middle of the exposure, MJD.
    pub fn middle_mjd(&self) -> f64 {
        self.start_mjd + 0.5 * self.exptime_s / 86_400.0
    }

    /// Name with the night's folder before it.
    pub fn path(&self) -> String {
        let seconds = self.exptime_s;
        let filter = self
            .filter
            .map_or(String::new(), |filter| format!("{}_", filter.name()));
        let object = match self.kind {
            Kind::Light => "NGC_3201",
            Kind::Bias => "Bias",
            Kind::Dark => "Dark",
            Kind::Flat => "Flat",
        };
        let folder = folder(self.night);
        format!(
            "{folder}/{object}_{filter}{seconds:.3}secs_{:08}.fit",
            self.number
        )
    }
}

/// First second of a night's day, MJD.
fn night_mjd(night: usize) -> f64 {
    match NIGHTS.get(night) {
        Some(mjd) => *mjd,
        None => NIGHTS[2] + 2.0 * (night - 2) as f64,
    }
}

/// Folder of a night, as `march_09_2018`.
pub fn folder(night: usize) -> String {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let (date, _) = date_and_time(night_mjd(night));
    let mut parts = date.split('-');
    let mut part = || parts.next().unwrap_or_default();
    let (year, month, day) = (part(), part(), part());
    let month = month
        .parse::<usize>()
        .ok()
        .and_then(|n| MONTHS.get(n.wrapping_sub(1)));
    format!("{}_{day}_{year}", month.unwrap_or(&"month"))
}

/// When the science frames begin, MJD: after the flats.
pub fn science_start(options: &CcdOptions, night: usize) -> f64 {
    let flats = (options.flats * options.filters.len()) as f64 * (FLAT_S.1 + OVERHEAD_S);
    night_mjd(night) + (DUSK_S + flats).max(DARKNESS_S) / 86_400.0
}

/// Shortest and longest exposure of a flat, s.
const FLAT_S: (f64, f64) = (2.0, 24.0);

/// All frames in the order in which they are taken: of each night flats, science frames, darks, bias frames.
pub fn schedule(options: &CcdOptions, streams: Streams) -> Vec<Frame> {
    let before = options.flats * options.filters.len();
    let mut planner = Planner {
        options,
        streams,
        night: 0,
        clock_s: 0.0,
        number: FIRST_SCIENCE.saturating_sub(before),
        frames: Vec::new(),
    };
    for night in 0..options.nights {
        planner.night = night;
        planner.take_night();
    }
    planner.frames
}

struct Planner<'a> {
    options: &'a CcdOptions,
    streams: Streams,
    night: usize,
    /// Seconds of the night's day.
    clock_s: f64,
    number: usize,
    frames: Vec<Frame>,
}

impl Planner<'_> {
    fn take_night(&mut self) {
        let options = self.options;
        self.clock_s = DUSK_S;
        for &filter in &options.filters {
            for index in 0..options.flats {
                self.flat(filter, index);
            }
        }
        self.clock_s = (science_start(options, self.night) - night_mjd(self.night)) * 86_400.0;
        for (count, exptime_s, slot) in [
            (options.science, options.exptime, 4),
            (options.short_science, options.short_exptime(), 8),
        ] {
            for index in 0..count {
                for &filter in &options.filters {
                    self.light(filter, exptime_s, (slot, index));
                }
            }
        }
        for index in 0..options.darks {
            self.next(Kind::Dark, 10.0 * options.exptime, (12, index));
        }
        for index in 0..options.biases {
            self.next(Kind::Bias, 0.0, (13, index));
        }
    }

    /// Adds a frame without light at the end; its random numbers are known by kind, filter and index in the night.
    fn next(&mut self, kind: Kind, exptime_s: f64, (slot, index): (u64, usize)) -> &mut Frame {
        let place = (self.night as u64) << 4 | slot;
        let mut random = self.streams.of(Purpose::Temperature, place, index as u64, 0);
        let warmer = if self.options.warm_night == Some(self.night + 1) {
            2.0
        } else {
            0.0
        };
        let temperature = SET_TEMPERATURE_C + warmer + 0.1 * random.normal();
        let mut random = self.streams.of(Purpose::Level, place, index as u64, 0);
        // A level that moves is what overscan is for.
        let drift = if self.options.overscan > 0 { 2.0 } else { 0.1 };
        let clock_s = self.clock_s.ceil();
        self.clock_s = clock_s + exptime_s + OVERHEAD_S;
        self.number += 1;
        let frame = Frame {
            night: self.night,
            kind,
            filter: None,
            number: self.number - 1,
            key: (place, index as u64),
            exptime_s,
            start_mjd: night_mjd(self.night) + clock_s / 86_400.0,
            // Headers have it to a hundredth of a degree.
            temperature_c: (100.0 * temperature).round() / 100.0,
            bias_offset: drift * random.normal(),
            flat_level_e: 0.0,
            map: Affine::IDENTITY,
            weather: None,
        };
        let at = self.frames.len();
        self.frames.push(frame);
        &mut self.frames[at]
    }

    /// Exposures grow with dusk, and levels do not quite follow.
    fn flat(&mut self, filter: Filter, index: usize) {
        let place = (self.night as u64) << 4 | filter as u64;
        let mut random = self.streams.of(Purpose::Weather, place, index as u64, 0);
        let late = index as f64 / self.options.flats.max(2) as f64;
        let exptime_s = (10.0 * FLAT_S.0 * (FLAT_S.1 / FLAT_S.0).powf(late)).round() / 10.0;
        let faint = if index % 4 == 3 { 0.1 } else { 1.0 };
        let level_adu = (24_000.0 * faint * (0.3 * random.normal()).exp()).min(42_000.0);
        let level_e = level_adu * self.options.gain;
        let frame = self.next(Kind::Flat, exptime_s, (filter as u64, index));
        frame.filter = Some(filter);
        frame.flat_level_e = level_e;
    }

    fn light(&mut self, filter: Filter, exptime_s: f64, (slot, index): (u64, usize)) {
        let first = !self.frames.iter().any(|frame| frame.kind == Kind::Light);
        let slot = slot + filter as u64;
        let place = (self.night as u64) << 4 | slot;
        let map = if first {
            Affine::IDENTITY
        } else {
            let mut own = self.streams.of(Purpose::Pointing, place, index as u64, 0);
            let mut nightly = self.streams.of(Purpose::Pointing, 255, self.night as u64, 0);
            pointing(self.options, self.night, &mut nightly, &mut own)
        };
        let mut random = self.streams.of(Purpose::Weather, place, index as u64, 0);
        let frame = self.next(Kind::Light, exptime_s, (slot, index));
        frame.filter = Some(filter);
        frame.map = map;
        let weather = Weather::draw(frame.middle_mjd(), TARGET_DEG, filter, &mut random);
        frame.weather = Some(weather);
    }
}

/// Each night the camera is mounted a little differently, and each frame points a little elsewhere.
fn pointing(options: &CcdOptions, night: usize, nightly: &mut Random, own: &mut Random) -> Affine {
    let even = |random: &mut Random, half: f64| half * (2.0 * random.uniform() - 1.0);
    let flip = if night == 2 && !options.no_flip {
        180.0
    } else {
        0.0
    };
    let angle = flip + even(nightly, 0.42) + even(own, 0.08);
    let shift = (
        even(nightly, 18.0) + even(own, 14.0),
        even(nightly, 18.0) + even(own, 14.0),
    );
    let centre = (
        0.5 * (options.width as f64 - 1.0),
        0.5 * (options.height as f64 - 1.0),
    );
    Affine::turn(angle, centre, shift)
}

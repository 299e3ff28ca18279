//! What was put in, for comparison with what comes out.

use super::StisPeriod;
use super::detector::{HotPixel, dark_factor};
use super::plan::{Kind, Plan, SPECTRUM_DAY};
use super::scene::{self, TrueColumn};
use super::spectrograph::SHIFT;
use crate::cards::Cards;
use crate::{Error, Extension, Result, SimulatedFile};
use firstlight_fits::{Column, Header, Table};
use serde::Serialize;

/// The truth of a period.
#[derive(Debug, Clone)]
pub struct Truth {
    /// One a raw file.
    pub frames: Vec<FrameTruth>,
    /// The star's spectrum, one a column of the detector.
    pub spectrum: Vec<TrueColumn>,
    /// All hot pixels.
    pub hot_pixels: Vec<HotPixel>,
    /// Dark rate when the spectrum was taken, electrons/s at the reference temperature; shape `(SIDE, SIDE)`.
    pub dark: Vec<f32>,
    /// By how much dark current was stronger then than at the reference temperature.
    pub dark_factor: f64,
    /// By how much the spectrum is shifted on the detector, pixels along the dispersion and the slit.
    pub shift: (f64, f64),
    /// At which the target recedes as the Earth moves, km/s.
    pub velocity_km_s: f64,
}

/// One raw file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FrameTruth {
    /// Rootname.
    pub rootname: String,
    /// What it is of.
    pub kind: Kind,
    /// Start, MJD.
    pub start_mjd: f64,
    /// Days since the anneal.
    pub day: f64,
    /// Seconds of all parts together.
    pub exptime_s: f64,
    /// Housing temperature, °C.
    pub temperature_c: f64,
}

pub fn truth(period: &StisPeriod) -> Truth {
    let frame = |plan: &Plan| FrameTruth {
        rootname: plan.rootname.clone(),
        kind: plan.kind,
        start_mjd: plan.start(),
        day: plan.day(),
        exptime_s: plan.frames.iter().map(|frame| frame.exptime_s).sum(),
        temperature_c: plan.frames.first().map_or(0.0, |frame| frame.temperature_c),
    };
    let star = period.plans.first().map(|plan| period.star(plan));
    Truth {
        frames: period.plans.iter().map(frame).collect(),
        spectrum: star.as_ref().map_or(Vec::new(), scene::columns),
        hot_pixels: period.detector.hot.clone(),
        dark: period.detector.dark_rate(SPECTRUM_DAY),
        dark_factor: star.map_or(1.0, |star| dark_factor(star.temperature_c)),
        shift: SHIFT,
        velocity_km_s: star.map_or(0.0, |star| star.velocity),
    }
}

/// Housing temperatures every half minute about a spectrum: they swing about the mean that the header has.
pub fn engineering(plan: &Plan) -> Result<SimulatedFile> {
    let mean = plan.frames.first().map_or(0.0, |frame| frame.temperature_c);
    let (first, last) = (plan.start() - 0.02, plan.end() + 0.02);
    let times: Vec<f64> = (0..((last - first) * 2880.0) as usize)
        .map(|n| first + n as f64 / 2880.0)
        .collect();
    let swing = |time: &f64| mean + 0.15 * ((time - plan.start()) * 150.0).sin();
    let values = times.iter().map(swing).collect();
    let table = Table::new()
        .with(Column::f64("TIME", times))
        .and_then(|table| table.with(Column::f64("VALUE", values)))
        .map_err(Error::Header)?;
    let stem: String = plan.rootname.chars().take(8).collect();
    let name = format!("{stem}j_epc.fits");
    let mut cards = Cards(Header::new());
    cards.opening("STIS", 1, "2016-12-01", (&name, "EPC"))?;
    Ok(SimulatedFile {
        primary: cards.0,
        name,
        extensions: vec![Extension::Table(Header::new(), table)],
    })
}

//! The sum over a box about the trace, column by column.

use super::background::{Background, background};
use super::spectrum::Spectrum;
use crate::stis::SpectralImset;
use crate::stis::tables::sptrctab::Trace;
use crate::stis::tables::xtractab::Extraction;
use firstlight_frame::Frame;
use rayon::prelude::*;

/// What a column gives.
struct Column {
    gross: f32,
    background: f32,
    net: f32,
    error: f32,
    dq: u16,
    extrlocy: f32,
}

/// Sums the pixels within EXTRSIZE of the trace at `line`, those at the ends with the part of them that lies within, and
/// under them the background. All pixels count, whatever their bits, which are joined in DQ. The lowest row of the image
/// is never part of a box. Rates are per second; ERROR is that of the gross counts.
pub fn extract(
    frame: &Frame,
    imset: &SpectralImset,
    trace: &Trace,
    line: f64,
    extraction: &Extraction,
    subtract: bool,
) -> Spectrum {
    let column = |x: usize| {
        let at = imset.detector_x(x as f64) as i64;
        let centre = line + trace.displacement(at);
        let beside = match subtract {
            true => background(frame, imset, x, centre, extraction),
            false => Background::default(),
        };
        sum_column(frame, imset, x, centre, extraction.extrsize, &beside)
    };
    let columns: Vec<Column> = (0..frame.sci.nx()).into_par_iter().map(column).collect();
    let singles = |of: fn(&Column) -> f32| columns.iter().map(of).collect::<Vec<f32>>();
    Spectrum {
        wavelength: vec![0.0; columns.len()],
        gross: singles(|column| column.gross),
        background: singles(|column| column.background),
        net: singles(|column| column.net),
        flux: vec![0.0; columns.len()],
        error: singles(|column| column.error),
        net_error: singles(|column| column.error),
        dq: columns.iter().map(|column| column.dq).collect(),
        extrlocy: singles(|column| column.extrlocy),
        ..Spectrum::default()
    }
}

fn sum_column(
    frame: &Frame,
    imset: &SpectralImset,
    x: usize,
    centre: f64,
    extrsize: f64,
    beside: &Background,
) -> Column {
    let half = extrsize * imset.ltm.1 / 2.0;
    let (low, high) = (imset.image_y(centre) - half, imset.image_y(centre) + half);
    let (first, last) = (pixel_of(low), pixel_of(high));
    let parts = [0.5 - (low - first as f64), 0.5 + high - last as f64];
    let mut sums = Sums {
        dq: beside.dq,
        ..Sums::default()
    };
    // The ends come first: sums of another order would have other last digits.
    sums.add(frame, x, first, parts[0], beside);
    if last > first {
        sums.add(frame, x, last, parts[1], beside);
    }
    for y in first.saturating_add(1).max(0)..last.min(frame.sci.ny() as i64) {
        sums.add(frame, x, y, 1.0, beside);
    }
    let rate = |sum: f64| match imset.exptime_s > 0.0 {
        true => (f64::from(sum as f32) / imset.exptime_s) as f32,
        false => 0.0,
    };
    Column {
        gross: rate(sums.gross),
        background: rate(sums.background),
        net: rate(sums.net),
        error: rate(if sums.variance > 0.0 {
            sums.variance.sqrt()
        } else {
            0.0
        }),
        dq: sums.dq,
        extrlocy: (imset.image_y(centre) + 1.0) as f32,
    }
}

#[derive(Default)]
struct Sums {
    gross: f64,
    background: f64,
    net: f64,
    variance: f64,
    dq: u16,
}

impl Sums {
    fn add(&mut self, frame: &Frame, x: usize, y: i64, part: f64, beside: &Background) {
        let Some(row) = usize::try_from(y)
            .ok()
            .filter(|&row| row > 0 && row < frame.sci.ny())
        else {
            return;
        };
        let at = row * frame.sci.nx() + x;
        let pixel = f64::from(frame.sci.as_slice()[at]);
        let err = f64::from(frame.err.as_slice()[at]);
        let under = beside.at(row as f64);
        self.gross += pixel * part;
        self.background += under * part;
        self.net += (pixel - under) * part;
        self.variance += err * err * part;
        self.dq |= frame.dq.as_slice()[at];
    }
}

/// The pixel that an end of a box lies in.
fn pixel_of(end: f64) -> i64 {
    let whole = end.trunc();
    whole as i64 + i64::from(end - whole >= 0.5)
}

//! Reference images: superbias, superdarks, flat field, full wells, sink pixels, post-flash.

use crate::acs::bias::BiasStructure;
use crate::acs::camera::Detector;
use crate::acs::expose::trailed_dark;
use crate::acs::geometry::{Section, of_both_chips, sections, whole};
use crate::acs::silicon::{Silicon, place};
use crate::acs::{AcsOptions, AcsVisit};
use crate::cards::Cards;
use crate::streams::Purpose;
use crate::{Extension, Result};
use firstlight_fits::{Header, Value};
use rayon::prelude::*;

/// Errors of the superbias, DN; of flat fields; of superdarks, electrons/s; of the lamp, electrons/s.
const BIAS_ERROR: f32 = 0.25;
const FLAT_ERROR: f32 = 0.0015;
const LAMP_ERROR: f32 = 0.02;

/// The imsets of an image, one a chip of the detector.
pub fn imsets(visit: &AcsVisit, keyword: &str) -> Result<Vec<Extension>> {
    let mut all = Vec::new();
    if keyword == "SNKCFILE" {
        // Of both chips always: calibration tells the direction of read-out from the EXTVER.
        for section in sections(visit.options.detector, None) {
            all.extend(sinks(visit, &section)?);
        }
        return Ok(all);
    }
    let AcsOptions {
        detector, subarray, ..
    } = visit.options;
    for section in &of_both_chips(detector, subarray) {
        all.extend(match keyword {
            "BIASFILE" => bias(visit, section)?,
            // Of the whole chip always: calibration looks for the subarray in it by its offset.
            "SATUFILE" => full_well(visit, &whole(section))?,
            "DARKFILE" => dark(visit, section, true)?,
            "DRKCFILE" => dark(visit, section, false)?,
            "FLSHFILE" => flash(visit, section)?,
            _ => flat(visit, section)?,
        });
    }
    Ok(all)
}

/// Which part of the chip an image shows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// All that is read, overscan included.
    Raw,
    /// The imaging area.
    Imaging,
}

impl Extent {
    fn shape(self, section: &Section) -> (usize, usize) {
        match self {
            Extent::Raw => section.raw_shape(),
            Extent::Imaging => section.shape,
        }
    }
}

fn header(section: &Section, extent: Extent, name: &str, unit: &str) -> Result<Cards> {
    let mut cards = Cards(Header::new());
    let ltv = match extent {
        Extent::Raw => section.raw_ltv(),
        Extent::Imaging => (-(section.origin.0 as f64), -(section.origin.1 as f64)),
    };
    cards.card("EXTNAME", name, "extension name")?;
    cards.card("EXTVER", section.version, "extension version number")?;
    cards.card("BUNIT", unit, "brightness units")?;
    if name == "SCI" {
        let chip = section.chip.unwrap_or(1);
        cards.card("CCDCHIP", chip, "CCD chip (1 or 2)")?;
    }
    // Not the negative zero that the first column's offset is.
    cards.card("LTV1", ltv.0 + 0.0, "offset in X to subsection start")?;
    cards.card("LTV2", ltv.1 + 0.0, "offset in Y to subsection start")?;
    cards.card("LTM1_1", 1.0, "reciprocal of sampling rate in X")?;
    cards.card("LTM2_2", 1.0, "reciprocal of sampling rate in Y")?;
    cards.card("BINAXIS1", 1, "axis1 data bin size")?;
    cards.card("BINAXIS2", 1, "axis2 data bin size")?;
    Ok(cards)
}

fn constant(
    section: &Section,
    extent: Extent,
    name: &str,
    unit: &str,
    value: impl Into<Value>,
) -> Result<Extension> {
    let (ny, nx) = extent.shape(section);
    let mut cards = header(section, extent, name, unit)?;
    cards.card("NPIX1", nx as i64, "length of constant array axis 1")?;
    cards.card("NPIX2", ny as i64, "length of constant array axis 2")?;
    cards.card("PIXVALUE", value, "values of pixels in constant array")?;
    Ok(Extension::Constant(cards.0))
}

fn science(section: &Section, extent: Extent, unit: &str, pixels: Vec<f32>) -> Result<Extension> {
    let header = header(section, extent, "SCI", unit)?.0;
    Ok(Extension::Real(header, extent.shape(section), pixels))
}

/// SCI with an error that is the same everywhere and no flags.
fn plain(
    section: &Section,
    extent: Extent,
    unit: &str,
    pixels: Vec<f32>,
    error: f32,
) -> Result<Vec<Extension>> {
    Ok(vec![
        science(section, extent, unit, pixels)?,
        constant(section, extent, "ERR", unit, f64::from(error))?,
        constant(section, extent, "DQ", "UNITLESS", 0_i64)?,
    ])
}

/// What makes a reference a measurement: noise of its own.
fn noisy(visit: &AcsVisit, section: &Section, image: u64, pixels: &mut [f32], nx: usize, error: f32) {
    let place = place(visit.options.detector, section.chip_number());
    pixels.par_chunks_mut(nx).enumerate().for_each(|(row, line)| {
        let mut random = visit.streams.of(Purpose::ReferenceNoise, place, image, row);
        line.iter_mut()
            .for_each(|pixel| *pixel += error * random.normal() as f32);
    });
}

/// An image of the imaging area, row by row of the chip.
fn rows(section: &Section, row: impl Fn(usize) -> Vec<f32> + Sync) -> Vec<f32> {
    let (ny, nx) = section.shape;
    let (x0, y0) = section.origin;
    let mut pixels = vec![0.0; ny * nx];
    pixels.par_chunks_mut(nx).enumerate().for_each(|(y, line)| {
        line.copy_from_slice(&row(y + y0)[x0..x0 + nx]);
    });
    pixels
}

/// The same with the overscan about it at `outside`.
fn framed(section: &Section, imaging: &[f32], outside: f32) -> Vec<f32> {
    let ((ny, nx), (raw_ny, raw_nx)) = (section.shape, section.raw_shape());
    let mut raw = vec![outside; raw_ny * raw_nx];
    for y in 0..ny {
        let first = (y + section.virtual_rows.0) * raw_nx + section.prescan.0;
        raw[first..first + nx].copy_from_slice(&imaging[y * nx..(y + 1) * nx]);
    }
    raw
}

fn bias(visit: &AcsVisit, section: &Section) -> Result<Vec<Extension>> {
    let (ny, nx) = section.raw_shape();
    let structures: Vec<BiasStructure> = section
        .regions
        .iter()
        .map(|region| BiasStructure::new(visit.options.detector, region.amplifier, visit.streams))
        .collect();
    let mut pixels = vec![0.0; ny * nx];
    pixels.par_chunks_mut(nx).enumerate().for_each(|(row, line)| {
        let j = section.raw_row(row);
        for (region, structure) in section.regions.iter().zip(&structures) {
            let pattern = structure.row(j, region.prescan, region.columns);
            for (i, value) in pattern.into_iter().enumerate() {
                line[region.raw_column(i)] = value;
            }
        }
    });
    noisy(visit, section, 1, &mut pixels, nx, BIAS_ERROR);
    plain(section, Extent::Raw, "COUNTS", pixels, BIAS_ERROR)
}

fn flat(visit: &AcsVisit, section: &Section) -> Result<Vec<Extension>> {
    let silicon = visit.silicon(section);
    let mut pixels = rows(section, |y| silicon.flat_row(y));
    if visit.optics.is_some() {
        // It makes the sky even, which larger pixels take more of.
        let nx = section.shape.1;
        pixels.par_chunks_mut(nx).enumerate().for_each(|(y, line)| {
            for (x, pixel) in line.iter_mut().enumerate() {
                *pixel *= visit.area(section, x as f64, y as f64) as f32;
            }
        });
    }
    noisy(visit, section, 2, &mut pixels, section.shape.1, FLAT_ERROR);
    plain(section, Extent::Imaging, "UNITLESS", pixels, FLAT_ERROR)
}

fn flash(visit: &AcsVisit, section: &Section) -> Result<Vec<Extension>> {
    let silicon = visit.silicon(section);
    let (_, nx) = visit.options.detector.chip_shape();
    let mut pixels = rows(section, |y| (0..nx).map(|x| silicon.flash_rate(x, y)).collect());
    noisy(visit, section, 3, &mut pixels, section.shape.1, LAMP_ERROR);
    plain(section, Extent::Imaging, "ELECTRONS/S", pixels, LAMP_ERROR)
}

/// Dark rates; with `trails` as they come out of the read-out.
fn dark(visit: &AcsVisit, section: &Section, trails: bool) -> Result<Vec<Extension>> {
    let silicon = visit.silicon(section);
    let mut pixels = rows(section, |y| silicon.dark_row(y));
    let flags = Silicon::dark_flags(&pixels);
    if trails && visit.options.has_losses() {
        pixels = trailed_dark(visit, section, &pixels);
    }
    let sbc = visit.options.detector == Detector::Sbc;
    let error = if sbc { 4.0e-7 } else { 4.0e-4 };
    noisy(
        visit,
        section,
        4 + u64::from(trails),
        &mut pixels,
        section.shape.1,
        error,
    );
    let unit = if sbc { "COUNTS/S" } else { "ELECTRONS/S" };
    let dq = header(section, Extent::Imaging, "DQ", "UNITLESS")?.0;
    Ok(vec![
        science(section, Extent::Imaging, unit, pixels)?,
        constant(section, Extent::Imaging, "ERR", unit, f64::from(error))?,
        Extension::Integer(dq, section.shape, flags),
    ])
}

/// Full wells, a little below the true ones: charge transfer and flat fielding change what comes of a full pixel.
fn full_well(visit: &AcsVisit, section: &Section) -> Result<Vec<Extension>> {
    let silicon = visit.silicon(section);
    let (_, nx) = visit.options.detector.chip_shape();
    let pixels = rows(section, |y| {
        (0..nx).map(|x| 0.98 * silicon.full_well(x, y)).collect()
    });
    let raw = framed(section, &pixels, 200_000.0);
    plain(section, Extent::Raw, "ELECTRONS", raw, 0.0)
}

/// Sink pixels by their depth, below nought; their neighbour on the side of the amplifier -1; those on the other side
/// the signal up to which they are touched.
fn sinks(visit: &AcsVisit, section: &Section) -> Result<Vec<Extension>> {
    let silicon = visit.silicon(section);
    let (ny, nx) = section.shape;
    let (x0, y0) = section.origin;
    let mut pixels = vec![0.0; ny * nx];
    let away: isize = if section.is_read_from_the_top() { -1 } else { 1 };
    for sink in silicon.sinks() {
        for (step, value) in [(-1, -1.0), (0, -sink.depth_e), (1, 999.0), (2, 70.0), (3, 25.0)] {
            let y = sink.y as isize + step * away - y0 as isize;
            if (0..ny as isize).contains(&y) && (x0..x0 + nx).contains(&sink.x) {
                pixels[y as usize * nx + sink.x - x0] = value;
            }
        }
    }
    Ok(vec![science(
        section,
        Extent::Raw,
        "UNITLESS",
        framed(section, &pixels, 0.0),
    )?])
}

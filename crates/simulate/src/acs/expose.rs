//! From the sky to raw pixels.

use super::bias::BiasStructure;
use super::camera::Detector;
use super::geometry::Section;
use super::readout::{Readout, stripes};
use super::silicon::{Silicon, place};
use super::traps::{Traps, density, growth, has_serial_losses};
use super::{AcsVisit, Plan, Set, header, offset_of, references, sky_rate, star_image};
use crate::cosmic_rays;
use crate::streams::Purpose;
use crate::{Result, SimulatedFile};
use rayon::prelude::*;

/// An exposure: what is stored, and what was there.
#[derive(Debug, Clone)]
pub struct Exposed {
    /// The raw file.
    pub raw: SimulatedFile,
    /// Electrons in each imaging pixel before charge was transferred (`ELECTRONS`), and which pixels cosmic rays
    /// hit (`CRMASK`).
    pub truth: SimulatedFile,
}

/// Charge on the imaging area of a section.
struct Charge {
    electrons: Vec<f32>,
    hit: Vec<u8>,
}

pub(super) fn expose(visit: &AcsVisit, plan: &Plan) -> Result<Exposed> {
    let rows = visit.sections.iter().map(|section| section.raw_shape().0).max();
    let stripes = if visit.options.detector == Detector::Wfc && has_serial_losses(visit.options.era) {
        stripes(rows.unwrap_or(0) + 2, visit.streams, plan.number as u64)
    } else {
        Vec::new()
    };
    let mut raw = Vec::new();
    let mut truth = Vec::new();
    for section in &visit.sections {
        let charge = gather(visit, plan, section);
        let stored = if visit.options.detector == Detector::Sbc {
            count(&charge.electrons)
        } else {
            let moved = transfer(visit, section, &charge.electrons, plan.start_mjd);
            digitise(visit, plan, section, &stripes, &moved)
        };
        raw.extend(header::raw_imset(visit, plan, section, stored)?);
        truth.extend(header::truth_imset(
            visit,
            plan,
            section,
            charge.electrons,
            charge.hit,
        )?);
    }
    Ok(Exposed {
        raw: SimulatedFile {
            name: format!("{}_raw.fits", plan.rootname),
            primary: header::primary(visit, plan)?,
            extensions: raw,
        },
        truth: SimulatedFile {
            name: format!("{}_truth.fits", plan.rootname),
            primary: header::truth_primary(visit, plan)?,
            extensions: truth,
        },
    })
}

/// Exposes a section: light and dark current arrive one by one, cosmic rays on top; what a pixel cannot hold runs
/// along its column.
fn gather(visit: &AcsVisit, plan: &Plan, section: &Section) -> Charge {
    let options = &visit.options;
    let silicon = visit.silicon(section);
    let (ny, nx) = section.shape;
    let mut light = sky(visit, section);
    for (star, (x, y)) in visit
        .stars
        .iter()
        .zip(star_places(visit, plan, section))
        .filter_map(|(star, place)| Some((star, place?)))
    {
        star_image::add(&mut light, section.shape, (x, y), star.rate * options.exptime);
    }
    let place = place(options.detector, section.chip_number());
    let number = plan.number as u64;
    let flash = options.flash as f32;
    let dark_time_s = visit.dark_time_s() as f32;
    let (x0, y0) = section.origin;
    light.par_chunks_mut(nx).enumerate().for_each(|(row, line)| {
        let y = row + y0;
        let (flat, dark) = (silicon.flat_row(y), silicon.dark_row(y));
        let mut random = visit.streams.of(Purpose::Photons, place, number, y);
        for (column, pixel) in line.iter_mut().enumerate() {
            let x = column + x0;
            let lamp = if flash > 0.0 {
                flash * silicon.flash_rate(x, y)
            } else {
                0.0
            };
            let mean = *pixel * flat[x] + dark[x] * dark_time_s + lamp;
            *pixel = random.counts(f64::from(mean)) as f32;
        }
    });
    let sbc = options.detector == Detector::Sbc;
    let quiet = options.no_cosmic_rays || sbc || options.set == Set::Bias;
    let mut electrons = light;
    let mut random = visit.streams.of(Purpose::CosmicRays, place, number, 0);
    let time = if quiet { 0.0 } else { options.exptime };
    let pixel_um = options.detector.pixel_um();
    let hit = cosmic_rays::add(&mut electrons, section.shape, (pixel_um, time), &mut random);
    if sbc {
        miss(&mut electrons, visit, plan);
    } else {
        bloom(&mut electrons, section, &silicon);
        for sink in silicon.sinks() {
            let inside = (x0..x0 + nx).contains(&sink.x) && (y0..y0 + ny).contains(&sink.y);
            if inside {
                let pixel = &mut electrons[(sink.y - y0) * nx + sink.x - x0];
                *pixel = (*pixel - sink.depth_e).max(0.0);
            }
        }
    }
    Charge { electrons, hit }
}

/// The sky's electrons in each pixel of mean sensitivity: as many as its area takes in.
fn sky(visit: &AcsVisit, section: &Section) -> Vec<f32> {
    let (ny, nx) = section.shape;
    let electrons = sky_rate(visit.options.detector) * visit.options.exptime;
    let mut light = vec![electrons as f32; ny * nx];
    if visit.optics.is_some() {
        light.par_chunks_mut(nx).enumerate().for_each(|(y, line)| {
            for (x, pixel) in line.iter_mut().enumerate() {
                *pixel = (electrons * visit.area(section, x as f64, y as f64)) as f32;
            }
        });
    }
    light
}

/// Where each star falls on the imaging area of a section, 0-based pixels; `None` where it sends no light there.
pub(super) fn star_places(visit: &AcsVisit, plan: &Plan, section: &Section) -> Vec<Option<(f64, f64)>> {
    let (ny, nx) = section.shape;
    let reach = star_image::REACH as f64 + 1.0;
    let (ox, oy) = offset_of(visit.options.detector, section, 0.0, 0.0);
    let inside = |at: f64, n: usize| at > -reach && at < n as f64 + reach;
    let place = |star: &super::Star| {
        let (u, v) = plan.pointing.offset(star.ra_deg, star.dec_deg)?;
        let (x, y) = visit.optics.map_or((u, v), |optics| optics.detector(u, v));
        let (x, y) = (x - ox, y - oy);
        (inside(x, nx) && inside(y, ny)).then_some((x, y))
    };
    visit.stars.iter().map(place).collect()
}

/// The MAMA misses counts while it handles others: of a true rate R it sees R exp(-R tau).
fn miss(counts: &mut [f32], visit: &AcsVisit, plan: &Plan) {
    if visit.options.exptime <= 0.0 {
        return;
    }
    let all: f64 = counts.iter().map(|&count| f64::from(count)).sum();
    let seen = (-references::DEAD_TIME_S * all / visit.options.exptime).exp();
    let (_, nx) = visit.options.detector.chip_shape();
    counts.par_chunks_mut(nx).enumerate().for_each(|(y, line)| {
        let mut random = visit.streams.of(Purpose::Photons, 64, plan.number as u64, y);
        for pixel in line {
            let lost = (0..*pixel as usize).filter(|_| random.uniform() >= seen).count();
            *pixel -= lost as f32;
        }
    });
}

/// Spreads what is above the full well along columns, half up and half down.
fn bloom(electrons: &mut [f32], section: &Section, silicon: &Silicon) {
    let (ny, nx) = section.shape;
    let (x0, y0) = section.origin;
    let well = |x: usize, y: usize| silicon.full_well(x + x0, y + y0);
    // Rows from below, columns from the left: the same whatever the number of threads.
    for y in 0..ny {
        for x in 0..nx {
            let excess = electrons[y * nx + x] - well_if_near(electrons[y * nx + x], || well(x, y));
            if excess <= 0.0 {
                continue;
            }
            electrons[y * nx + x] -= excess;
            let mut halves = [0.5 * excess, 0.5 * excess];
            for distance in 1..ny {
                let neighbours = [y.checked_sub(distance), Some(y + distance).filter(|&y| y < ny)];
                for (half, neighbour) in halves.iter_mut().zip(neighbours) {
                    if let Some(y) = neighbour {
                        let pixel = &mut electrons[y * nx + x];
                        let taken = half.min((well(x, y) - *pixel).max(0.0));
                        *pixel += taken;
                        *half -= taken;
                    }
                }
                if halves.iter().all(|&half| half <= 0.0) {
                    break;
                }
            }
        }
    }
}

/// The full well, not asked for where a pixel is far from it.
fn well_if_near(electrons: f32, well: impl Fn() -> f32) -> f32 {
    if electrons < 50_000.0 { f32::MAX } else { well() }
}

/// Brings the charge to the amplifiers: the raw image in electrons, prescan and virtual rows included.
fn transfer(visit: &AcsVisit, section: &Section, electrons: &[f32], mjd: f64) -> Vec<f32> {
    let (ny, nx) = section.shape;
    let (raw_ny, raw_nx) = section.raw_shape();
    let below = section.virtual_rows.0;
    let losses = visit.options.has_losses();
    let silicon = visit.silicon(section);
    let growth = growth(mjd);
    let (traps, virtual_rows) = (Traps::parallel(), raw_ny - ny);
    let columns: Vec<Vec<f32>> = (0..nx)
        .into_par_iter()
        .map(|x| {
            let mut line: Vec<f64> = (0..ny)
                .map(|j| {
                    let row = section.raw_row(j) - below;
                    f64::from(electrons[row * nx + x])
                })
                .collect();
            line.resize(ny + virtual_rows, 0.0);
            if losses {
                let scale = silicon.trap_scale(x + section.origin.0);
                let density = density(line.len(), scale, growth);
                traps.read_out(&mut line, &density);
            }
            line.into_iter().map(|packet| packet as f32).collect()
        })
        .collect();
    let mut raw = vec![0.0; raw_ny * raw_nx];
    let serial = losses && has_serial_losses(visit.options.era);
    let serial_traps: Vec<Traps> = section
        .regions
        .iter()
        .map(|region| Traps::serial(region.amplifier))
        .collect();
    raw.par_chunks_mut(raw_nx).enumerate().for_each(|(row, line)| {
        let j = section.raw_row(row);
        for (x, column) in columns.iter().enumerate() {
            line[section.prescan.0 + x] = column[j];
        }
        if serial {
            for (region, traps) in section.regions.iter().zip(&serial_traps) {
                let at = |k: usize| region.raw_column(region.prescan + k);
                let mut packets: Vec<f64> = (0..region.imaging).map(|k| f64::from(line[at(k)])).collect();
                traps.read_out(&mut packets, &density(region.imaging, [1.0; 4], growth));
                for (k, packet) in packets.into_iter().enumerate() {
                    line[at(k)] = packet as f32;
                }
            }
        }
    });
    raw
}

fn digitise(visit: &AcsVisit, plan: &Plan, section: &Section, stripes: &[f64], charge: &[f32]) -> Vec<u16> {
    let structures: Vec<BiasStructure> = section
        .regions
        .iter()
        .map(|region| BiasStructure::new(visit.options.detector, region.amplifier, visit.streams))
        .collect();
    Readout {
        section,
        electronics: visit.electronics,
        structures: &structures,
        stripes,
        cross_talk: has_serial_losses(visit.options.era) && section.regions.len() == 2,
        streams: visit.streams,
        exposure: plan.number as u64,
    }
    .digitise(charge)
}

/// Trails that a superdark of 1000 s shows: dark rates of a section as they come out of the read-out, electrons/s.
pub(super) fn trailed_dark(visit: &AcsVisit, section: &Section, dark: &[f32]) -> Vec<f32> {
    let exposed: Vec<f32> = dark.iter().map(|rate| 1000.0 * rate).collect();
    let raw = transfer(visit, section, &exposed, visit.options.era.start_mjd());
    let (ny, nx) = section.shape;
    let raw_nx = section.raw_shape().1;
    let rows = (0..ny).flat_map(|y| {
        let first = (y + section.virtual_rows.0) * raw_nx + section.prescan.0;
        raw[first..first + nx].iter().map(|electrons| electrons / 1000.0)
    });
    rows.collect()
}

/// Photon counts as they are stored.
fn count(counts: &[f32]) -> Vec<u16> {
    counts.iter().map(|&n| n.min(65_535.0) as u16).collect()
}

//! Cosmic rays of a single frame by what stands above the median around, as IRAF's crmedian finds them.

use super::{CcdFrame, Real, dq};
use crate::{Error, Result};
use firstlight_stats::mean_and_std;
use rayon::prelude::*;
use serde::Serialize;

/// How cosmic rays are found and replaced, under ccdproc's names.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CosmicMedianOptions {
    /// Least height above the median, in errors.
    pub thresh: f64,
    /// Sides of the box of that median, pixels.
    pub mbox: usize,
    /// Sides of the box that a cosmic ray grows to, pixels; 0 leaves it as it is.
    pub gbox: usize,
    /// Sides of the box of the median that takes its place, pixels; 0 replaces nothing.
    pub rbox: usize,
    /// The error of all pixels, in the unit of the frame, in place of the frame's uncertainty.
    pub error: Option<f64>,
}

impl Default for CosmicMedianOptions {
    fn default() -> Self {
        Self {
            thresh: 5.0,
            mbox: 11,
            gbox: 0,
            rbox: 0,
            error: None,
        }
    }
}

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct CosmicMedianReport {
    /// Pixels of cosmic rays.
    pub pixels: usize,
}

/// Gives pixels that stand above the median of the box around them by more than `thresh` errors the bit [`dq::COSMIC_RAY`],
/// grows them, and replaces their samples by the median of another box, as far as that is asked for.
///
/// The error is that of the options, else the uncertainty of the frame, else the standard deviation of its samples. Samples that
/// are masked by any bit or not finite count in no median and in no deviation, and are no cosmic rays unless one grows over
/// them. At the edges a frame goes on as in a mirror, whose first pixel is the last one of the frame. Of an even number of
/// samples the median is the upper one of the two in the middle. The uncertainty stays as it is.
///
/// # Errors
/// [`Error::Shape`] for planes that differ in shape; [`Error::Parameter`]. The frame is as it was then.
pub fn cosmicray_median<T: Real>(
    frame: &mut CcdFrame<T>,
    options: &CosmicMedianOptions,
) -> Result<CosmicMedianReport> {
    frame.check()?;
    check(options)?;
    let field = Field::of(frame);
    let errors = frame.err.as_ref().filter(|_| options.error.is_none());
    let level = match (options.error, errors) {
        (Some(level), _) => level,
        (None, Some(_)) => 0.0,
        (None, None) => field.deviation(),
    };
    let nx = field.nx;
    let mut cosmics = vec![false; field.samples.len()];
    cosmics.par_chunks_mut(nx.max(1)).enumerate().for_each_init(
        || Window::new(options.mbox),
        |window, (y, row)| {
            for (x, cosmic) in row.iter_mut().enumerate() {
                let i = y * nx + x;
                let error = errors.map_or(level, |errors| errors.as_slice()[i].wide());
                let above = window
                    .median(&field, x, y)
                    .map(|median| field.samples[i] - median);
                // A sample that does not count is not a number, and above nothing.
                *cosmic = above.is_some_and(|above| above / error > options.thresh);
            }
        },
    );
    if options.gbox > 1 {
        cosmics = grown(&cosmics, (field.ny, nx), options.gbox);
    }
    if options.rbox > 0 {
        let rows = frame.sci.as_mut_slice().par_chunks_mut(nx.max(1));
        rows.enumerate().for_each_init(
            || Window::new(options.rbox),
            |window, (y, row)| {
                let found = row.iter_mut().enumerate().zip(&cosmics[y * nx..]);
                for ((x, sample), _) in found.filter(|(_, cosmic)| **cosmic) {
                    if let Some(median) = window.median(&field, x, y) {
                        *sample = T::narrow(median);
                    }
                }
            },
        );
    }
    frame.flag(&cosmics, dq::COSMIC_RAY);
    Ok(CosmicMedianReport {
        pixels: cosmics.iter().filter(|&&cosmic| cosmic).count(),
    })
}

fn check(options: &CosmicMedianOptions) -> Result<()> {
    let refuse = |parameter, expected, found: String| {
        Err(Error::Parameter {
            parameter,
            expected,
            found,
        })
    };
    if options.thresh.is_nan() {
        return refuse("thresh", "a number", options.thresh.to_string());
    }
    if options.mbox == 0 {
        return refuse("mbox", "at least 1 pixel", options.mbox.to_string());
    }
    let largest = [
        ("mbox", options.mbox),
        ("gbox", options.gbox),
        ("rbox", options.rbox),
    ];
    for (parameter, side) in largest {
        if side > 999 {
            return refuse(parameter, "less than 1000 pixels", side.to_string());
        }
    }
    match options.error {
        Some(error) if error.is_nan() || error < 0.0 => {
            refuse("error_image", "zero or more", error.to_string())
        }
        _ => Ok(()),
    }
}

/// Samples, NaN where they do not count.
struct Field {
    samples: Vec<f64>,
    ny: usize,
    nx: usize,
    /// Whether all count.
    whole: bool,
}

impl Field {
    fn of<T: Real>(frame: &CcdFrame<T>) -> Self {
        let samples: Vec<f64> = frame
            .sci
            .as_slice()
            .par_iter()
            .enumerate()
            .map(|(i, sample)| {
                let sample = sample.wide();
                if sample.is_finite() && frame.is_good(i) {
                    sample
                } else {
                    f64::NAN
                }
            })
            .collect();
        let (ny, nx) = frame.shape();
        Self {
            whole: samples.iter().all(|sample| !sample.is_nan()),
            samples,
            ny,
            nx,
        }
    }

    /// NaN where no sample counts.
    fn deviation(&self) -> f64 {
        mean_and_std(&self.samples).map_or(f64::NAN, |(_, std)| std)
    }
}

/// The place within `n` pixels of place `at` of the frame and its mirrors.
fn mirrored(at: isize, n: usize) -> usize {
    let place = at.rem_euclid(2 * n as isize) as usize;
    place.min(2 * n - 1 - place)
}

/// A box that goes over a frame.
struct Window {
    side: usize,
    held: Vec<f64>,
}

impl Window {
    fn new(side: usize) -> Self {
        Self {
            side,
            held: Vec::with_capacity(side * side),
        }
    }

    /// The median of the box about a pixel; none where no sample of it counts.
    fn median(&mut self, field: &Field, x: usize, y: usize) -> Option<f64> {
        self.held.clear();
        let (nx, before) = (field.nx, (self.side / 2) as isize);
        let (left, top) = (x as isize - before, y as isize - before);
        let inside = left >= 0 && left as usize + self.side <= nx;
        for row in 0..self.side as isize {
            let row = &field.samples[mirrored(top + row, field.ny) * nx..][..nx];
            if inside {
                self.held.extend_from_slice(&row[left as usize..][..self.side]);
            } else {
                let columns = (0..self.side as isize).map(|column| mirrored(left + column, nx));
                self.held.extend(columns.map(|column| row[column]));
            }
        }
        if !field.whole {
            self.held.retain(|sample| !sample.is_nan());
        }
        let middle = self.held.len() / 2;
        let (_, median, _) =
            (!self.held.is_empty()).then(|| self.held.select_nth_unstable_by(middle, f64::total_cmp))?;
        Some(*median)
    }
}

/// Pixels whose box holds one.
fn grown(found: &[bool], (ny, nx): (usize, usize), side: usize) -> Vec<bool> {
    let before = side / 2;
    let within = |at: usize, n: usize| at.saturating_sub(before)..(at + side - before).min(n);
    let along: Vec<bool> = (0..found.len())
        .into_par_iter()
        .map(|i| found[i / nx * nx..][within(i % nx, nx)].contains(&true))
        .collect();
    (0..found.len())
        .into_par_iter()
        .map(|i| within(i / nx, ny).any(|y| along[y * nx + i % nx]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::CcdUnit;
    use super::*;
    use firstlight_frame::Image;

    /// A ramp whose medians are its own samples, with a ray of two pixels.
    fn ramp() -> CcdFrame<f32> {
        let mut sci = Image::from_fn(40, 50, |x, y| (x + 3 * y) as f32);
        sci[(10, 20)] += 500.0;
        sci[(10, 21)] += 400.0;
        CcdFrame::new(sci, CcdUnit::Adu)
    }

    fn found(frame: &CcdFrame<f32>) -> Vec<(usize, usize)> {
        let mask = frame.mask().unwrap();
        let all = (0..40).flat_map(|y| (0..50).map(move |x| (x, y)));
        all.filter(|&(x, y)| mask[(y, x)]).collect()
    }

    #[test]
    fn a_ray_is_found_and_replaced_by_the_median_around() {
        let options = CosmicMedianOptions {
            error: Some(10.0),
            rbox: 5,
            ..Default::default()
        };
        let mut frame = ramp();
        let report = cosmicray_median(&mut frame, &options).unwrap();
        assert_eq!((report.pixels, found(&frame)), (2, vec![(20, 10), (21, 10)]));
        assert!(
            (frame.sci[(10, 20)] - 50.0).abs() <= 2.0,
            "{}",
            frame.sci[(10, 20)]
        );
        let mut plain = ramp();
        let flag_only = CosmicMedianOptions { rbox: 0, ..options };
        cosmicray_median(&mut plain, &flag_only).unwrap();
        assert_eq!(plain.sci, ramp().sci);
        assert_eq!(plain.dq, frame.dq);
        // By the frame's own uncertainty, too large for the fainter one.
        let mut frame = ramp();
        frame.err = Some(Image::filled(40, 50, 90.0));
        let own = CosmicMedianOptions::default();
        cosmicray_median(&mut frame, &own).unwrap();
        assert_eq!(found(&frame), [(20, 10)]);
        // By the deviation of all samples.
        cosmicray_median(&mut ramp(), &own).unwrap();
    }

    #[test]
    fn rays_grow_by_boxes_and_stay_in_the_frame() {
        let mut frame = ramp();
        frame.sci[(0, 49)] += 900.0;
        let grow = |gbox| CosmicMedianOptions {
            gbox,
            error: Some(10.0),
            ..Default::default()
        };
        let mut odd = frame.clone();
        cosmicray_median(&mut odd, &grow(3)).unwrap();
        assert_eq!(found(&odd).len(), 12 + 4);
        let mut even = frame.clone();
        cosmicray_median(&mut even, &grow(2)).unwrap();
        // A box of two holds the pixel and the one before it: it grows to the right and upwards.
        assert_eq!(
            found(&even),
            [
                (49, 0),
                (49, 1),
                (20, 10),
                (21, 10),
                (22, 10),
                (20, 11),
                (21, 11),
                (22, 11)
            ]
        );
    }

    #[test]
    fn what_is_masked_or_undefined_counts_in_no_median() {
        let mut frame = ramp();
        for (x, y) in [(30, 30), (31, 30), (30, 31), (31, 31), (32, 30)] {
            frame.sci[(y, x)] = 9000.0;
            frame.dq_mut()[(y, x)] = dq::BAD_PIXEL;
        }
        frame.sci[(5, 5)] = f32::NAN;
        let options = CosmicMedianOptions {
            mbox: 3,
            error: Some(10.0),
            ..Default::default()
        };
        let mut clean = frame.clone();
        cosmicray_median(&mut clean, &options).unwrap();
        let rays: Vec<_> = found(&clean)
            .into_iter()
            .filter(|&(x, y)| clean.dq.as_ref().unwrap()[(y, x)] & dq::COSMIC_RAY != 0)
            .collect();
        assert_eq!(rays, [(20, 10), (21, 10)]);
        let mut nothing = CcdFrame::new(Image::filled(6, 7, f32::NAN), CcdUnit::Adu);
        assert_eq!(cosmicray_median(&mut nothing, &options).unwrap().pixels, 0);
    }

    #[test]
    fn one_thread_gives_the_bits_of_many() {
        let options = CosmicMedianOptions {
            rbox: 4,
            gbox: 2,
            thresh: 1.5,
            ..Default::default()
        };
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            let mut frame = ramp();
            pool.unwrap()
                .install(|| cosmicray_median(&mut frame, &options))
                .unwrap();
            frame
        };
        assert_eq!(on(1), on(3));
    }

    #[test]
    fn boxes_and_errors_that_are_none() {
        for (mbox, error, named) in [
            (0, None, "mbox"),
            (1000, None, "mbox"),
            (3, Some(-1.0), "error_image"),
        ] {
            let options = CosmicMedianOptions {
                mbox,
                error,
                ..Default::default()
            };
            let text = cosmicray_median(&mut ramp(), &options).unwrap_err().to_string();
            assert!(text.contains(named), "{text}");
        }
    }

    #[test]
    fn mirrors_begin_with_the_pixel_at_the_edge() {
        let places: Vec<usize> = (-4..8).map(|at| mirrored(at, 3)).collect();
        assert_eq!(places, [2, 2, 1, 0, 0, 1, 2, 2, 1, 0, 0, 1]);
    }
}

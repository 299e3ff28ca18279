//! Dark rates of many darks, some rows of all of them at a time.

use super::{BadpixOptions, open, refused};
use crate::Result;
use crate::ccd::{CcdFile, CcdFrame, CcdUnit};
use firstlight_calibrate::ccd::bad_pixels::dark_rate;
use firstlight_frame::Image;
use rayon::prelude::*;
use std::path::{Path, PathBuf};

/// Bytes of samples that are in memory at a time.
const MEMORY: usize = 128 << 20;

/// A dark that was opened, and its exposure time, s.
struct Dark {
    file: CcdFile,
    seconds: f64,
}

/// The dark rate of each pixel and its unit.
pub(super) fn rates(
    darks: &[PathBuf],
    shape: &mut Option<(usize, usize)>,
    bias: Option<&CcdFrame<f64>>,
    options: &BadpixOptions,
) -> Result<(Image<f64>, &'static str)> {
    let mut opened = Vec::with_capacity(darks.len());
    let mut gain = None;
    for path in darks {
        let file = open(path, shape, bias, options)?;
        let own = gain_of(&file, path, options)?;
        if *gain.get_or_insert(own) != own {
            let told = "its gain is not that of the first dark; give it (--gain)";
            return Err(refused(path, told.to_owned()));
        }
        let seconds = seconds_of(&file, path, options)?;
        opened.push(Dark { file, seconds });
    }
    let mut rate = rates_of(&opened, shape.unwrap_or_default(), bias, MEMORY)?;
    let Some(gain) = gain.flatten() else {
        return Ok((rate, "adu / s"));
    };
    rate.as_mut_slice().iter_mut().for_each(|rate| *rate *= gain);
    Ok((rate, "electron / s"))
}

fn gain_of(file: &CcdFile, path: &Path, options: &BadpixOptions) -> Result<Option<f64>> {
    let own = match file.unit() {
        CcdUnit::Electron => Some(1.0),
        _ => options.gain.or_else(|| file.header().real("EGAIN")),
    };
    if options.dark_limit.is_some() && own.is_none() {
        let told = "it is in ADU and has no EGAIN, but the limit is in electrons/s; give the gain (--gain)";
        return Err(refused(path, told.to_owned()));
    }
    Ok(own)
}

fn seconds_of(file: &CcdFile, path: &Path, options: &BadpixOptions) -> Result<f64> {
    let seconds = file.header().real(&options.exposure_key).ok_or_else(|| {
        let told = format!(
            "it has no {}; name the keyword of the exposure time (--exposure-key)",
            options.exposure_key
        );
        refused(path, told)
    })?;
    if seconds.is_nan() || seconds <= 0.0 {
        let told = format!("its exposure time is {seconds} s; a dark has a positive one");
        return Err(refused(path, told));
    }
    Ok(seconds)
}

fn rates_of(
    darks: &[Dark],
    (ny, nx): (usize, usize),
    bias: Option<&CcdFrame<f64>>,
    memory: usize,
) -> Result<Image<f64>> {
    let row = (darks.len() * nx * size_of::<f64>()).max(1);
    let rows = (memory / row).clamp(1, ny.max(1));
    let mut rate = Image::filled(ny, nx, f64::NAN);
    for first in (0..ny).step_by(rows) {
        let band = first..(first + rows).min(ny);
        let frames: Vec<(CcdFrame<f64>, f64)> = darks
            .par_iter()
            .map(|dark| Ok((dark.file.read_rows(band.clone())?, dark.seconds)))
            .collect::<Result<_>>()?;
        let bias = bias.map(|bias| bias.cut(band.clone(), 0..nx)).transpose()?;
        let of_band = dark_rate(&frames, bias.as_ref())?;
        rate.as_mut_slice()[band.start * nx..band.end * nx].copy_from_slice(of_band.as_slice());
    }
    Ok(rate)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ccd::CcdOpenOptions;
    use firstlight_fits::{FitsWriter, Header, Overwrite};

    #[test]
    fn rates_are_the_same_in_bands_of_any_height() {
        let folder = tempfile::tempdir().unwrap();
        let (ny, nx) = (11, 7);
        let dark = |number: usize| {
            let path = folder.path().join(format!("dark{number}.fits"));
            let samples: Vec<f32> = (0..ny * nx)
                .map(|i| (300 + (i * 37 + number * 11) % 23 + 10 * number) as f32)
                .collect();
            let mut header = Header::new();
            header.set("BUNIT", "adu", None).unwrap();
            let mut writer = FitsWriter::create(&path, Overwrite::Refuse).unwrap();
            writer.image(&header, (&samples[..], (ny, nx))).unwrap();
            writer.finish().unwrap();
            let file = CcdFile::open(&path, &CcdOpenOptions::default()).unwrap();
            Dark {
                file,
                seconds: 10.0 * (number + 1) as f64,
            }
        };
        let darks: Vec<Dark> = (0..4).map(dark).collect();
        let bias = CcdFrame::new(
            Image::from_fn(ny, nx, |x, y| 280.0 + (x + 3 * y) as f64 / 8.0),
            CcdUnit::Adu,
        );
        let of = |memory| rates_of(&darks, (ny, nx), Some(&bias), memory).unwrap();
        let whole = of(1 << 20);
        assert!(whole.as_slice().iter().all(|rate| rate.is_finite()));
        for memory in [0, 4 * nx * 8, 3 * 4 * nx * 8] {
            assert_eq!(of(memory).as_slice(), whole.as_slice(), "{memory}");
        }
    }
}

//! The shift along the dispersion: where the lamp's spectrum fits that of its table best.

use super::light::is_lit;
use super::{Lit, NO_LIGHT, Shift, section};
use crate::stis::tables::lamptab::LampSpectrum;

/// The fewest shifts that are tried.
const FEWEST: usize = 3;
/// Slits narrower than this many pixels do not widen lines.
const NARROW: usize = 3;
/// Pixels inside the ends of the measured spectrum that the table's spectrum is left out in, too.
const MARGIN: usize = 10;

/// The shift in pixels of the image: the peak of the correlation of the measured spectrum with the lamp's, by a parabola
/// through the highest three. There is none where the lamp's lines do not stand out of the noise.
pub fn shift(lit: &Lit, lamp: &LampSpectrum) -> Shift {
    let nx = lit.sci.nx();
    let columns = section(lit.parameters.wl_trim1, lit.imset.ltm.0, nx);
    let (spectrum, good) = lit.spectrum(columns);
    let range = (lit.parameters.wl_range.min(nx / 2).max(FEWEST)) | 1;
    let mut template = template(lit, lamp, nx);
    // Along the dispersion the slit is as wide as along the slit, but for the binning.
    let scale_arcsec = lit.imset.cd2_2 * (lit.imset.ltm.1 / lit.imset.ltm.0) * 3600.0;
    widen(&mut template, lit.aperture.width_arcsec.0 / scale_arcsec);
    chop(&mut template, &good);
    let Some(correlation) = correlate(&spectrum, &good, &template, range) else {
        return Shift::Undefined("no column of the wavecal is good".to_owned());
    };
    let peak = highest(&correlation);
    let shift = peak as i64 - (range / 2) as i64;
    if correlation[peak] <= 0.0 || !is_lit(lit, columns, &template, shift) {
        return Shift::Undefined(NO_LIGHT.to_owned());
    }
    if peak == 0 || peak + 1 == range {
        return Shift::Undefined(format!(
            "the lamp's lines fit best at the end of the search, {} pixels from their nominal place (WL_RANGE {range})",
            range / 2
        ));
    }
    let (below, top, above) = (correlation[peak - 1], correlation[peak], correlation[peak + 1]);
    let curvature = below - 2.0 * top + above;
    if curvature == 0.0 {
        return Shift::Undefined("the lamp's lines fit equally well at several shifts".to_owned());
    }
    let offset = (below - above) / (2.0 * curvature);
    Shift::Found(offset + peak as f64 - (range / 2) as f64)
}

/// The first of the highest.
pub(super) fn highest(values: &[f64]) -> usize {
    let mut peak = 0;
    for (at, value) in values.iter().enumerate() {
        if *value > values[peak] {
            peak = at;
        }
    }
    peak
}

/// The lamp's spectrum summed over each pixel; pixels that it begins or ends in are 0.
fn template(lit: &Lit, lamp: &LampSpectrum, nx: usize) -> Vec<f64> {
    let imset = lit.imset;
    let wavelength = |pixel: f64| imset.crval1 + (pixel - (imset.crpix.0 - 1.0)) * imset.cd1_1;
    let (edges, flux) = (&lamp.edges, &lamp.flux);
    let bin = |wavelength: f64| match edges.partition_point(|&edge| edge < wavelength) {
        0 => (edges.first() == Some(&wavelength)).then_some(0),
        above => Some(above - 1),
    };
    let mut template = vec![0.0; nx];
    let mut left = wavelength(-0.5);
    let mut first = bin(left);
    for (x, pixel) in template.iter_mut().enumerate() {
        let right = wavelength(x as f64 + 0.5);
        let last = bin(right);
        if last.is_some_and(|last| last >= flux.len()) {
            break;
        }
        if let (Some(first), Some(last)) = (first, last) {
            *pixel = match first == last {
                true => flux[first] * (right - left),
                false => {
                    let whole = (first + 1..last).map(|i| flux[i] * (edges[i + 1] - edges[i]));
                    flux[first] * (edges[first + 1] - left)
                        + whole.sum::<f64>()
                        + flux[last] * (right - edges[last])
                }
            };
        }
        (first, left) = (last, right);
    }
    template
}

/// Takes the mean over the width of the slit, an odd number of pixels.
fn widen(template: &mut [f64], width: f64) {
    let width = (width.max(0.0) as usize) | 1;
    if width < NARROW || width > template.len() {
        return;
    }
    let half = width / 2;
    let narrow = template.to_vec();
    let at = |x: i64| {
        usize::try_from(x)
            .ok()
            .and_then(|x| narrow.get(x))
            .copied()
            .unwrap_or(0.0)
    };
    for (x, pixel) in template.iter_mut().enumerate() {
        let window = x as i64 - half as i64..=x as i64 + half as i64;
        *pixel = window.map(at).sum::<f64>() / width as f64;
    }
}

/// Leaves of the template what lies well within the columns that were measured.
fn chop(template: &mut [f64], good: &[bool]) {
    let nx = template.len();
    let first = good.iter().position(|good| *good).unwrap_or(0) + MARGIN;
    let last = good
        .iter()
        .rposition(|good| *good)
        .unwrap_or(nx.saturating_sub(1));
    let Some(last) = last.checked_sub(MARGIN).filter(|_| first < nx) else {
        return;
    };
    template[..first].fill(0.0);
    template[(last + 1).min(nx)..].fill(0.0);
}

/// How well the spectrum, moved by each shift of the range, fits the template. None where no column is good.
fn correlate(spectrum: &[f64], good: &[bool], template: &[f64], range: usize) -> Option<Vec<f64>> {
    let half = (range - 1) / 2;
    let inner = half..spectrum.len().saturating_sub(half);
    if !inner.clone().any(|x| good[x]) {
        return None;
    }
    let at = |shift: usize| {
        let products = inner
            .clone()
            .filter(|&x| good[x])
            .map(|x| spectrum[x] * template[x + half - shift]);
        products.sum::<f64>()
    };
    Some((0..range).map(at).collect())
}

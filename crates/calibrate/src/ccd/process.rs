//! All steps of a frame, in ccdproc's order, in one pass over its rows: in between, nothing is rounded.

use super::background::{BackgroundOptions, BackgroundReport, subtract_background};
use super::deviation::Deviation;
use super::flat::{Flat, FlatReport};
use super::fringe::{FringeOptions, FringeReport, subtract_fringe};
use super::lacosmic::{CosmicRays, LacosmicReport, clean_cosmic_rays};
use super::linearity::{LinearityOptions, LinearityReport};
use super::overscan::{OverscanOptions, OverscanReport};
use super::pass::CcdPass;
use super::section::Section;
use super::{CcdFrame, Real};
use crate::Result;
use firstlight_frame::Image;
use serde::Serialize;

/// What is to be done to a frame. Steps that are not given are not done.
#[derive(Debug, Clone)]
pub struct CcdSteps<'a, U> {
    /// Raw samples of this and above are [`dq::SATURATED`], in the unit of the raw frame.
    pub saturation: Option<f64>,
    /// The section of the bias level, and how it is measured.
    pub overscan: Option<(Section, OverscanOptions)>,
    /// The section that is kept.
    pub trim: Option<Section>,
    /// What the uncertainty is made of.
    pub deviation: Option<Deviation>,
    /// Bits that are united with the mask, of the shape of the trimmed frame.
    pub mask: Option<&'a Image<u16>>,
    /// Gain, electrons per adu.
    pub gain: Option<f64>,
    /// Masters are in electrons: the gain comes before them. Else it comes last.
    pub gain_corrected: bool,
    /// The master bias.
    pub bias: Option<&'a CcdFrame<U>>,
    /// The correction of the non-linearity, of the level above the bias in adu.
    pub linearity: Option<&'a LinearityOptions>,
    /// The master dark, and how often it goes into the exposure.
    pub dark: Option<(&'a CcdFrame<U>, f64)>,
    /// The master flat.
    pub flat: Option<&'a Flat<'a, U>>,
    /// What is done about cosmic rays; the gain is electrons per unit of the product.
    pub cosmic_rays: Option<CosmicRays>,
    /// The fringe frame, in the unit of the product or without one.
    pub fringe: Option<(&'a CcdFrame<U>, FringeOptions)>,
    /// How the background is found that is subtracted.
    pub background: Option<BackgroundOptions>,
}

impl<U> Default for CcdSteps<'_, U> {
    fn default() -> Self {
        Self {
            saturation: None,
            overscan: None,
            trim: None,
            deviation: None,
            mask: None,
            gain: None,
            gain_corrected: true,
            bias: None,
            linearity: None,
            dark: None,
            flat: None,
            cosmic_rays: None,
            fringe: None,
            background: None,
        }
    }
}

impl<U> CcdSteps<'_, U> {
    /// Whether there are steps that need the whole frame, rather than bands of it.
    pub fn need_whole_frame(&self) -> bool {
        self.cosmic_rays.is_some() || self.fringe.is_some() || self.background.is_some()
    }
}

/// What was measured.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct CcdStepsReport {
    /// Of the overscan.
    pub overscan: Option<OverscanReport>,
    /// Of the non-linearity.
    pub linearity: Option<LinearityReport>,
    /// Of the flat.
    pub flat: Option<FlatReport>,
    /// Of the cosmic rays.
    pub cosmic_rays: Option<LacosmicReport>,
    /// Of the fringes.
    pub fringe: Option<FringeReport>,
    /// Of the background.
    pub background: Option<BackgroundReport>,
    /// Pixels whose mask has any bit.
    pub masked: usize,
}

/// Does the steps in the order saturation, overscan, trim, deviation, mask, gain, bias, linearity, dark, flat (and gain
/// there, where masters are not in electrons), cosmic rays, fringes, background. Samples are rounded before and between the last
/// three, which need the whole frame, and nowhere else. Cosmic rays come before the sky goes, whose light is in their noise, and
/// do not count where the sky is measured.
///
/// # Errors
/// What the steps refuse, before any of them is done; of the last three also what cannot be measured in the frame.
pub fn ccd_process<T: Real, U: Real>(
    frame: CcdFrame<T>,
    steps: &CcdSteps<'_, U>,
) -> Result<(CcdFrame<T>, CcdStepsReport)> {
    frame.check()?;
    let section = |rows, columns| frame.cut(rows, columns);
    let pass = CcdPass::new(steps, (frame.shape(), &frame.unit), section)?;
    let (rows, whole) = (pass.rows(), 0..frame.shape().0);
    let kept = match rows == whole {
        true => frame,
        false => frame.cut(rows.clone(), 0..frame.shape().1)?,
    };
    let (mut frame, flags) = pass.band(rows.start, kept)?;
    let mut report = pass.report([flags]);
    if let Some(options) = &steps.cosmic_rays {
        report.cosmic_rays = Some(clean_cosmic_rays(&mut frame, options)?);
    }
    if let Some((fringe, options)) = &steps.fringe {
        report.fringe = Some(subtract_fringe(&mut frame, fringe, options)?);
    }
    if let Some(options) = &steps.background {
        report.background = Some(subtract_background(&mut frame, options)?);
    }
    if steps.need_whole_frame() {
        report.masked = frame.masked();
    }
    Ok((frame, report))
}

#[cfg(test)]
mod tests {
    use super::super::{CcdUnit, dq};
    use super::super::{
        FlatOptions, flat_correct, gain_correct, linearity_correct, subtract_bias, subtract_dark,
        subtract_overscan,
    };
    use super::*;
    use crate::Error;

    fn plane(value: f64, unit: CcdUnit) -> CcdFrame<f64> {
        let sci = Image::from_fn(20, 24, |x, y| value + (x * 7 + y * 13) as f64 % 11.0);
        let err = sci.map(|v| v.abs().sqrt());
        CcdFrame {
            err: Some(err),
            ..CcdFrame::new(sci, unit)
        }
    }

    #[test]
    fn one_pass_does_what_the_steps_do_one_after_another() {
        let raw = plane(900.0, CcdUnit::Adu);
        let section = Section::parse("[21:24,*]").unwrap();
        let trim = Section::parse("[1:20,3:18]").unwrap();
        let master = |value| plane(value, CcdUnit::Electron).cut(2..18, 0..20).unwrap();
        let (bias, dark, light) = (master(30.0), master(5.0), master(4000.0));
        let flat = Flat::new(&light, &FlatOptions::default()).unwrap();
        let options = OverscanOptions {
            median: false,
            ..Default::default()
        };
        let deviation = Deviation {
            gain: 1.5,
            readnoise: 4.0,
            disregard_nan: true,
        };
        let mut mask = Image::filled(16, 20, 0u16);
        mask[(3, 4)] = dq::BAD_PIXEL;
        let steps = CcdSteps {
            saturation: Some(909.0),
            overscan: Some((section, options)),
            trim: Some(trim),
            deviation: Some(deviation),
            mask: Some(&mask),
            gain: Some(1.5),
            gain_corrected: true,
            bias: Some(&bias),
            linearity: None,
            dark: Some((&dark, 0.5)),
            flat: Some(&flat),
            cosmic_rays: None,
            fringe: None,
            background: None,
        };
        let (done, report) = ccd_process(raw.clone(), &steps).unwrap();

        let mut one = raw.clone();
        one.err = None;
        subtract_overscan(&mut one, section, &options).unwrap();
        let mut one = one.cut(2..18, 0..20).unwrap();
        super::super::create_deviation(&mut one, &deviation).unwrap();
        gain_correct(&mut one, 1.5).unwrap();
        subtract_bias(&mut one, &bias).unwrap();
        subtract_dark(&mut one, &dark, 0.5).unwrap();
        flat_correct(&mut one, &flat).unwrap();
        assert_eq!(done.sci, one.sci);
        assert_eq!(done.err, one.err);
        assert_eq!(done.unit, CcdUnit::Electron);
        let dq = done.dq.unwrap();
        assert_eq!(dq[(3, 4)] & dq::BAD_PIXEL, 1);
        for y in 0..16 {
            for x in 0..20 {
                let saturated = raw.sci[(y + 2, x)] >= 909.0;
                assert_eq!(dq[(y, x)] & dq::SATURATED != 0, saturated);
            }
        }
        assert_eq!(report.masked, dq.as_slice().iter().filter(|&&b| b != 0).count());
    }

    #[test]
    fn the_gain_comes_last_where_masters_are_in_adu() {
        let raw = plane(100.0, CcdUnit::Adu);
        let bias = plane(90.0, CcdUnit::Adu);
        let steps = |gain_corrected| CcdSteps {
            gain: Some(2.0),
            gain_corrected,
            bias: Some(&bias),
            ..Default::default()
        };
        let (done, _) = ccd_process(raw.clone(), &steps(false)).unwrap();
        assert!(done.sci.as_slice().iter().all(|&v| v == 20.0));
        assert!(matches!(
            ccd_process(raw, &steps(true)),
            Err(Error::CcdUnits { .. })
        ));
    }

    #[test]
    fn the_level_above_the_bias_in_adu_is_what_is_not_linear() {
        let raw = plane(3000.0, CcdUnit::Adu);
        let bias = plane(300.0, CcdUnit::Adu);
        let curve = LinearityOptions {
            curves: vec!["1,4e-6".parse().unwrap()],
            limit: Some(2700.5),
        };
        let mut one = raw.clone();
        subtract_bias(&mut one, &bias).unwrap();
        linearity_correct(&mut one, &curve).unwrap();
        gain_correct(&mut one, 2.0).unwrap();
        let mut in_electrons = bias.clone();
        gain_correct(&mut in_electrons, 2.0).unwrap();
        for (gain_corrected, bias) in [(false, &bias), (true, &in_electrons)] {
            let steps = CcdSteps {
                gain: Some(2.0),
                gain_corrected,
                bias: Some(bias),
                linearity: Some(&curve),
                ..Default::default()
            };
            let (done, report) = ccd_process(raw.clone(), &steps).unwrap();
            let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-9 * b, "{a} for {b}");
            for (a, b) in done.sci.as_slice().iter().zip(one.sci.as_slice()) {
                near(*a, *b);
            }
            let err = |of: &CcdFrame<f64>| of.err.as_ref().unwrap()[(3, 4)];
            near(err(&done), err(&one));
            assert_eq!(done.dq, one.dq);
            assert_eq!(report.linearity.unwrap().beyond, 0);
        }
    }

    #[test]
    fn masters_of_another_shape_are_refused_by_name() {
        let raw = plane(100.0, CcdUnit::Adu);
        let light = plane(100.0, CcdUnit::Adu);
        let flat = Flat::new(&light, &FlatOptions::default()).unwrap();
        let steps = CcdSteps {
            trim: Some(Section::parse("[1:20,*]").unwrap()),
            flat: Some(&flat),
            ..Default::default()
        };
        let error = ccd_process(raw, &steps).unwrap_err().to_string();
        assert!(
            error.contains("the master flat has shape (20, 24), but (20, 20)"),
            "{error}"
        );
    }
}

//! BLEVCORR: the bias level, by whichever of its forms suits the readout.

mod amplifier_view;
mod bias_columns;
mod bias_shift;
mod cross_talk;
mod default_level;
mod destripe;
mod drift;
mod line_fit;
mod overscan_level;

use super::readout::Readout;
use crate::Result;
use crate::acs::tables::oscntab::Overscan;
use crate::acs::{
    Amplifier, Channel, Chip, Outcome, Reference, Setup, history, put_single, record_switch, record_table,
    set,
};
use amplifier_view::AmplifierView;
use firstlight_frame::fits::Header;

/// Subarrays that may have virtual overscan, which the bias shift is measured in.
const WITH_VIRTUAL_ROWS: [&str; 20] = [
    "WFC1A-2K",
    "WFC1B-2K",
    "WFC2C-2K",
    "WFC2D-2K",
    "WFC1-IRAMPQ",
    "WFC1-MRAMPQ",
    "WFC2-MRAMPQ",
    "WFC2-ORAMPQ",
    "WFC1-POL0UV",
    "WFC1-POL0V",
    "WFC2-POL0UV",
    "WFC2-POL0V",
    "WFC1-POL60UV",
    "WFC1-POL60V",
    "WFC2-POL60UV",
    "WFC2-POL60V",
    "WFC1-POL120UV",
    "WFC1-POL120V",
    "WFC2-POL120UV",
    "WFC2-POL120V",
];

/// The bias level of one amplifier.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LevelOf {
    /// The amplifier.
    pub amplifier: Amplifier,
    /// Mean of what was subtracted, e.
    pub level_e: f64,
}

/// What was subtracted.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BlevReport {
    /// The mean bias level of each amplifier.
    pub levels: Vec<LevelOf>,
    /// MEANBLEV of each chip, in their order, e; none where the level was taken from CCDTAB.
    pub mean_levels_e: Vec<Option<f32>>,
    /// Whether the level was measured in overscan, of the last chip that was worked on.
    pub from_overscan: bool,
    /// Whether the drift along lines was removed as well.
    pub drift_corrected: bool,
    /// Rows with and without a stripe that was removed, where the form was destriping.
    pub stripes: Option<(usize, usize)>,
    /// What a user should know: where the level is not that of the exposure.
    pub doubts: Vec<String>,
}

/// Which form BLEVCORR takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// A line through the overscan of the rows, or the level of CCDTAB where there is none.
    Lines,
    /// The bias shift of a subarray.
    BiasShift,
    /// Bias shift and cross talk of the dual-slope integrator at gain 2, then stripes, of a full frame.
    ShiftAndStripes,
    /// Stripes of a full frame alone.
    Stripes,
}

impl Form {
    fn of(setup: &Setup, chips: &[Chip], readouts: &[Readout], overscans: &[Option<Overscan>]) -> Self {
        let in_overscan = overscans.iter().all(Option::is_some);
        if setup.channel != Channel::Wfc || !setup.is_after_sm4() || !in_overscan {
            return Form::Lines;
        }
        let is_dual_slope = setup.jwrotype == "DS_INT" && setup.ccdgain == 2.0;
        if setup.subarray {
            let has_virtual_rows = overscans.iter().flatten().all(Overscan::has_virtual_rows);
            let is_listed = WITH_VIRTUAL_ROWS.contains(&setup.aperture.as_str());
            let reads_alone = readouts.len() == 1 && readouts[0].amplifiers.len() == 1;
            return match is_listed && has_virtual_rows && is_dual_slope && reads_alone {
                true => Form::BiasShift,
                false => Form::Lines,
            };
        }
        let mut numbers: Vec<i64> = chips.iter().map(Chip::number).collect();
        numbers.sort_unstable();
        let all_four = numbers == [1, 2] && readouts.iter().all(|readout| readout.amplifiers.len() == 2);
        match (all_four, is_dual_slope) {
            (true, true) => Form::ShiftAndStripes,
            (true, false) => Form::Stripes,
            (false, _) => Form::Lines,
        }
    }
}

/// Whether the overscan suffices for the form that BLEVCORR will take; arguments as of [`blevcorr`].
///
/// # Errors
/// As [`blevcorr`].
pub fn check(
    chips: &[Chip],
    setup: &Setup,
    readouts: &[Readout],
    overscans: &[Option<Overscan>],
) -> Result<()> {
    let form = Form::of(setup, chips, readouts, overscans);
    for (chip, overscan) in chips.iter().zip(overscans) {
        let (ny, nx) = chip.shape()?;
        match form {
            Form::Lines => overscan_level::check(chip, overscan.as_ref())?,
            Form::BiasShift => bias_shift::check((ny, nx))?,
            Form::ShiftAndStripes => bias_shift::check((ny, nx / 2))?,
            Form::Stripes => {}
        }
        if matches!(form, Form::ShiftAndStripes | Form::Stripes) {
            destripe::check((ny, nx / 2))?;
        }
    }
    Ok(())
}

/// BLEVCORR: subtracts the bias level (e) from SCI (e) of all chips; overscan is left where it is. ERR and DQ are not
/// touched.
///
/// Before Servicing Mission 4, of HRC and of most subarrays: a straight line through the medians of the overscan of the
/// rows, and the drift along lines where OSCNTAB gives virtual overscan to measure it in. Since then, of full frames:
/// bias shift and cross talk (dual-slope integrator at gain 2), level and stripes; of subarrays with virtual overscan
/// the bias shift. Chips that OSCNTAB has no row for get the level of CCDTAB.
///
/// `readouts` and `overscans` are those of `chips`, in their order.
///
/// # Errors
/// [`crate::Error::NoOverscanSection`], [`crate::Error::TooSmall`], [`crate::Error::Shape`] where the overscan does not suffice.
pub fn blevcorr(
    chips: &mut [Chip],
    setup: &Setup,
    readouts: &[Readout],
    overscans: &[Option<Overscan>],
) -> Result<BlevReport> {
    check(chips, setup, readouts, overscans)?;
    match Form::of(setup, chips, readouts, overscans) {
        Form::Lines => by_lines(chips, readouts, overscans),
        Form::BiasShift => by_bias_shift(chips, readouts),
        Form::ShiftAndStripes => by_stripes(chips, true),
        Form::Stripes => by_stripes(chips, false),
    }
}

fn by_lines(chips: &mut [Chip], readouts: &[Readout], overscans: &[Option<Overscan>]) -> Result<BlevReport> {
    let mut whole = BlevReport::default();
    for ((chip, readout), overscan) in chips.iter_mut().zip(readouts).zip(overscans) {
        let of_chip = match overscan {
            Some(overscan) => overscan_level::overscan_level(chip, readout, overscan)?,
            None => default_level::default_level(chip, readout)?,
        };
        let sum: f64 = of_chip.levels.iter().map(|of| of.level_e).sum();
        let mean = (sum / of_chip.levels.len() as f64) as f32;
        whole.mean_levels_e.push(of_chip.from_overscan.then_some(mean));
        whole.levels.extend(of_chip.levels);
        whole.doubts.extend(of_chip.doubts);
        whole.from_overscan = of_chip.from_overscan;
        whole.drift_corrected = of_chip.drift_corrected;
    }
    Ok(whole)
}

fn by_bias_shift(chips: &mut [Chip], readouts: &[Readout]) -> Result<BlevReport> {
    let mut whole = BlevReport {
        from_overscan: true,
        ..BlevReport::default()
    };
    for (chip, readout) in chips.iter_mut().zip(readouts) {
        for &amplifier in &readout.amplifiers {
            for level_e in bias_shift::bias_shift(&mut [AmplifierView::whole(chip, amplifier)])? {
                whole.levels.push(LevelOf { amplifier, level_e });
                whole.mean_levels_e.push(Some(level_e as f32));
            }
        }
    }
    Ok(whole)
}

fn by_stripes(chips: &mut [Chip], with_shift: bool) -> Result<BlevReport> {
    let mut shifts = [0.0; 4];
    if with_shift {
        let mut views = views(chips);
        let levels = bias_shift::bias_shift(&mut views)?;
        for (view, level) in views.iter().zip(levels) {
            shifts[view.amplifier.index()] = level;
        }
        chips.iter_mut().try_for_each(cross_talk::cross_talk)?;
    }
    let mut views = views(chips);
    let destriped = destripe::destripe(&mut views)?;
    let levels: Vec<(Amplifier, f64)> = views
        .iter()
        .map(|view| view.amplifier)
        .zip(destriped.levels_e)
        .collect();
    let level_of = |amplifier| levels.iter().find(|of| of.0 == amplifier).map_or(0.0, |of| of.1);
    let mean_level = |chip: &Chip| {
        let (left, right) = match chip.number() {
            1 => (Amplifier::A, Amplifier::B),
            _ => (Amplifier::C, Amplifier::D),
        };
        Some(((level_of(left) + level_of(right)) / 2.0) as f32)
    };
    let mean_levels_e = chips.iter().map(mean_level).collect();
    let both = |&(amplifier, level): &(Amplifier, f64)| LevelOf {
        amplifier,
        level_e: shifts[amplifier.index()] + level,
    };
    Ok(BlevReport {
        levels: levels.iter().map(both).collect(),
        mean_levels_e,
        from_overscan: true,
        drift_corrected: false,
        stripes: Some((destriped.rows_fixed, destriped.rows_skipped)),
        doubts: Vec::new(),
    })
}

/// All amplifiers of a full frame, A to D.
fn views(chips: &mut [Chip]) -> Vec<AmplifierView<'_>> {
    let mut views: Vec<AmplifierView> = chips.iter_mut().flat_map(AmplifierView::halves).collect();
    views.sort_by_key(|view| view.amplifier);
    views
}

/// Records BLEVCORR in the primary header, and MEANBLEV in the headers of SCI. BIASLEVA … BIASLEVD are set where the
/// primary header has them.
///
/// # Errors
/// [`crate::Error::Frame`] where a card cannot be written.
pub fn record_blevcorr(
    primary: &mut Header,
    chips: &mut [Chip],
    report: &BlevReport,
    oscntab: &Reference,
) -> Result<Outcome> {
    for (chip, level) in chips.iter_mut().zip(&report.mean_levels_e) {
        if let Some(level) = level {
            put_single(
                &mut chip.sci,
                "MEANBLEV",
                *level,
                "mean of bias levels subtracted in electrons",
            )?;
        }
    }
    if let Some((fixed, skipped)) = report.stripes {
        history(
            primary,
            &format!("DESTRIPE: number of rows fixed per amp: {fixed}"),
        )?;
        history(
            primary,
            &format!("DESTRIPE: number of rows skipped per amp: {skipped}"),
        )?;
    }
    set(primary, "BLEVCORR", "COMPLETE")?;
    history(
        primary,
        match report.from_overscan {
            true => "BLEVCORR complete; bias level from overscan was subtracted.",
            false => "BLEVCORR complete, but default bias level was subtracted.",
        },
    )?;
    history(
        primary,
        match report.drift_corrected {
            true => "BLEVCORR includes correction for drift along lines.",
            false => "BLEVCORR does not include correction for drift along lines.",
        },
    )?;
    history(primary, "  Overscan region table: ")?;
    record_table(primary, oscntab, "")?;
    if primary.contains("BIASLEVA") {
        for of in &report.levels {
            let keyword = format!("BIASLEV{}", of.amplifier.letter());
            if of.level_e != 0.0 {
                put_single(primary, &keyword, of.level_e as f32, "mean of amp's bias level")?;
            }
        }
    }
    Ok(Outcome::Complete)
}

/// Records in the primary header that the table is a dummy.
///
/// # Errors
/// [`crate::Error::Frame`] where a card cannot be written.
pub fn record_skipped(primary: &mut Header, oscntab: &Reference) -> Result<Outcome> {
    record_switch(primary, "BLEVCORR", Outcome::Dummy)?;
    record_table(primary, oscntab, "")?;
    Ok(Outcome::Dummy)
}

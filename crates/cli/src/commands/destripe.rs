//! `firstlight destripe`

use crate::Global;
use crate::bar::Bar;
use crate::output::{self, Outcome};
use clap::Args;
use firstlight::calibrate::CalibrateOptions;
use firstlight::destripe::{
    CleanOptions, DestripeOptions, DestripeReport, Destriping, Mask, MaskPair, clean_files, destripe,
    mask_pairs,
};
use firstlight::frame::table::{Extent, pretty};
use firstlight::frame::{Column, ColumnData, Table};
use firstlight::input::expand;
use firstlight::{Error, Result};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// Raw exposures, and how to destripe and calibrate them.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  firstlight destripe jsub11a1q_raw.fits --ref-dir refs\n  firstlight destripe j*_raw.fits --sci1-mask a.fits,b.fits --dqbits 64,128 --rpt-clean 10\n  firstlight destripe --blv j*_blv_tmp.fits --suffix csck"
)]
pub struct Destripe {
    /// Raw exposures (_raw.fits) of the WFC after May 2009, or associations (_asn.fits); patterns are expanded.
    #[arg(required = true, value_name = "RAW|ASN")]
    inputs: Vec<String>,
    /// Clean files that are in electrons already (_blv_tmp.fits, _flt.fits), and do nothing else: each becomes
    /// …_SUFFIX.fits beside it.
    #[arg(long)]
    blv: bool,
    /// With --blv: what is added to the names.
    #[arg(long, default_value = "strp", value_name = "SUFFIX", requires = "blv")]
    suffix: String,
    /// Masks of the calibrated SCI,1, one for each exposure: pixels where they are 0 do not count.
    #[arg(long, aliases = ["sci1_mask", "scimask1", "mask1"], value_name = "FILE,…", value_delimiter = ',')]
    sci1_mask: Vec<PathBuf>,
    /// Masks of the calibrated SCI,2 of full frames, one for each exposure.
    #[arg(long, aliases = ["sci2_mask", "scimask2", "mask2"], value_name = "FILE,…", value_delimiter = ',')]
    sci2_mask: Vec<PathBuf>,
    /// Do not correct for CTE. Else it is done in full frames where PCTECORR is PERFORM, and in all subarrays that can be.
    #[arg(long, conflicts_with = "blv")]
    nocte: bool,
    #[command(flatten, next_help_heading = "How rows are measured")]
    how: DestripeOptions,
    #[command(flatten, next_help_heading = "Calibration")]
    options: CalibrateOptions,
}

impl Destripe {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let inputs = expand(&self.inputs)?;
        let files = |paths: &[PathBuf]| paths.iter().cloned().map(Mask::File).collect();
        let masks = mask_pairs(files(&self.sci1_mask), files(&self.sci2_mask))?;
        match self.blv {
            true => self.clean(&inputs, &masks, global),
            false => self.calibrate(&inputs, &masks, global),
        }
    }

    fn calibrate(&self, inputs: &[PathBuf], masks: &[MaskPair], global: &Global) -> Result<Outcome> {
        let destriping = Destriping {
            options: &self.how,
            masks,
            cte_correct: !self.nocte,
        };
        let report = destripe(inputs, &destriping, &self.options, &Bar::new(global.quiet))?;
        let destriped = report.destriped.iter();
        let rows: Vec<_> = destriped.map(|of| (of.path.as_path(), &of.report)).collect();
        warn(&rows, &self.how, global);
        if !global.json {
            for note in &report.calibrated.notes {
                output::note(&format!("note: {note}"), global.quiet);
            }
        }
        let mut text = table(&rows)?;
        for product in &report.calibrated.products {
            // Writing to a String does not fail.
            let _ = writeln!(text, "wrote {}", product.path.display());
        }
        output::result(&report, global.json, || text);
        Ok(output::failures(&report.calibrated.failed, global.json))
    }

    fn clean(&self, inputs: &[PathBuf], masks: &[MaskPair], global: &Global) -> Result<Outcome> {
        let CalibrateOptions {
            switch,
            ref_dir,
            output_dir,
            overwrite,
            in_place_asn,
            keep_intermediates,
            max_memory,
            log,
            ..
        } = &self.options;
        if !switch.is_empty() || *in_place_asn || *keep_intermediates || max_memory.is_some() || log.is_some()
        {
            return Err(Error::Usage(
                "--blv only cleans: --switch, --in-place-asn, --keep-intermediates, --max-memory and --log have no \
                 meaning with it"
                    .to_owned(),
            ));
        }
        let options = CleanOptions {
            suffix: self.suffix.clone(),
            ref_dir: ref_dir.clone(),
            output_dir: output_dir.clone(),
            overwrite: *overwrite,
        };
        let report = clean_files(inputs, masks, &options, &self.how, &Bar::new(global.quiet))?;
        let cleaned = report.cleaned.iter();
        let rows: Vec<_> = cleaned.map(|of| (of.output.as_path(), &of.report)).collect();
        warn(&rows, &self.how, global);
        let text = table(&rows)?;
        output::result(&report, global.json, || text);
        Ok(output::failures(&report.failed, global.json))
    }
}

/// More than this is no striping of the detector's, electrons: 1.5 times what is known of it.
const SUSPICIOUS_STD: f64 = 1.5 * 0.9;

/// Tells of what a person should look at.
fn warn(rows: &[(&Path, &DestripeReport)], how: &DestripeOptions, global: &Global) {
    for (path, report) in rows {
        let name = path.display();
        let note = |text: String| output::note(&format!("note: {name}: {text}"), global.quiet);
        if report.stripe_std > SUSPICIOUS_STD {
            note(format!(
                "the offsets have a standard deviation of {:.3} e, the detector's stripes one of some 0.9 e: something \
                 else lies along the rows; mask it (--sci1-mask, --dqbits)",
                report.stripe_std
            ));
        }
        if report.reached_maxiter {
            note(format!(
                "rows were still being clipped after {} rounds (--maxiter)",
                how.maxiter
            ));
        }
        if report.oscillating_rows > 0 {
            note(format!(
                "{} rows went to and fro, and cleaning was not repeated further; change --sigrej, --maxiter or --dqbits, \
                 or mask more",
                report.oscillating_rows
            ));
        }
        if report.rows_left > 0 {
            note(format!(
                "{} rows could not be measured, and are as they were",
                report.rows_left
            ));
        }
    }
}

fn table(rows: &[(&Path, &DestripeReport)]) -> Result<String> {
    let reals =
        |of: &dyn Fn(&DestripeReport) -> f64| ColumnData::F64(rows.iter().map(|(_, r)| of(r)).collect());
    let counts = |of: &dyn Fn(&DestripeReport) -> usize| {
        ColumnData::I64(rows.iter().map(|(_, r)| of(r) as i64).collect())
    };
    let names = rows
        .iter()
        .map(|(path, _)| path.display().to_string())
        .collect::<Vec<_>>();
    let electrons = |name: &str, data| Column::scalar(name, data).unit("electron").display("F10.4");
    let columns = [
        Column::text("exposure", names),
        electrons("background", reals(&|r| r.background)),
        electrons("std", reals(&|r| r.stripe_std)),
        electrons("largest", reals(&|r| r.max_correction)),
        Column::scalar("rows", counts(&|r| r.rows)),
        Column::scalar("rounds", counts(&|r| r.iterations)),
        Column::scalar("repeats", counts(&|r| r.repeats)),
    ];
    let mut table = Table::new();
    for column in columns {
        table = table.with(column).map_err(Error::from)?;
    }
    Ok(pretty(&table, Extent::default()) + "\n")
}

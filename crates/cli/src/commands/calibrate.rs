//! `firstlight calibrate`

use crate::Global;
use crate::bar::Bar;
use crate::output::{self, Outcome};
use clap::Args;
use firstlight::Result;
use firstlight::calibrate::{
    CalibrateOptions, CalibrateReport, CalibratedProduct, StisMeasured, StisOptions,
};
use firstlight::frame::table::{Extent, pretty};
use firstlight::frame::{Column, ColumnData, Table};
use firstlight::input::expand;
use std::fmt::Write;

/// Raw exposures, and how to calibrate them.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  firstlight calibrate j8bt06010_asn.fits --ref-dir refs\n  firstlight calibrate j*_raw.fits --switch PCTECORR=PERFORM --output-dir calibrated\n  firstlight calibrate o4d101010_raw.fits --wavecal o4d101010_wav.fits --darkfile weekdark.fits --outroot calibrated/"
)]
pub struct Calibrate {
    /// Raw exposures (_raw.fits) of ACS or of the CCD of STIS, or association tables (_asn.fits) of ACS; patterns are
    /// expanded.
    #[arg(required = true, value_name = "ASN|RAW")]
    inputs: Vec<String>,
    #[command(flatten)]
    options: CalibrateOptions,
    #[command(flatten)]
    stis: StisOptions,
}

impl Calibrate {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let inputs = expand(&self.inputs)?;
        let bar = Bar::new(global.quiet);
        let options = CalibrateOptions {
            stis: self.stis,
            ..self.options
        };
        let report = firstlight::calibrate::calibrate(&inputs, &options, &bar)?;
        if !global.json {
            for note in &report.notes {
                output::note(&format!("note: {note}"), global.quiet);
            }
        }
        let text = text(&report)?;
        output::result(&report, global.json, || text);
        Ok(output::failures(&report.failed, global.json))
    }
}

/// One line a product, with what is looked at first.
fn text(report: &CalibrateReport) -> Result<String> {
    let (of_stis, of_acs): (Vec<_>, Vec<_>) =
        report.products.iter().partition(|product| product.stis.is_some());
    let mut text = String::new();
    if !of_acs.is_empty() {
        let levels = [levels(&of_acs)];
        text.push_str(&pretty(&table(&of_acs, levels)?, Extent::default()));
        text.push('\n');
    }
    if !of_stis.is_empty() {
        text.push_str(&pretty(&table(&of_stis, spectra(&of_stis))?, Extent::default()));
        text.push('\n');
    }
    for path in &report.associations {
        // Writing to a String does not fail.
        let _ = writeln!(text, "wrote {}", path.display());
    }
    let _ = writeln!(
        text,
        "{} products in {:.1} s",
        report.products.len(),
        report.seconds
    );
    Ok(text)
}

fn words(products: &[&CalibratedProduct], of: impl Fn(&CalibratedProduct) -> String) -> Vec<String> {
    products.iter().map(|product| of(product)).collect()
}

/// Bias levels, of ACS.
fn levels(products: &[&CalibratedProduct]) -> Column {
    let levels = words(products, |product| {
        let level = |(letter, level): (&char, &f64)| format!("{letter} {level:.2}");
        product.biaslev_e.iter().map(level).collect::<Vec<_>>().join(", ")
    });
    Column::text("BIASLEV", levels).unit("electron")
}

/// Shifts by the wavecal, and where the spectrum was found, of STIS.
fn spectra(products: &[&CalibratedProduct]) -> [Column; 3] {
    let of = |of: &dyn Fn(&StisMeasured) -> Option<f64>| {
        words(products, |product| {
            let value = product.stis.as_ref().and_then(of);
            value.map_or(String::new(), |value| format!("{value:.3}"))
        })
    };
    let shift = |axis: fn(&(f64, f64)) -> f64| {
        of(&move |stis: &StisMeasured| stis.wavecal.as_ref().and(stis.shifts.first().map(axis)))
    };
    let line = of(&|stis: &StisMeasured| stis.extracted.first().map(|found| found.location.line + 1.0));
    [
        Column::text("SHIFTA1", shift(|shift| shift.0)).unit("pixel"),
        Column::text("SHIFTA2", shift(|shift| shift.1)).unit("pixel"),
        Column::text("line", line).unit("pixel"),
    ]
}

/// What all have in common, and `own` columns.
fn table(products: &[&CalibratedProduct], own: impl IntoIterator<Item = Column>) -> Result<Table> {
    let darks = words(products, |product| {
        let dark = |dark: &f64| format!("{dark:.4}");
        product.meandark_e.iter().map(dark).collect::<Vec<_>>().join(", ")
    });
    let rates = words(products, |product| {
        product
            .rej_rate
            .map_or(String::new(), |rate| format!("{rate:.3}"))
    });
    let good = products.iter().map(|product| product.ngoodpix).collect();
    let seconds = products.iter().map(|product| product.seconds).collect();
    let exptimes = products
        .iter()
        .map(|product| product.exptime_s.unwrap_or(f64::NAN))
        .collect();
    let names = words(products, |product| product.path.display().to_string());
    let mut columns = vec![
        Column::text("product", names),
        Column::scalar("EXPTIME", ColumnData::F64(exptimes))
            .unit("s")
            .display("F10.1"),
    ];
    columns.extend(own);
    columns.extend([
        Column::text("MEANDARK", darks).unit("electron"),
        Column::scalar("NGOODPIX", ColumnData::I64(good)),
        Column::text("REJ_RATE", rates).unit("pix / s"),
        Column::scalar("time", ColumnData::F64(seconds))
            .unit("s")
            .display("F8.2"),
    ]);
    let mut table = Table::new();
    for column in columns {
        table.push(column).map_err(firstlight::Error::from)?;
    }
    Ok(table)
}

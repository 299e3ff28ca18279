//! `firstlight calibrate`

use crate::Global;
use crate::bar::Bar;
use crate::output::{self, Outcome};
use clap::Args;
use firstlight::Result;
use firstlight::calibrate::{CalibrateOptions, CalibrateReport, CalibratedProduct};
use firstlight::frame::table::{Extent, pretty};
use firstlight::frame::{Column, ColumnData, Table};
use firstlight::input::expand;
use std::fmt::Write;

/// Raw exposures, and how to calibrate them.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  firstlight calibrate j8bt06010_asn.fits --ref-dir refs\n  firstlight calibrate j*_raw.fits --switch PCTECORR=PERFORM --output-dir calibrated"
)]
pub struct Calibrate {
    /// Association tables (_asn.fits) or raw exposures (_raw.fits); patterns are expanded.
    #[arg(required = true, value_name = "ASN|RAW")]
    inputs: Vec<String>,
    #[command(flatten)]
    options: CalibrateOptions,
}

impl Calibrate {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let inputs = expand(&self.inputs)?;
        let bar = Bar::new(global.quiet);
        let report = firstlight::calibrate::calibrate(&inputs, &self.options, &bar)?;
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
    let mut text = String::new();
    if !report.products.is_empty() {
        text = pretty(&table(&report.products)?, Extent::default());
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

fn table(products: &[CalibratedProduct]) -> Result<Table> {
    let words = |of: &dyn Fn(&CalibratedProduct) -> String| products.iter().map(of).collect::<Vec<_>>();
    let levels = words(&|product| {
        let level = |(letter, level): (&char, &f64)| format!("{letter} {level:.2}");
        product.biaslev_e.iter().map(level).collect::<Vec<_>>().join(", ")
    });
    let darks = words(&|product| {
        let dark = |dark: &f64| format!("{dark:.4}");
        product.meandark_e.iter().map(dark).collect::<Vec<_>>().join(", ")
    });
    let rates = words(&|product| {
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
    let fits = firstlight::Error::from;
    Table::new()
        .with(Column::text(
            "product",
            words(&|product| product.path.display().to_string()),
        ))
        .map_err(fits)?
        .with(
            Column::scalar("EXPTIME", ColumnData::F64(exptimes))
                .unit("s")
                .display("F10.1"),
        )
        .map_err(fits)?
        .with(Column::text("BIASLEV", levels).unit("electron"))
        .map_err(fits)?
        .with(Column::text("MEANDARK", darks).unit("electron"))
        .map_err(fits)?
        .with(Column::scalar("NGOODPIX", ColumnData::I64(good)))
        .map_err(fits)?
        .with(Column::text("REJ_RATE", rates).unit("pix / s"))
        .map_err(fits)?
        .with(
            Column::scalar("time", ColumnData::F64(seconds))
                .unit("s")
                .display("F8.2"),
        )
        .map_err(fits)
}

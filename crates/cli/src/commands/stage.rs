//! What the verbs of the ACS stages print.

use crate::Global;
use crate::output::{self, Outcome};
use firstlight::Result;
use firstlight::calibrate::StageReport;
use serde::Serialize;
use std::fmt::Write;

/// One line a product: its path, and what was measured.
pub fn result<T: Serialize>(
    report: &StageReport<T>,
    global: &Global,
    measured: impl Fn(&T) -> String,
) -> Result<Outcome> {
    let mut text = String::new();
    for product in &report.products {
        // Writing to a String does not fail.
        let _ = writeln!(
            text,
            "wrote {} ({}) in {:.2} s",
            product.path.display(),
            measured(&product.report),
            product.seconds
        );
    }
    output::result(report, global.json, || text);
    Ok(output::failures(&report.failed, global.json))
}

/// Notes what a user should know of each product.
pub fn warn<T: Serialize>(report: &StageReport<T>, global: &Global, warnings: impl Fn(&T) -> &[String]) {
    if global.json {
        return;
    }
    for product in &report.products {
        for words in warnings(&product.report) {
            output::note(
                &format!("note: {}: {words}", product.path.display()),
                global.quiet,
            );
        }
    }
}

/// Numbers with as many digits as are looked at, between commas.
pub fn numbers(values: impl IntoIterator<Item = f64>) -> String {
    let shown: Vec<String> = values.into_iter().map(|value| format!("{value:.4}")).collect();
    shown.join(", ")
}

//! The numbers of plots, for the script that lets readers explore them.

use crate::{Colour, PlotPanel, Series};
use std::fmt::Write;

pub(super) const SCRIPT: &str = include_str!("explorer.js");

/// What the script reads, as JSON.
pub(super) fn numbers(panels: &[PlotPanel]) -> String {
    let panels: Vec<String> = panels.iter().map(panel).collect();
    format!("[{}]", panels.join(","))
}

fn panel(panel: &PlotPanel) -> String {
    let series = panel.series.iter().enumerate();
    let series: Vec<String> = series.map(|(n, series)| one(n, series)).collect();
    let levels = panel.references.iter().filter(|reference| !reference.upright);
    let levels: Vec<f64> = levels.map(|reference| reference.at).collect();
    format!(
        "{{\"title\":{},\"x_label\":{},\"y_label\":{},\"levels\":{},\"series\":[{}]}}",
        text(panel.title.as_deref()),
        text(panel.x_label.as_deref()),
        text(panel.y_label.as_deref()),
        values(&levels),
        series.join(",")
    )
}

fn one(n: usize, series: &Series) -> String {
    let colour = series.colour.unwrap_or_else(|| Colour::of_series(n));
    format!(
        "{{\"label\":{},\"colour\":\"#{:02x}{:02x}{:02x}\",\"x\":{},\"y\":{}}}",
        text(series.label.as_deref()),
        colour.r,
        colour.g,
        colour.b,
        values(&series.x),
        values(&series.y)
    )
}

/// A string of JSON that can stand in a page: no `<` can end the script.
fn text(text: Option<&str>) -> String {
    let mut out = String::from("\"");
    for c in text.unwrap_or_default().chars() {
        match c {
            '"' | '\\' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Numbers as JSON has them; what is not finite is null.
fn values(values: &[f64]) -> String {
    let each = values.iter().map(|value| {
        if value.is_finite() {
            format!("{value:e}")
        } else {
            "null".to_owned()
        }
    });
    format!("[{}]", each.collect::<Vec<_>>().join(","))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn numbers_are_json_and_cannot_end_the_script() {
        let series = Series::line(&[1.0, 2.5e-17], &[f64::NAN, -3.0]).label("a</script><b> \"q\" \\ \n");
        let panel = PlotPanel::new("x", "y").series(series).level(1.0, "one");
        let json = numbers(&[panel]);
        assert!(!json.contains('<'));
        let read: serde_json::Value = serde_json::from_str(&json).unwrap();
        let series = &read[0]["series"][0];
        assert_eq!(series["label"], "a</script><b> \"q\" \\ \n");
        assert_eq!(series["x"][1], 2.5e-17);
        assert!(series["y"][0].is_null() && series["y"][1] == -3.0);
        assert_eq!(read[0]["levels"][0], 1.0);
        assert!(series["colour"].as_str().unwrap().starts_with('#'));
    }
}

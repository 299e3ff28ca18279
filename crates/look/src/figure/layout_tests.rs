//! Text never covers text, and never leaves the figure, whatever the axes span.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use super::{Figure, ImagePanel, PlotPanel, Series};
use crate::scene::Item;
use crate::{AxisScale, Scaling, Stretch};
use firstlight_frame::Image;
use proptest::prelude::*;

/// What is wrong with the texts of a figure, if anything.
fn fault(figure: &Figure) -> Option<String> {
    let drawing = match figure.draw() {
        Ok(drawing) => drawing,
        Err(error) => return Some(error.to_string()),
    };
    let scene = drawing.scene;
    let texts: Vec<_> = scene
        .items
        .iter()
        .filter_map(|item| match item {
            Item::Text(text) => Some((text.text.clone(), text.bounds().unwrap())),
            _ => None,
        })
        .collect();
    let (width, height) = (scene.width as f64, scene.height as f64);
    for (n, (text, bounds)) in texts.iter().enumerate() {
        if bounds.left < 0.0 || bounds.top < 0.0 || bounds.right > width || bounds.bottom > height {
            return Some(format!(
                "'{text}' leaves the figure: {bounds:?} of {width} x {height}"
            ));
        }
        // Descenders may touch the next line.
        if let Some((other, _)) = texts[..n]
            .iter()
            .find(|(_, other)| bounds.grown(-0.5).overlaps(&other.grown(-0.5)))
        {
            return Some(format!("'{text}' covers '{other}'"));
        }
    }
    None
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn of_plots(
        middle in prop_oneof![Just(0.0), -1e6..1e6, -1e-4..1e-4, 5e4..6e4],
        decades in -12_i32..9,
        width in 260_usize..1500,
        panels in 1_usize..4,
        log in any::<bool>(),
    ) {
        let range = 10_f64.powi(decades) * 3.7;
        // Ten digits are what a label has room for.
        prop_assume!(range > 1e-6 * f64::abs(middle));
        let x = [middle, middle + 0.3 * range, middle + range];
        let scale = if log { AxisScale::Log } else { AxisScale::Linear };
        let width = width.max(240 * panels);
        let mut figure = Figure::new().title("A title of the whole").width_px(width).dpi(72.0).columns(panels);
        for _ in 0..panels {
            let plot = PlotPanel::new("abscissa (unit)", "ordinate (unit)").title("A panel").y_scale(scale);
            figure = figure.panel(plot.series(Series::line(&x, &x)));
        }
        prop_assert_eq!(fault(&figure), None);
    }

    #[test]
    fn of_images(
        ny in 1_usize..300,
        nx in 1_usize..300,
        low in -1e3..1e5_f64,
        decades in -6_i32..7,
        stretch in prop_oneof![
            Just(Stretch::Linear), Just(Stretch::Log), Just(Stretch::Sqrt), Just(Stretch::Asinh { a: 0.1 }),
            Just(Stretch::Power { exponent: 2.0 }),
        ],
        panels in 1_usize..4,
    ) {
        let low = if stretch == Stretch::Log { low.abs() + 1e-3 } else { low };
        let high = low + 10_f64.powi(decades) * 2.3;
        prop_assume!(high > low);
        let image = Image::from_fn(ny, nx, |x, y| (x + y) as f32);
        let scaling = Scaling { stretch, ..Scaling::default() }.between(low, high);
        let mut figure = Figure::new().title("A title of the whole").dpi(72.0);
        for _ in 0..panels {
            figure = figure.panel(ImagePanel::new(&image).title("A panel").unit("e/s").scaling(scaling));
        }
        prop_assert_eq!(fault(&figure), None);
    }
}

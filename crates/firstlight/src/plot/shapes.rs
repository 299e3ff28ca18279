//! Shapes from text: `x,y,r=name`.

use super::PlotOptions;
use crate::{Error, Result};
use firstlight_look::{Colour, Overlay, Shape};
use std::ops::Range;

/// All that the options want drawn over each image.
pub fn overlays(options: &PlotOptions) -> Result<Vec<Overlay>> {
    let colour: Option<Colour> = options.overlay_color.as_deref().map(str::parse).transpose()?;
    if !(0.0..=1.0).contains(&options.fill) {
        return Err(Error::Usage(format!(
            "an opacity is from 0 to 1, not {}",
            options.fill
        )));
    }
    let mut shapes = Vec::new();
    for text in &options.boxes {
        let (words, name) = named(text);
        let (y, x) = section(words)?;
        shapes.push((Shape::Box { y, x }, name));
    }
    for text in &options.circles {
        let ([x, y, r], name) = numbers(text, "a circle is x,y,r")?;
        shapes.push((Shape::Circle { x, y, r }, name));
    }
    for text in &options.ellipses {
        let ([x, y, a, b, theta_deg], name) = numbers(text, "an ellipse is x,y,a,b,theta")?;
        shapes.push((
            Shape::Ellipse {
                x,
                y,
                a,
                b,
                theta_deg,
            },
            name,
        ));
    }
    for text in &options.rectangles {
        let ([x, y, w, h, theta_deg], name) = numbers(text, "a rectangle is x,y,w,h,theta")?;
        shapes.push((
            Shape::Rectangle {
                x,
                y,
                w,
                h,
                theta_deg,
            },
            name,
        ));
    }
    for text in &options.annuli {
        let ([x, y, r_in, r_out], name) = numbers(text, "an annulus is x,y,r_in,r_out")?;
        shapes.push((Shape::CircularAnnulus { x, y, r_in, r_out }, name));
    }
    for text in &options.crosses {
        let ([x, y], name) = numbers(text, "a cross is x,y")?;
        shapes.push((Shape::Cross { x, y, size: 8.0 }, name));
    }
    let overlay = |(shape, name): (Shape, Option<&str>)| {
        let mut overlay = Overlay::new(shape).fill_alpha(options.fill);
        if let Some(name) = name {
            overlay = overlay.label(name);
        }
        match colour {
            Some(colour) => overlay.colour(colour),
            None => overlay,
        }
    };
    Ok(shapes.into_iter().map(overlay).collect())
}

/// `y0:y1,x0:x1` as ranges of rows and columns.
pub fn section(text: &str) -> Result<(Range<usize>, Range<usize>)> {
    let range = |text: &str| {
        let (start, end) = text.split_once(':')?;
        let range = start.trim().parse().ok()?..end.trim().parse().ok()?;
        (!range.is_empty()).then_some(range)
    };
    let both = text
        .split_once(',')
        .and_then(|(y, x)| Some((range(y)?, range(x)?)));
    both.ok_or_else(|| {
        Error::Usage(format!(
            "'{text}': a section is y0:y1,x0:x1 with y0 < y1 and x0 < x1"
        ))
    })
}

/// Splits off the name after `=`.
fn named(text: &str) -> (&str, Option<&str>) {
    match text.split_once('=') {
        Some((words, name)) => (words, Some(name.trim()).filter(|name| !name.is_empty())),
        None => (text, None),
    }
}

fn numbers<'t, const N: usize>(text: &'t str, form: &str) -> Result<([f64; N], Option<&'t str>)> {
    let (words, name) = named(text);
    let values: Option<Vec<f64>> = words
        .split(',')
        .map(|word| word.trim().parse().ok().filter(|value: &f64| value.is_finite()))
        .collect();
    let values = values.and_then(|values| <[f64; N]>::try_from(values).ok());
    let values =
        values.ok_or_else(|| Error::Usage(format!("'{text}': {form}, numbers with commas between")))?;
    // All that follows the centre is a length, but for an angle in the fifth place.
    if values
        .iter()
        .enumerate()
        .any(|(n, &value)| (2..4).contains(&n) && value < 0.0)
    {
        return Err(Error::Usage(format!(
            "'{text}': {form}, and lengths are not negative"
        )));
    }
    Ok((values, name))
}

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
    for (texts, read) in forms(options) {
        for text in texts {
            let (words, name) = named(text);
            shapes.push((read(words)?, name));
        }
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

type Read = fn(&str) -> Result<Shape>;

/// The options that draw shapes from numbers, and how each is read.
fn forms(options: &PlotOptions) -> [(&[String], Read); 7] {
    [
        (&options.circle, |text| {
            let [x, y, r] = numbers(text, "a circle is x,y,r")?;
            Ok(Shape::Circle { x, y, r })
        }),
        (&options.ellipse, |text| {
            let [x, y, a, b, theta_deg] = turned(text, "an ellipse is x,y,a,b,theta")?;
            Ok(Shape::Ellipse {
                x,
                y,
                a,
                b,
                theta_deg,
            })
        }),
        (&options.rectangle, |text| {
            let [x, y, w, h, theta_deg] = turned(text, "a rectangle is x,y,w,h,theta")?;
            Ok(Shape::Rectangle {
                x,
                y,
                w,
                h,
                theta_deg,
            })
        }),
        (&options.circle_annulus, |text| {
            let [x, y, r_in, r_out] = numbers(text, "an annulus is x,y,r_in,r_out")?;
            Ok(Shape::CircularAnnulus { x, y, r_in, r_out })
        }),
        (&options.ellipse_annulus, |text| {
            let [x, y, a_in, a_out, b_out, theta_deg] =
                turned(text, "an elliptical annulus is x,y,a_in,a_out,b_out,theta")?;
            let b_in = b_out * a_in / a_out;
            Ok(Shape::EllipticalAnnulus {
                x,
                y,
                a_in,
                a_out,
                b_in,
                b_out,
                theta_deg,
            })
        }),
        (&options.rectangle_annulus, |text| {
            let [x, y, w_in, w_out, h_out, theta_deg] =
                turned(text, "a rectangular annulus is x,y,w_in,w_out,h_out,theta")?;
            let h_in = h_out * w_in / w_out;
            Ok(Shape::RectangularAnnulus {
                x,
                y,
                w_in,
                w_out,
                h_in,
                h_out,
                theta_deg,
            })
        }),
        (&options.cross, |text| {
            let [x, y] = numbers(text, "a cross is x,y")?;
            Ok(Shape::Cross { x, y, size: 8.0 })
        }),
    ]
}

/// Exactly `N` finite numbers; those after the position are lengths, and so above zero.
fn numbers<const N: usize>(text: &str, form: &str) -> Result<[f64; N]> {
    let finite = |word: &str| word.trim().parse().ok().filter(|value: &f64| value.is_finite());
    let values: Option<Vec<f64>> = text.split(',').map(finite).collect();
    let values = values.and_then(|values| <[f64; N]>::try_from(values).ok());
    let values =
        values.ok_or_else(|| Error::Usage(format!("'{text}': {form}, numbers with commas between")))?;
    if values.iter().skip(2).any(|&length| length <= 0.0) {
        return Err(Error::Usage(format!(
            "'{text}': {form}, and lengths are above zero"
        )));
    }
    Ok(values)
}

/// `N` numbers of which the last is an angle, which may be of any sign, or be left out where it is zero.
fn turned<const N: usize>(text: &str, form: &str) -> Result<[f64; N]> {
    let (lengths, angle) = match text.split(',').count() == N {
        true => text.rsplit_once(',').unwrap_or((text, "0")),
        false => (text, "0"),
    };
    let wrong = || Error::Usage(format!("'{text}': {form}, numbers with commas between"));
    let angle: f64 = angle
        .trim()
        .parse()
        .ok()
        .filter(|angle: &f64| angle.is_finite())
        .ok_or_else(wrong)?;
    let mut values = [0.0; N];
    let read: Vec<f64> = match N {
        5 => numbers::<4>(lengths, form)?.to_vec(),
        _ => numbers::<5>(lengths, form)?.to_vec(),
    };
    values[..read.len()].copy_from_slice(&read);
    values[N - 1] = angle;
    Ok(values)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn shapes(options: &PlotOptions) -> Vec<Overlay> {
        overlays(options).unwrap()
    }

    #[test]
    fn text_becomes_shapes_with_names() {
        let text = |text: &str| vec![text.to_owned()];
        let options = PlotOptions {
            ellipse: text("735, 710,70,40,-90=target"),
            ..PlotOptions::default()
        };
        let target = Shape::Ellipse {
            x: 735.0,
            y: 710.0,
            a: 70.0,
            b: 40.0,
            theta_deg: -90.0,
        };
        assert_eq!(shapes(&options), [Overlay::new(target).label("target")]);
        let options = PlotOptions {
            ellipse_annulus: text("-1,2,4,8,6"),
            ..PlotOptions::default()
        };
        let (x, y) = (-1.0, 2.0);
        let ring = Shape::EllipticalAnnulus {
            x,
            y,
            a_in: 4.0,
            a_out: 8.0,
            b_in: 3.0,
            b_out: 6.0,
            theta_deg: 0.0,
        };
        assert_eq!(shapes(&options), [Overlay::new(ring)]);
        let options = PlotOptions {
            boxes: text("650:850,580:780=glow"),
            fill: 0.5,
            ..PlotOptions::default()
        };
        let glow = Overlay::new(Shape::Box {
            y: 650..850,
            x: 580..780,
        })
        .label("glow")
        .fill_alpha(0.5);
        assert_eq!(shapes(&options), [glow]);
    }

    #[test]
    fn text_that_is_no_shape_is_refused() {
        let text = |text: &str| vec![text.to_owned()];
        for wrong in [
            "", "1", "1,2", "1,2,3,4", "1,2,x", "1,2,nan", "1,2,inf", "1,2,-3", "1,2,0", "=name",
        ] {
            let options = PlotOptions {
                circle: text(wrong),
                ..PlotOptions::default()
            };
            assert!(matches!(overlays(&options), Err(Error::Usage(_))), "{wrong}");
        }
        for wrong in ["1,2,3", "1,2,3,4,5,6", "1,2,3,4,x", "1,2,3,-4,5"] {
            let options = PlotOptions {
                ellipse: text(wrong),
                ..PlotOptions::default()
            };
            assert!(matches!(overlays(&options), Err(Error::Usage(_))), "{wrong}");
        }
        for wrong in [
            "",
            "1:2",
            "1:2,3",
            "2:1,0:1",
            "1:1,0:1",
            "-1:2,0:1",
            "1:2,0:1,0:1",
        ] {
            let options = PlotOptions {
                boxes: text(wrong),
                ..PlotOptions::default()
            };
            assert!(matches!(overlays(&options), Err(Error::Usage(_))), "{wrong}");
        }
        for fill in [-0.1, 1.1, f64::NAN] {
            assert!(
                overlays(&PlotOptions {
                    fill,
                    ..PlotOptions::default()
                })
                .is_err()
            );
        }
        let options = PlotOptions {
            overlay_color: Some("nocolour".into()),
            ..PlotOptions::default()
        };
        assert!(overlays(&options).is_err());
    }
}

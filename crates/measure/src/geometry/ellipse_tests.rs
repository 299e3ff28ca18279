//! The ellipse's geometry against what can be said without it.

use super::*;
use proptest::prelude::*;

fn sum_of_pixels(ellipse: &Ellipse, reach: i32, offset: (f64, f64)) -> f64 {
    let mut sum = 0.0;
    for y in -reach..=reach {
        for x in -reach..=reach {
            sum += ellipse.pixel_overlap(f64::from(x) - offset.0, f64::from(y) - offset.1);
        }
    }
    sum
}

/// The common area by Simpson's rule over the chords of the pixel's columns of points.
fn integrated(ellipse: &Ellipse, x: f64, y: f64, steps: usize) -> f64 {
    let (width, height) = ellipse.extents();
    let (low, high) = ((y - 0.5).max(-height), (y + 0.5).min(height));
    if low >= high || x - 0.5 > width || x + 0.5 < -width {
        return 0.0;
    }
    let length = |y: f64| {
        let (left, right) = ellipse.chord(y);
        (right.min(x + 0.5) - left.max(x - 0.5)).max(0.0)
    };
    let step = (high - low) / steps as f64;
    (0..steps)
        .map(|index| {
            let from = low + index as f64 * step;
            (length(from) + 4.0 * length(from + 0.5 * step) + length(from + step)) * step / 6.0
        })
        .sum()
}

#[test]
fn the_segment_series_meets_the_formula() {
    for s in [0.03f64, 0.0316, 0.0317, 0.1, 0.2, 0.249_999, 0.25] {
        let formula = s.asin() - s * (1.0 - s * s).sqrt();
        assert!((small_segment(s) / formula - 1.0).abs() < 1e-11, "{s}");
        let half = s.asin();
        let (from, to) = (
            Point::new(half.cos(), -half.sin()),
            Point::new(half.cos(), half.sin()),
        );
        assert!((large_segment(from, to) / formula - 1.0).abs() < 1e-11, "{s}");
        assert!(
            (large_segment(to, from) - (PI - formula)).abs() < 1e-15,
            "the other way round"
        );
    }
    assert_eq!(small_segment(0.0), 0.0);
}

#[test]
fn a_circle_in_a_pixel_and_a_pixel_in_a_circle() {
    let small = Ellipse::circle(0.3);
    assert!((small.pixel_overlap(0.1, -0.1) - PI * 0.09).abs() < 1e-15);
    assert_eq!(small.pixel_overlap(1.0, 0.0), 0.0);
    assert!(
        (small.pixel_overlap(0.5, 0.0) - 0.5 * PI * 0.09).abs() < 1e-15,
        "cut in halves by an edge"
    );
    assert!(
        (small.pixel_overlap(0.5, 0.5) - 0.25 * PI * 0.09).abs() < 1e-15,
        "in quarters by a corner"
    );
    let large = Ellipse::circle(5.0);
    assert_eq!(large.pixel_overlap(0.2, 3.0), 1.0);
    assert_eq!(large.pixel_overlap(5.0, 5.0), 0.0);
}

#[test]
fn tangents_and_corners_on_the_circle_are_exact() {
    // Tangent to all four edges from within; through all four corners from without.
    assert!((Ellipse::circle(0.5).pixel_overlap(0.0, 0.0) - PI * 0.25).abs() < 1e-15);
    assert!((Ellipse::circle(0.5f64.sqrt()).pixel_overlap(0.0, 0.0) - 1.0).abs() < 1e-15);
    // Tangent from outside.
    assert!(Ellipse::circle(2.5).pixel_overlap(3.0, 0.0) < 1e-15);
    // A corner that is on the circle, with the pixel outside: (3, 4) of a circle of 5.
    assert!(Ellipse::circle(5.0).pixel_overlap(3.5, 4.5) < 1e-15);
    assert!((Ellipse::circle(5.0).pixel_overlap(2.5, 3.5) - 1.0).abs() < 1e-15);
}

#[test]
fn a_needle_across_a_pixels_corner() {
    // The tips of a very thin ellipse along the diagonal poke through the corners by very little.
    for reach in [0.5, 0.5 - 1e-9, 0.5 + 1e-9, 0.5 + 1e-15, 0.4, 0.6] {
        let a = reach * 2.0f64.sqrt();
        let needle = Ellipse::new(a, 1e-3, std::f64::consts::FRAC_PI_4);
        let whole = PI * a * 1e-3;
        let got = needle.pixel_overlap(0.0, 0.0);
        assert!(got <= whole * (1.0 + 1e-12), "{reach}");
        let expected = integrated(&needle, 0.0, 0.0, 200_000);
        assert!((got - expected).abs() < 1e-7 * whole, "{reach}: {got} {expected}");
    }
}

#[test]
fn large_circles_keep_their_precision() {
    let circle = Ellipse::circle(1e5);
    // Near (r, 0) the border is nearly straight: x = r - y²/2r.
    let got = circle.pixel_overlap(1e5, 0.0);
    assert!((got - (0.5 - 1.0 / 24.0 / 1e5)).abs() < 1e-10, "{got}");
}

proptest! {
    #[test]
    fn pixels_add_up_to_the_area(
        a in 0.05f64..9.0, b in 0.05f64..9.0, theta in -7.0f64..7.0, dx in -0.5f64..0.5, dy in -0.5f64..0.5,
    ) {
        let sum = sum_of_pixels(&Ellipse::new(a, b, theta), 11, (dx, dy));
        prop_assert!((sum / (PI * a * b) - 1.0).abs() < 1e-11, "{}", sum);
    }

    #[test]
    fn aligned_circles_add_up_too(r in 1u32..40, halves in 0u32..2) {
        // Radii in halves of a pixel on a pixel's centre or corner: all tangencies there are.
        let shift = 0.5 * f64::from(halves);
        let r = 0.5 * f64::from(r);
        let sum = sum_of_pixels(&Ellipse::circle(r), 22, (shift, shift));
        prop_assert!((sum / (PI * r * r) - 1.0).abs() < 1e-12, "{}", sum);
    }

    #[test]
    fn a_pixel_is_what_integration_gives(
        a in 0.3f64..6.0, b in 0.3f64..6.0, theta in 0.0f64..4.0, x in -6.0f64..6.0, y in -6.0f64..6.0,
    ) {
        let ellipse = Ellipse::new(a, b, theta);
        let expected = integrated(&ellipse, x, y, 4000);
        prop_assert!((ellipse.pixel_overlap(x, y) - expected).abs() < 1e-5);
    }

    #[test]
    fn rows_hold_their_pixels(
        a in 0.1f64..6.0, b in 0.1f64..6.0, theta in 0.0f64..4.0, y in -7.0f64..7.0,
    ) {
        let ellipse = Ellipse::new(a, b, theta);
        let touched = ellipse.touched(y - 0.5, y + 0.5);
        let filled = ellipse.filled(y - 0.5, y + 0.5);
        for x in -70..=70 {
            let x = f64::from(x) * 0.1;
            let overlap = ellipse.pixel_overlap(x, y);
            if touched.is_none_or(|(left, right)| x + 0.5 < left || x - 0.5 > right) {
                prop_assert!(overlap < 1e-12);
            }
            if filled.is_some_and(|(left, right)| x - 0.5 > left && x + 0.5 < right) {
                prop_assert!(overlap > 1.0 - 1e-12);
            }
        }
    }
}

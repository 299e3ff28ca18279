//! Round numbers along an axis, and how they are written.

use crate::Norm;
use crate::stretch::Stretch;

/// The marks of an axis.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Ticks {
    /// Marks with labels, in the axis's unit.
    pub major: Vec<(f64, String)>,
    /// Marks without.
    pub minor: Vec<f64>,
    /// The power of ten by which the labels are to be multiplied, written once at the end of the axis.
    pub factor: Option<i32>,
}

/// Marks at equal steps of 1, 2, 2.5 or 5 times a power of ten, at most `most` of them (at least two are allowed).
pub fn linear(low: f64, high: f64, most: usize) -> Ticks {
    let (low, high) = if low <= high { (low, high) } else { (high, low) };
    let range = high - low;
    if !range.is_finite() || range <= 0.0 {
        return Ticks::default();
    }
    let most = most.max(2) as f64;
    let magnitude = 10_f64.powf((range / most).log10().floor());
    // With a hair's breadth to spare, so that 0 to 1 in tenths is not spoilt by rounding.
    let count = |step: f64| (high / step + 1e-9).floor() - (low / step - 1e-9).ceil() + 1.0;
    let steps = [1.0, 2.0, 2.5, 5.0, 10.0, 20.0, 25.0, 50.0];
    let step = steps
        .iter()
        .map(|step| step * magnitude)
        .find(|&step| count(step) <= most);
    let Some(step) = step.filter(|step| step.is_normal()) else {
        return Ticks::default();
    };
    let first = (low / step - 1e-9).ceil();
    let values: Vec<f64> = (0..count(step).max(0.0) as usize)
        .map(|n| (first + n as f64) * step)
        .map(|value| if value == 0.0 { 0.0 } else { value })
        .collect();
    with_labels(&values, step)
}

/// Labels with as many decimals as `step` needs; very large and very small numbers share a factor.
fn with_labels(values: &[f64], step: f64) -> Ticks {
    let largest = values
        .iter()
        .fold(0.0_f64, |largest, value| largest.max(value.abs()));
    // Numbers whose differences are small against themselves (dates) are written out.
    let alike = largest > 1e3 * step;
    let factor = match largest {
        _ if alike && (1e-3..1e9).contains(&largest) => None,
        large if large >= 1e5 => Some(large.log10().floor() as i32),
        small if small > 0.0 && small < 1e-3 => Some(small.log10().floor() as i32),
        _ => None,
    };
    let divisor = 10_f64.powi(factor.unwrap_or(0));
    let decimals = decimals_of(step / divisor);
    let label = |value: f64| minus(&format!("{:.decimals$}", value / divisor));
    Ticks {
        major: values.iter().map(|&value| (value, label(value))).collect(),
        minor: Vec::new(),
        factor,
    }
}

/// Decimals needed to write multiples of `step` exactly, up to ten.
fn decimals_of(step: f64) -> usize {
    (0..10)
        .find(|&n| {
            let scaled = step * 10_f64.powi(n);
            (scaled - scaled.round()).abs() < 1e-6 * scaled.max(1.0) && scaled > 0.5
        })
        .unwrap_or(10) as usize
}

/// Marks at powers of ten from `low` to `high` (both above zero), with their multiples as minor marks; where fewer
/// than two powers fall inside, the multiples are labelled as well; where `most` are too few, powers are left out.
pub fn logarithmic(low: f64, high: f64, most: usize) -> Ticks {
    let (low, high) = if low <= high { (low, high) } else { (high, low) };
    if !(low > 0.0 && high.is_finite() && low < high) {
        return Ticks::default();
    }
    let most = most.max(2);
    let inside = |value: f64| value >= low * (1.0 - 1e-9) && value <= high * (1.0 + 1e-9);
    let (first, last) = (low.log10().floor() as i32, high.log10().ceil() as i32);
    let multiples = |of: &[u8]| -> Vec<f64> {
        (first..=last)
            .flat_map(|power| of.iter().map(move |&n| f64::from(n) * 10_f64.powi(power)))
            .filter(|&value| inside(value))
            .collect()
    };
    let powers = multiples(&[1]);
    let all = multiples(&[1, 2, 3, 4, 5, 6, 7, 8, 9]);
    let choices = [
        &[1, 2, 3, 4, 5, 6, 7, 8, 9][..],
        &[1, 2, 3, 5],
        &[1, 2, 5],
        &[1, 3],
    ];
    let labelled = if powers.len() >= 3 || powers.len() == most {
        let every = powers.len().div_ceil(most);
        let start = (first..=last)
            .find(|&power| inside(10_f64.powi(power)))
            .unwrap_or(first);
        let offset = (every as i32 - start.rem_euclid(every as i32)) as usize % every;
        powers.iter().copied().skip(offset).step_by(every).collect()
    } else {
        let apart = (high / low).ln() / (1.3 * most as f64);
        let roomy = |values: &Vec<f64>| {
            (2..=most).contains(&values.len())
                && values.windows(2).all(|pair| (pair[1] / pair[0]).ln() >= apart)
        };
        let choice = choices.iter().map(|of| multiples(of)).find(roomy);
        match choice {
            Some(values) => values,
            // Less than one interval of those: equal steps serve better.
            None if powers.len() < 2 => return linear(low, high, most),
            None => powers.clone(),
        }
    };
    let exponents = high > 1.1e4 || low < 0.9e-3;
    // Eight marks to each of many powers are a blur.
    let between = if powers.len() > 5 { powers } else { all };
    let minor = between
        .into_iter()
        .filter(|value| !labelled.iter().any(|major| same(*major, *value)))
        .collect();
    let major = labelled
        .into_iter()
        .map(|value| (value, power_label(value, exponents)))
        .collect();
    Ticks {
        major,
        minor,
        factor: None,
    }
}

/// Marks for the colour bar of `norm`, no two nearer than `1 / most` of its length.
pub fn of_norm(norm: &Norm, most: usize) -> Ticks {
    let (low, high) = (norm.vmin(), norm.vmax());
    match norm.stretch() {
        Stretch::Linear => linear(low, high, most),
        Stretch::Log => logarithmic(low, high, most),
        _ => curved(norm, most.max(2)),
    }
}

/// Where equal steps would crowd at one end: round numbers, the roundest first, wherever there is room.
fn curved(norm: &Norm, most: usize) -> Ticks {
    let (low, high) = (norm.vmin(), norm.vmax());
    let top = low.abs().max(high.abs()).log10().ceil() as i32;
    let mut round: Vec<f64> = vec![0.0];
    for leading in [1.0, 5.0, 2.0, 3.0, 7.0] {
        for power in (top - 6..=top).rev() {
            let value = leading * 10_f64.powi(power);
            round.extend([value, -value]);
        }
    }
    let equal = |most: usize| linear(low, high, most).major.into_iter().map(|tick| tick.0);
    let apart = 1.0 / most as f64;
    let mut chosen: Vec<f64> = Vec::new();
    let mut choose = |values: &mut dyn Iterator<Item = f64>| {
        for value in values {
            let place = norm.place(value);
            let free = chosen
                .iter()
                .all(|&other| (norm.place(other) - place).abs() >= apart);
            if (0.0..=1.0).contains(&place) && free {
                chosen.push(value);
            }
        }
        chosen.len()
    };
    // An interval far from zero has few such numbers.
    if choose(&mut round.into_iter()) < 3 {
        choose(&mut equal(4).chain(equal(12)));
    }
    chosen.sort_by(f64::total_cmp);
    let largest = chosen
        .iter()
        .fold(0.0_f64, |largest, value| largest.max(value.abs()));
    let factor = (largest > 0.0 && !(1e-3..1e5).contains(&largest)).then(|| largest.log10().floor() as i32);
    let divisor = 10_f64.powi(factor.unwrap_or(0));
    let label = |value: f64| minus(&plain(value / divisor));
    Ticks {
        major: chosen.iter().map(|&value| (value, label(value))).collect(),
        minor: Vec::new(),
        factor,
    }
}

fn same(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs()
}

/// `0.01`, `1`, `100`; or `10⁻²`, `2×10³` where the axis has very large or small numbers.
fn power_label(value: f64, exponents: bool) -> String {
    if !exponents {
        return plain(value);
    }
    let power = (value.log10() + 1e-9).floor() as i32;
    let leading = (value / 10_f64.powi(power)).round();
    if leading == 1.0 {
        power_of_ten(power)
    } else {
        format!("{leading}×{}", power_of_ten(power))
    }
}

/// `10⁻⁵`
pub fn power_of_ten(power: i32) -> String {
    let raised = |character: char| match character {
        '-' => '⁻',
        '0' => '⁰',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        digit => char::from_u32(0x2070 + digit as u32 - '0' as u32).unwrap_or(digit),
    };
    format!("10{}", power.to_string().chars().map(raised).collect::<String>())
}

/// The shortest of the usual ways to write a number to six digits.
pub fn plain(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let decimals = (5 - value.abs().log10().floor() as i32).clamp(0, 12) as usize;
    let text = format!("{value:.decimals$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

/// With a minus sign instead of a hyphen.
pub fn minus(text: &str) -> String {
    text.replace('-', "\u{2212}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use proptest::prelude::*;

    fn labels(ticks: &Ticks) -> Vec<&str> {
        ticks.major.iter().map(|(_, label)| label.as_str()).collect()
    }

    #[test]
    fn equal_steps_are_round_and_labelled_alike() {
        assert_eq!(
            labels(&linear(0.0, 1.0, 6)),
            ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]
        );
        assert_eq!(
            labels(&linear(-0.5, 1023.5, 6)),
            ["0", "200", "400", "600", "800", "1000"]
        );
        assert_eq!(labels(&linear(-3.0, 2.0, 6)), ["−3", "−2", "−1", "0", "1", "2"]);
        assert_eq!(
            labels(&linear(57084.1, 57084.9, 4)),
            ["57084.2", "57084.4", "57084.6", "57084.8"]
        );
        let small = linear(0.0, 8e-7, 5);
        assert_eq!(
            (labels(&small), small.factor),
            (vec!["0", "2", "4", "6", "8"], Some(-7))
        );
        for (low, high) in [(1.0, 1.0), (f64::NAN, 1.0), (0.0, f64::INFINITY)] {
            assert_eq!(linear(low, high, 5), Ticks::default());
        }
    }

    #[test]
    fn powers_of_ten_are_marked_and_their_multiples_where_there_are_few() {
        assert_eq!(labels(&logarithmic(1.0, 2428.0, 9)), ["1", "10", "100", "1000"]);
        assert_eq!(
            labels(&logarithmic(1e-5, 1e-2, 9)),
            ["10⁻⁵", "10⁻⁴", "10⁻³", "10⁻²"]
        );
        assert_eq!(
            labels(&logarithmic(0.5, 12.0, 9)),
            ["0.5", "1", "2", "3", "5", "10"]
        );
        assert_eq!(labels(&logarithmic(1e-9, 1e9, 4)), ["10⁻⁵", "10⁰", "10⁵"]);
        assert_eq!(logarithmic(100.0, 101.0, 5).major, linear(100.0, 101.0, 5).major);
        assert_eq!(logarithmic(0.0, 1.0, 5), Ticks::default());
        assert_eq!(power_of_ten(-120), "10⁻¹²⁰");
    }

    proptest! {
        #[test]
        fn marks_lie_inside_in_order_and_are_not_too_many(
            low in -1e6..1e6_f64, decades in -8_i32..8, most in 2_usize..12, log in any::<bool>()
        ) {
            let low = if log { low.abs() + 1e-9 } else { low };
            let high = low + 10_f64.powi(decades) * 1.7;
            prop_assume!((high - low) / low.abs().max(high.abs()) > 1e-9);
            let ticks = if log { logarithmic(low, high, most) } else { linear(low, high, most) };
            let slack = 1e-6 * (high - low);
            prop_assert!(!ticks.major.is_empty() && ticks.major.len() <= most);
            prop_assert!(ticks.major.iter().all(|(value, _)| *value >= low - slack && *value <= high + slack));
            prop_assert!(ticks.major.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 != pair[1].1));
        }

        #[test]
        fn labels_say_the_value(low in -1e7..1e7_f64, decades in -6_i32..7) {
            let high = low + 10_f64.powi(decades);
            prop_assume!(high - low > 1e-9 * low.abs());
            let ticks = linear(low, high, 7);
            for (value, label) in &ticks.major {
                let read: f64 = label.replace('\u{2212}', "-").parse().unwrap();
                let read = read * 10_f64.powi(ticks.factor.unwrap_or(0));
                prop_assert!((read - value).abs() <= 1e-3 * (high - low), "{label} for {value}");
            }
        }
    }
}

//! PHOTMODE: the configuration of the instrument in words.

use crate::acs::{Channel, Setup};

/// The words of PHOTMODE: detector, coronagraph, filters, day. Filters that are clear or none are left out, polarizers
/// are `POL_UV` or `POL_V`, ramp filters (`FR…`) carry `lrfwave`, the central wavelength (LRFWAVE, Å; −1 where there
/// is none).
pub fn photmode(setup: &Setup, lrfwave: f32) -> String {
    let detector = match setup.channel {
        Channel::Wfc => "WFC1",
        Channel::Hrc => "HRC",
        Channel::Sbc => "SBC",
    };
    let mut words = format!("ACS {detector}");
    if setup.obstype.starts_with("CORON") {
        words.push_str(" CORON");
    }
    for filter in [&setup.filter1, &setup.filter2] {
        if filter.is_empty() || filter.starts_with("N/A") || filter.starts_with("CLEAR") {
            continue;
        }
        words.push(' ');
        match filter.starts_with("POL") {
            true if filter.contains("UV") => words.push_str("POL_UV"),
            true => words.push_str("POL_V"),
            false => words.push_str(filter),
        }
        if filter.starts_with("FR") {
            words.push_str(&format!("#{}", four_digits(lrfwave)));
        }
    }
    words.push_str(&format!(" MJD#{:.4}", setup.expstart_mjd));
    words
}

/// A number with four significant digits, as C's `%.4g` writes it.
fn four_digits(value: f32) -> String {
    let value = f64::from(value);
    let scientific = format!("{value:.3e}");
    let exponent = scientific
        .split_once('e')
        .and_then(|(_, exponent)| exponent.parse().ok());
    let exponent: i32 = exponent.unwrap_or(0);
    let short = |digits: &str| match digits.contains('.') {
        true => digits.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => digits.to_owned(),
    };
    if (-4..4).contains(&exponent) {
        return short(&format!("{value:.*}", (3 - exponent).max(0) as usize));
    }
    let digits = scientific.split_once('e').map_or("", |(digits, _)| digits);
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{}e{sign}{:02}", short(digits), exponent.abs())
}

#[cfg(test)]
mod tests {
    use super::four_digits;

    #[test]
    fn numbers_are_written_as_by_c() {
        let cases = [
            (3880.0, "3880"),
            (10120.0, "1.012e+04"),
            (6560.5, "6560"),
            (6561.5, "6562"),
            (-1.0, "-1"),
            (0.25, "0.25"),
            (99996.0, "1e+05"),
            (9999.6, "1e+04"),
            (0.00001, "1e-05"),
            (0.0, "0"),
        ];
        for (value, text) in cases {
            assert_eq!(four_digits(value), text);
        }
    }
}

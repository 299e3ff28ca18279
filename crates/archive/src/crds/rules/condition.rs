//! Header values in the one form that rules are written in.

/// A value as rules have it: upper case without blanks around it, numbers as reals, one spelling each for
/// "does not apply", "anything", true and false.
///
/// Only the beginning of a value tells that it does not apply (`N/A…`), as the official client reads it.
pub fn condition_value(value: &str) -> String {
    let mut value = value.trim().to_uppercase();
    if is_number(&value)
        && let Some(number) = real(&value)
    {
        value = real_text(number);
    }
    let does_not_apply = value.starts_with("N/A")
        || value.starts_with("()")
        || value.starts_with("NOT APPLICABLE")
        || value == "NOT_APPLICABLE"
        || is_largest_negative(&value);
    if does_not_apply {
        return "N/A".to_owned();
    }
    match value.as_str() {
        "ANY" => "*".to_owned(),
        "4294967295.0" => "-1.0".to_owned(),
        "TRUE" => "T".to_owned(),
        "FALSE" => "F".to_owned(),
        _ => value,
    }
}

/// -2147483648.0, which databases write for "no value".
fn is_largest_negative(value: &str) -> bool {
    let mut behind = value.strip_prefix("-2147483648").unwrap_or_default().chars();
    behind.next().is_some_and(|c| c != '\n') && behind.next() == Some('0')
}

/// Digits with at most one point and an exponent; a point at the end takes no exponent.
fn is_number(value: &str) -> bool {
    let unsigned = value.strip_prefix(['-', '+']).unwrap_or(value);
    let (mantissa, exponent) = match unsigned.split_once(['E', 'e']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if exponent.is_some_and(|exponent| !digits(exponent.strip_prefix(['-', '+']).unwrap_or(exponent))) {
        return false;
    }
    match mantissa.split_once('.') {
        None => digits(mantissa),
        Some((whole, "")) => digits(whole) && exponent.is_none(),
        Some((whole, fraction)) => (whole.is_empty() || digits(whole)) && digits(fraction),
    }
}

/// A real number as Python's `float()` reads it: blanks around it, underscores between digits, and `inf`,
/// `infinity`, `nan` in any case are allowed.
pub(super) fn real(text: &str) -> Option<f64> {
    let text = text.trim();
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let word = unsigned.to_ascii_lowercase();
    if !matches!(word.as_str(), "inf" | "infinity" | "nan")
        && !unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.')
    {
        return None;
    }
    if !text.contains('_') {
        return text.parse().ok();
    }
    let bytes = text.as_bytes();
    let between_digits = |index: usize| {
        let digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
        digit(index.checked_sub(1)) && digit(index.checked_add(1))
    };
    let placed = bytes
        .iter()
        .enumerate()
        .all(|(index, byte)| *byte != b'_' || between_digits(index));
    placed.then(|| text.replace('_', "").parse().ok()).flatten()
}

/// A real number as Python prints it: the fewest digits that read back the same, always with a point or an
/// exponent.
pub(super) fn real_text(value: f64) -> String {
    if value.is_nan() {
        return "nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let scientific = format!("{value:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        return format!("{value:?}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn values_take_the_form_of_rules() {
        let cases = [
            (" hrc ", "HRC"),
            ("2", "2.0"),
            ("2.", "2.0"),
            (".5", "0.5"),
            ("1E3", "1000.0"),
            ("+7e-5", "7e-05"),
            ("1e16", "1e+16"),
            ("1.e3", "1.E3"),
            ("1_000", "1_000"),
            ("nan", "NAN"),
            ("T", "T"),
            ("True", "T"),
            ("false", "F"),
            ("any", "*"),
            ("n/a", "N/A"),
            ("N/A at all", "N/A"),
            ("Not Applicable", "N/A"),
            ("not_applicable", "N/A"),
            ("NOT_APPLICABLE!", "NOT_APPLICABLE!"),
            ("()", "N/A"),
            ("-2147483648", "N/A"),
            ("4294967295", "-1.0"),
            ("-999", "-999.0"),
            ("", ""),
            ("UNDEFINED", "UNDEFINED"),
        ];
        for (raw, conditioned) in cases {
            assert_eq!(condition_value(raw), conditioned, "{raw}");
        }
    }

    #[test]
    fn reals_are_read_as_python_does() {
        assert_eq!(real(" 1_0.5 "), Some(10.5));
        assert_eq!(real("-Infinity"), Some(f64::NEG_INFINITY));
        assert!(real("NaN").unwrap().is_nan());
        for wrong in ["", "1__0", "_1", "1_", "0x10", "+-1", "e5", "infin", "1 2"] {
            assert_eq!(real(wrong), None, "{wrong}");
        }
    }
}

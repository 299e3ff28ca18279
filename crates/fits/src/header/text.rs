//! Reading and writing the text of values.

use super::Value;

/// A real number in at most 20 characters: the shortest decimal that reads back as the same f64 where
/// that fits, written as Python's `repr` and with it astropy write it, so that files made by either
/// differ in nothing.
pub(super) fn format_real(value: f64) -> String {
    let magnitude = value.abs();
    let mut text = if value == 0.0 || (1e-4..1e16).contains(&magnitude) {
        format!("{value:?}")
    } else {
        let text = format!("{value:E}");
        let (mantissa, exponent) = text.split_once('E').unwrap_or((&text, "0"));
        let (sign, digits) = match exponent.strip_prefix('-') {
            Some(digits) => ('-', digits),
            None => ('+', exponent),
        };
        format!("{mantissa}E{sign}{digits:0>2}")
    };
    if text.len() > 20 && value.fract() == 0.0 && magnitude < 1e19 {
        // Such as 2^63, the BZERO of unsigned 64-bit integers, which must not lose digits.
        return format!("{value:.0}.");
    }
    if text.len() > 20 {
        // Only the mantissa may give way.
        let (mantissa, exponent) = match text.find('E') {
            Some(at) => text.split_at(at),
            None => (text.as_str(), ""),
        };
        text = format!("{}{exponent}", &mantissa[..20 - exponent.len()]);
    }
    text
}

/// Reads what stands between `= ` and the comment; the second part is where the comment begins.
pub(super) fn parse_value(field: &str) -> Result<(Value, Option<&str>), String> {
    let trimmed = field.trim_start();
    if let Some(rest) = trimmed.strip_prefix('\'') {
        let (text, after) = parse_quoted(rest)?;
        return Ok((Value::Text(text), comment_of(after)));
    }
    let (number, comment) = match trimmed.find('/') {
        Some(at) => (&trimmed[..at], Some(&trimmed[at + 1..])),
        None => (trimmed, None),
    };
    Ok((parse_plain(number.trim())?, comment.map(trim_comment)))
}

/// Reads a quoted string after its opening quote; gives it and what follows the closing quote.
pub(super) fn parse_quoted(rest: &str) -> Result<(String, &str), String> {
    let mut text = String::new();
    let mut characters = rest.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        if character != '\'' {
            text.push(character);
        } else if characters.next_if(|&(_, next)| next == '\'').is_some() {
            text.push('\'');
        } else {
            text.truncate(text.trim_end_matches(' ').len());
            return Ok((text, &rest[at + 1..]));
        }
    }
    Err("the string has no closing quote".to_owned())
}

pub(super) fn comment_of(after: &str) -> Option<&str> {
    after.find('/').map(|at| trim_comment(&after[at + 1..]))
}

fn trim_comment(comment: &str) -> &str {
    comment.trim()
}

fn parse_plain(text: &str) -> Result<Value, String> {
    match text {
        "" => return Ok(Value::Undefined),
        "T" => return Ok(Value::Logical(true)),
        "F" => return Ok(Value::Logical(false)),
        _ => {}
    }
    if let Some(inner) = text.strip_prefix('(').and_then(|t| t.strip_suffix(')'))
        && let Some((re, im)) = inner.split_once(',')
        && let (Some(re), Some(im)) = (parse_real(re.trim()), parse_real(im.trim()))
    {
        return Ok(Value::Complex(re, im));
    }
    if let Ok(integer) = text.parse::<i64>() {
        return Ok(Value::Integer(integer));
    }
    parse_real(text)
        .map(Value::Real)
        .ok_or_else(|| format!("'{text}' is not a FITS value"))
}

/// FITS reals: digits, sign, point, and an exponent with `E` or Fortran's `D`. Not "inf" or "nan".
pub(super) fn parse_real(text: &str) -> Option<f64> {
    let allowed = |b: u8| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'E' | b'D' | b'e' | b'd');
    if !text.bytes().all(allowed) || !text.bytes().any(|b| b.is_ascii_digit()) {
        return None;
    }
    text.replace(['D', 'd'], "E").parse().ok()
}

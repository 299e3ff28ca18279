//! One element of a column as text.

use super::{Column, ColumnData};
use std::fmt::{Display, Write};

/// An element as text: reals as the shortest decimal that reads back to the same bits, logicals as
/// `True` and `False`, nothing for a null.
pub fn text(column: &Column, element: usize) -> String {
    let mut out = String::new();
    if !column.is_null(element) {
        push(&mut out, column.data(), element);
    }
    out
}

/// Appends an element, as [`text`] gives it, whether or not it is null.
pub(super) fn push(out: &mut String, data: &ColumnData, element: usize) {
    use ColumnData as D;
    match data {
        D::Logical(v) | D::Bits(v) => {
            out.push_str(v.get(element).map_or("", |&v| if v { "True" } else { "False" }));
        }
        D::U8(v) => shown(out, v.get(element)),
        D::I8(v) => shown(out, v.get(element)),
        D::I16(v) => shown(out, v.get(element)),
        D::U16(v) => shown(out, v.get(element)),
        D::I32(v) => shown(out, v.get(element)),
        D::U32(v) => shown(out, v.get(element)),
        D::I64(v) => shown(out, v.get(element)),
        D::U64(v) => shown(out, v.get(element)),
        D::F32(v) => v.get(element).into_iter().for_each(|&v| single(out, v)),
        D::F64(v) => v.get(element).into_iter().for_each(|&v| double(out, v)),
        D::C32(v) => v
            .get(element)
            .into_iter()
            .for_each(|&[re, im]| complex(out, re, im, single)),
        D::C64(v) => v
            .get(element)
            .into_iter()
            .for_each(|&[re, im]| complex(out, re, im, double)),
        D::Text(v) => shown(out, v.get(element)),
        _ => {}
    }
}

fn shown(out: &mut String, value: Option<&impl Display>) {
    if let Some(value) = value {
        // Writing to a string cannot fail.
        let _ = write!(out, "{value}");
    }
}

fn single(out: &mut String, value: f32) {
    let start = out.len();
    let _ = write!(out, "{value:?}");
    pythonise(out, start);
}

fn double(out: &mut String, value: f64) {
    let start = out.len();
    let _ = write!(out, "{value:?}");
    pythonise(out, start);
}

/// `1e+20`, `1e-05` and `nan` instead of `1e20`, `1e-5` and `NaN`.
fn pythonise(out: &mut String, start: usize) {
    let written = &out[start..];
    if written == "NaN" {
        out.replace_range(start.., "nan");
        return;
    }
    let Some(at) = written.find('e').map(|e| start + e + 1) else {
        return;
    };
    let (sign, digits) = match out[at..].strip_prefix('-') {
        Some(digits) => ('-', digits),
        None => ('+', &out[at..]),
    };
    let exponent = format!("{sign}{digits:0>2}");
    out.replace_range(at.., &exponent);
}

fn complex<T: Copy + Into<f64>>(out: &mut String, re: T, im: T, push: fn(&mut String, T)) {
    push(out, re);
    if !im.into().is_sign_negative() || im.into().is_nan() {
        out.push('+');
    }
    push(out, im);
    out.push('j');
}

/// Reads `1.5+2e-3j`.
pub(super) fn read_complex(text: &str) -> Option<(f64, f64)> {
    let inner = text.trim().trim_start_matches('(').trim_end_matches(')');
    let Some(inner) = inner.strip_suffix('j') else {
        return inner.parse().ok().map(|re| (re, 0.0));
    };
    // The sign that parts the two is the last one that belongs to no exponent.
    let bytes = inner.as_bytes();
    let sign = (1..bytes.len())
        .rev()
        .find(|&i| matches!(bytes[i], b'+' | b'-') && !matches!(bytes[i - 1], b'e' | b'E'));
    match sign {
        Some(at) => Some((inner[..at].parse().ok()?, inner[at..].parse().ok()?)),
        None => Some((0.0, inner.parse().ok()?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reals_are_short_and_read_back() {
        let values = vec![
            0.1,
            25.0,
            1e20,
            1e-5,
            0.0001,
            -0.0,
            123456789.125,
            f64::NAN,
            f64::NEG_INFINITY,
            1e16,
        ];
        let texts: Vec<String> = {
            let column = Column::f64("x", values);
            (0..column.rows()).map(|i| text(&column, i)).collect()
        };
        let expected = [
            "0.1",
            "25.0",
            "1e+20",
            "1e-05",
            "0.0001",
            "-0.0",
            "123456789.125",
            "nan",
            "-inf",
            "1e+16",
        ];
        assert_eq!(texts, expected);
        assert_eq!(text(&Column::f32("x", vec![0.1]), 0), "0.1");
    }

    #[test]
    fn complex_numbers_read_back() {
        for pair in [[1.5, -2.5], [1e-20, 3e20], [-1.0, -0.0]] {
            let written = text(&Column::complex64("z", vec![pair]), 0);
            assert_eq!(read_complex(&written), Some((pair[0], pair[1])), "{written}");
        }
        assert_eq!(read_complex("2j"), Some((0.0, 2.0)));
        assert_eq!(read_complex("2"), Some((2.0, 0.0)));
        assert_eq!(read_complex("x"), None);
    }
}

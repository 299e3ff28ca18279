//! Display formats: FITS's TDISP (`F8.3`, `E12.4`, `I6`) and Python's (`%.3f`, `.3f`, `{:.3f}`).

/// How many digits a number is shown with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Display {
    /// So many decimals.
    Fixed(usize),
    /// A mantissa with so many decimals, and an exponent.
    Exponent(usize),
    /// The shorter of the two, with so many significant digits.
    General(usize),
}

/// More digits than any number has.
const MOST_DIGITS: usize = 100;

impl Display {
    /// Reads either kind of format; `None` for formats that do not concern reals.
    pub fn parse(format: &str) -> Option<Self> {
        let format = format
            .trim()
            .trim_start_matches("{:")
            .trim_end_matches('}')
            .trim_start_matches('%');
        let python = format.chars().last().filter(|c| c.is_ascii_alphabetic());
        let (code, numbers) = match python {
            Some(code) => (code, &format[..format.len() - 1]),
            None => {
                let numbers = format.trim_start_matches(|c: char| c.is_ascii_alphabetic());
                (format.chars().next()?, numbers)
            }
        };
        // TDISP may give the width of the exponent too: E12.4E3.
        let numbers = numbers.split(['E', 'e']).next()?;
        let digits = numbers
            .split_once('.')?
            .1
            .parse()
            .ok()
            .filter(|&digits| digits <= MOST_DIGITS)?;
        match code.to_ascii_uppercase() {
            'F' => Some(Display::Fixed(digits)),
            'E' | 'D' => Some(Display::Exponent(digits)),
            'G' => Some(Display::General(digits)),
            _ => None,
        }
    }

    /// The format in Python's form, as ECSV keeps it.
    pub fn to_python(self) -> String {
        match self {
            Display::Fixed(digits) => format!("%.{digits}f"),
            Display::Exponent(digits) => format!("%.{digits}e"),
            Display::General(digits) => format!("%.{digits}g"),
        }
    }

    /// The format as TDISP.
    pub fn to_tdisp(self) -> String {
        match self {
            Display::Fixed(digits) => format!("F{}.{digits}", digits + 8),
            Display::Exponent(digits) => format!("E{}.{digits}", digits + 8),
            Display::General(digits) => format!("G{}.{digits}", digits + 8),
        }
    }

    /// A number in this format.
    pub fn apply(self, value: f64) -> String {
        if !value.is_finite() {
            return if value.is_nan() {
                "nan".to_owned()
            } else {
                format!("{value}")
            };
        }
        match self {
            Display::Fixed(digits) => format!("{value:.digits$}"),
            Display::Exponent(digits) => exponent(value, digits),
            Display::General(digits) => {
                let digits = digits.max(1);
                let written = exponent(value, digits - 1);
                let power: i32 = written
                    .split_once('e')
                    .and_then(|(_, p)| p.parse().ok())
                    .unwrap_or(0);
                if (-4..digits as i32).contains(&power) {
                    let decimals = usize::try_from(digits as i32 - 1 - power).unwrap_or(0);
                    return without_zeros(&format!("{value:.decimals$}"));
                }
                let (mantissa, power) = written.split_once('e').unwrap_or((&written, "+00"));
                format!("{}e{power}", without_zeros(mantissa))
            }
        }
    }
}

fn without_zeros(number: &str) -> String {
    if !number.contains('.') {
        return number.to_owned();
    }
    number.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn exponent(value: f64, digits: usize) -> String {
    let written = format!("{value:.digits$e}");
    let (mantissa, power) = written.split_once('e').unwrap_or((&written, "0"));
    let (sign, power) = power.strip_prefix('-').map_or(('+', power), |power| ('-', power));
    format!("{mantissa}e{sign}{power:0>2}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_of_format_are_read() {
        for (format, expected) in [
            ("F8.3", Display::Fixed(3)),
            ("%.3f", Display::Fixed(3)),
            ("%8.3f", Display::Fixed(3)),
            ("{:.2e}", Display::Exponent(2)),
            ("E12.4E3", Display::Exponent(4)),
            ("D12.4", Display::Exponent(4)),
            (".5g", Display::General(5)),
            ("G15.7", Display::General(7)),
        ] {
            assert_eq!(Display::parse(format), Some(expected), "{format}");
            assert_eq!(Display::parse(&expected.to_python()), Some(expected));
            assert_eq!(Display::parse(&expected.to_tdisp()), Some(expected));
        }
        for format in ["I5", "A8", "%d", "", "F", "%s", "F8", "é.3", "F9.9999999999999"] {
            assert_eq!(Display::parse(format), None, "{format}");
        }
    }

    #[test]
    fn numbers_are_shown_as_asked() {
        assert_eq!(Display::Fixed(2).apply(2.71499), "2.71");
        assert_eq!(Display::Exponent(2).apply(31415.9), "3.14e+04");
        assert_eq!(Display::General(3).apply(0.00001234), "1.23e-05");
        assert_eq!(Display::General(3).apply(1234.0), "1.23e+03");
        assert_eq!(Display::General(6).apply(1234.5), "1234.5");
        assert_eq!(Display::General(6).apply(0.0), "0");
        assert_eq!(Display::Fixed(2).apply(f64::NAN), "nan");
    }
}

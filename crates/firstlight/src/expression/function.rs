//! The functions that expressions may call.

use super::kinds::unite;
use super::{Kind, Scalar};

/// A function, in one of the forms that share how arguments and nulls are treated.
#[derive(Debug, Clone, Copy)]
pub(super) enum Function {
    /// Real to real.
    Real(fn(f64) -> f64),
    /// Keeps integers as they are.
    Rounding(fn(f64) -> f64),
    /// To the nearest integer or, with a second number, to so many decimals; ties to even.
    Round,
    Abs,
    Atan2,
    /// The smallest or greatest of one or more numbers; nulls are passed over.
    Least,
    Greatest,
    ToInteger,
    ToReal,
    ToText,
    /// Text to text.
    Case(fn(&str) -> String),
    /// Two texts to true or false.
    Test(fn(&str, &str) -> bool),
    IsNull,
    Coalesce,
    If,
}

const NAMES: &[(&str, Function)] = &[
    ("abs", Function::Abs),
    ("sqrt", Function::Real(f64::sqrt)),
    ("exp", Function::Real(f64::exp)),
    ("ln", Function::Real(f64::ln)),
    ("log10", Function::Real(f64::log10)),
    ("sin", Function::Real(f64::sin)),
    ("cos", Function::Real(f64::cos)),
    ("tan", Function::Real(f64::tan)),
    ("asin", Function::Real(f64::asin)),
    ("acos", Function::Real(f64::acos)),
    ("atan", Function::Real(f64::atan)),
    ("atan2", Function::Atan2),
    ("degrees", Function::Real(f64::to_degrees)),
    ("radians", Function::Real(f64::to_radians)),
    ("floor", Function::Rounding(f64::floor)),
    ("ceil", Function::Rounding(f64::ceil)),
    ("round", Function::Round),
    ("min", Function::Least),
    ("max", Function::Greatest),
    ("int", Function::ToInteger),
    ("float", Function::ToReal),
    ("text", Function::ToText),
    ("upper", Function::Case(str::to_uppercase)),
    ("lower", Function::Case(str::to_lowercase)),
    ("startswith", Function::Test(|text, part| text.starts_with(part))),
    ("endswith", Function::Test(|text, part| text.ends_with(part))),
    ("contains", Function::Test(|text, part| text.contains(part))),
    ("matches", Function::Test(matches_wildcards)),
    ("isnull", Function::IsNull),
    ("coalesce", Function::Coalesce),
    ("if", Function::If),
];

impl Function {
    pub fn named(name: &str) -> Option<Self> {
        NAMES
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, function)| *function)
    }

    pub fn list() -> String {
        NAMES.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    }

    /// The kind of the result for these arguments, or what the function takes.
    pub fn kind(self, arguments: &[Kind]) -> Result<Kind, &'static str> {
        let number = |k: &Kind| matches!(k, Kind::Integer | Kind::Real | Kind::Null);
        let text = |k: &Kind| matches!(k, Kind::Text | Kind::Null);
        let united = || arguments.iter().copied().try_fold(Kind::Null, unite);
        match (self, arguments) {
            (Function::Real(_), [k]) if number(k) => Ok(Kind::Real),
            (Function::Rounding(_) | Function::Abs, [k]) if number(k) => Ok(*k),
            (Function::Real(_) | Function::Rounding(_) | Function::Abs, _) => Err("one number"),
            (Function::Round, [k]) if number(k) => Ok(*k),
            (Function::Round, [k, Kind::Integer | Kind::Null]) if number(k) => Ok(*k),
            (Function::Round, _) => Err("one number, and how many decimals to keep"),
            (Function::Atan2, [y, x]) if number(y) && number(x) => Ok(Kind::Real),
            (Function::Atan2, _) => Err("two numbers, y and x"),
            (Function::Least | Function::Greatest, [_, ..]) if arguments.iter().all(number) => {
                united().ok_or("numbers")
            }
            (Function::Least | Function::Greatest, _) => Err("one or more numbers"),
            (Function::ToInteger, [_]) => Ok(Kind::Integer),
            (Function::ToReal, [_]) => Ok(Kind::Real),
            (Function::ToText, [_]) => Ok(Kind::Text),
            (Function::ToInteger | Function::ToReal | Function::ToText, _) => Err("one value"),
            (Function::Case(_), [k]) if text(k) => Ok(Kind::Text),
            (Function::Case(_), _) => Err("one text"),
            (Function::Test(_), [a, b]) if text(a) && text(b) => Ok(Kind::Logical),
            (Function::Test(_), _) => Err("two texts"),
            (Function::IsNull, [_]) => Ok(Kind::Logical),
            (Function::IsNull, _) => Err("one value"),
            (Function::Coalesce, [_, ..]) => united().ok_or("values of one kind"),
            (Function::Coalesce, []) => Err("one or more values"),
            (Function::If, [Kind::Logical | Kind::Null, a, b]) => {
                unite(*a, *b).ok_or("a condition and two values of one kind")
            }
            (Function::If, _) => Err("a condition and two values"),
        }
    }

    /// The result for these arguments, whose kinds have been checked.
    pub fn call<'a>(self, arguments: &[Scalar<'a>]) -> Scalar<'a> {
        match (self, arguments) {
            (Function::Real(f), [x]) => x.real().map_or(Scalar::Null, |x| Scalar::Real(f(x))),
            (Function::Rounding(f), [x]) => match x {
                Scalar::Real(x) => Scalar::Real(f(*x)),
                other => other.clone(),
            },
            (Function::Round, [x]) => rounded(x, 0),
            (Function::Round, [x, Scalar::Integer(decimals)]) => rounded(x, *decimals),
            (Function::Abs, [x]) => match x {
                Scalar::Integer(x) => x.checked_abs().map_or(Scalar::Null, Scalar::Integer),
                Scalar::Real(x) => Scalar::Real(x.abs()),
                _ => Scalar::Null,
            },
            (Function::Atan2, [y, x]) => match (y.real(), x.real()) {
                (Some(y), Some(x)) => Scalar::Real(y.atan2(x)),
                _ => Scalar::Null,
            },
            (Function::Least, values) => extreme(values, |new, old| new < old),
            (Function::Greatest, values) => extreme(values, |new, old| new > old),
            (Function::ToInteger, [x]) => to_integer(x),
            (Function::ToReal, [x]) => to_real(x),
            (Function::ToText, [x]) => match x {
                Scalar::Null => Scalar::Null,
                Scalar::Logical(value) => Scalar::Text(value.to_string().into()),
                Scalar::Integer(value) => Scalar::Text(value.to_string().into()),
                Scalar::Real(value) => Scalar::Text(format!("{value:?}").into()),
                Scalar::Text(_) => x.clone(),
            },
            (Function::Case(f), [Scalar::Text(text)]) => Scalar::Text(f(text).into()),
            (Function::Test(f), [Scalar::Text(a), Scalar::Text(b)]) => Scalar::Logical(f(a, b)),
            (Function::IsNull, [x]) => Scalar::Logical(absent(x)),
            (Function::Coalesce, values) => values
                .iter()
                .find(|value| !absent(value))
                .cloned()
                .unwrap_or(Scalar::Null),
            (Function::If, [condition, a, b]) => match condition {
                Scalar::Logical(true) => a.clone(),
                Scalar::Logical(false) => b.clone(),
                _ => Scalar::Null,
            },
            _ => Scalar::Null,
        }
    }
}

impl Scalar<'_> {
    /// The number, where it is one.
    pub fn real(&self) -> Option<f64> {
        match *self {
            Scalar::Integer(value) => Some(value as f64),
            Scalar::Real(value) => Some(value),
            _ => None,
        }
    }
}

fn absent(value: &Scalar<'_>) -> bool {
    match value {
        Scalar::Null => true,
        Scalar::Real(value) => value.is_nan(),
        _ => false,
    }
}

fn extreme<'a>(values: &[Scalar<'a>], better: fn(f64, f64) -> bool) -> Scalar<'a> {
    let mut best: Option<(f64, &Scalar<'a>)> = None;
    for value in values {
        if let Some(new) = value.real()
            && best.is_none_or(|(old, _)| better(new, old) || old.is_nan())
        {
            best = Some((new, value));
        }
    }
    best.map_or(Scalar::Null, |(_, value)| value.clone())
}

/// Rounds in decimal, as it is printed: 2.675 is the binary number below it, and becomes 2.67.
fn rounded<'a>(value: &Scalar<'a>, decimals: i64) -> Scalar<'a> {
    match *value {
        Scalar::Real(x) if decimals <= 0 => {
            let unit = 10f64.powi(i32::try_from(decimals.unsigned_abs()).unwrap_or(i32::MAX));
            Scalar::Real(if unit.is_finite() {
                (x / unit).round_ties_even() * unit
            } else {
                0.0
            })
        }
        // An f64 has no more decimals than that.
        Scalar::Real(x) if decimals < 324 => {
            let decimals = usize::try_from(decimals).unwrap_or(0);
            format!("{x:.decimals$}")
                .parse()
                .map_or(Scalar::Null, Scalar::Real)
        }
        _ => value.clone(),
    }
}

/// Towards zero; null for what is no integer.
fn to_integer<'a>(value: &Scalar<'_>) -> Scalar<'a> {
    let real = |x: f64| {
        let inside = x.is_finite() && x.abs() < 9.2e18;
        if inside {
            Scalar::Integer(x as i64)
        } else {
            Scalar::Null
        }
    };
    match value {
        Scalar::Null => Scalar::Null,
        Scalar::Logical(value) => Scalar::Integer(i64::from(*value)),
        Scalar::Integer(value) => Scalar::Integer(*value),
        Scalar::Real(value) => real(*value),
        Scalar::Text(text) => {
            let text = text.trim();
            text.parse()
                .map(Scalar::Integer)
                .unwrap_or_else(|_| text.parse().map_or(Scalar::Null, real))
        }
    }
}

fn to_real<'a>(value: &Scalar<'_>) -> Scalar<'a> {
    match value {
        Scalar::Logical(value) => Scalar::Real(f64::from(u8::from(*value))),
        Scalar::Text(text) => text.trim().parse().map_or(Scalar::Null, Scalar::Real),
        other => other.real().map_or(Scalar::Null, Scalar::Real),
    }
}

/// `*` stands for any characters, `?` for one.
fn matches_wildcards(text: &str, pattern: &str) -> bool {
    let (text, pattern): (Vec<char>, Vec<char>) = (text.chars().collect(), pattern.chars().collect());
    let (mut at, mut want) = (0, 0);
    // Where to go on if the characters that the last `*` stands for were too few.
    let mut retry: Option<(usize, usize)> = None;
    while at < text.len() {
        if want < pattern.len() && pattern[want] == '*' {
            retry = Some((at, want));
            want += 1;
        } else if want < pattern.len() && (pattern[want] == '?' || pattern[want] == text[at]) {
            at += 1;
            want += 1;
        } else if let Some((start, star)) = retry {
            retry = Some((start + 1, star));
            at = start + 1;
            want = star + 1;
        } else {
            return false;
        }
    }
    pattern[want..].iter().all(|&c| c == '*')
}

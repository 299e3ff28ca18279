//! Conditions of relevance: `(DETECTOR != "SBC") and (FLATCORR not in ["OMIT", "NONE"])`.

use super::condition::real_text;

/// A condition on header values.
#[derive(Debug)]
pub(super) enum Expression {
    Constant(Value),
    /// A header keyword, or a word that is none: then the condition cannot be told.
    Name(String),
    List(Vec<Expression>),
    Not(Box<Expression>),
    Negative(Box<Expression>),
    All(Vec<Expression>),
    Any(Vec<Expression>),
    /// A first operand, and each further one with how the one before it stands to it.
    Compare(Box<Expression>, Vec<(Comparison, Expression)>),
    /// Condition, then, else.
    If(Box<[Expression; 3]>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    NotIn,
}

/// What a condition is made of while it is worked out.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    None,
    Logical(bool),
    Number(f64),
    Text(String),
    List(Vec<Value>),
}

impl Value {
    pub fn holds(&self) -> bool {
        match self {
            Value::None => false,
            Value::Logical(value) => *value,
            Value::Number(value) => *value != 0.0,
            Value::Text(text) => !text.is_empty(),
            Value::List(items) => !items.is_empty(),
        }
    }

    fn number(&self) -> Option<f64> {
        match self {
            Value::Logical(value) => Some(f64::from(u8::from(*value))),
            Value::Number(value) => Some(*value),
            _ => None,
        }
    }

    fn equals(&self, other: &Value) -> bool {
        match (self.number(), other.number()) {
            (Some(a), Some(b)) => a == b,
            _ => match (self, other) {
                (Value::List(a), Value::List(b)) => {
                    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.equals(b))
                }
                _ => self == other,
            },
        }
    }

    fn describe(&self) -> String {
        match self {
            Value::None => "None".to_owned(),
            Value::Logical(value) => value.to_string(),
            Value::Number(value) => real_text(*value),
            Value::Text(text) => format!("'{text}'"),
            Value::List(_) => "a list".to_owned(),
        }
    }
}

impl Expression {
    /// Works a condition out; `lookup` gives the header values.
    ///
    /// # Errors
    /// What cannot be told: a name that is no header keyword, or texts ordered among numbers.
    pub fn evaluate(&self, lookup: &dyn Fn(&str) -> Option<String>) -> Result<Value, String> {
        match self {
            Expression::Constant(value) => Ok(value.clone()),
            Expression::Name(name) => lookup(name)
                .map(Value::Text)
                .ok_or_else(|| format!("'{name}' is no keyword of these rules")),
            Expression::List(items) => Ok(Value::List(
                items
                    .iter()
                    .map(|item| item.evaluate(lookup))
                    .collect::<Result<_, _>>()?,
            )),
            Expression::Not(inner) => Ok(Value::Logical(!inner.evaluate(lookup)?.holds())),
            Expression::Negative(inner) => {
                let value = inner.evaluate(lookup)?;
                let number = value
                    .number()
                    .ok_or_else(|| format!("{} has no negative", value.describe()))?;
                Ok(Value::Number(-number))
            }
            Expression::All(parts) => decide(parts, false, lookup),
            Expression::Any(parts) => decide(parts, true, lookup),
            Expression::Compare(first, rest) => compare(first, rest, lookup),
            Expression::If(parts) => {
                let [condition, yes, no] = parts.as_ref();
                if condition.evaluate(lookup)?.holds() {
                    yes
                } else {
                    no
                }
                .evaluate(lookup)
            }
        }
    }
}

/// The first part that decides, else the last one.
fn decide(
    parts: &[Expression],
    decides: bool,
    lookup: &dyn Fn(&str) -> Option<String>,
) -> Result<Value, String> {
    let mut value = Value::None;
    for part in parts {
        value = part.evaluate(lookup)?;
        if value.holds() == decides {
            break;
        }
    }
    Ok(value)
}

fn compare(
    first: &Expression,
    rest: &[(Comparison, Expression)],
    lookup: &dyn Fn(&str) -> Option<String>,
) -> Result<Value, String> {
    let mut left = first.evaluate(lookup)?;
    for (comparison, operand) in rest {
        let right = operand.evaluate(lookup)?;
        if !stands(&left, *comparison, &right)? {
            return Ok(Value::Logical(false));
        }
        left = right;
    }
    Ok(Value::Logical(true))
}

fn stands(left: &Value, comparison: Comparison, right: &Value) -> Result<bool, String> {
    use Comparison::{Equal, Greater, GreaterOrEqual, In, Less, LessOrEqual, NotIn, Unequal};
    match comparison {
        Equal => return Ok(left.equals(right)),
        Unequal => return Ok(!left.equals(right)),
        In | NotIn => {
            let within = match (left, right) {
                (Value::Text(part), Value::Text(whole)) => whole.contains(part.as_str()),
                (_, Value::List(items)) => items.iter().any(|item| item.equals(left)),
                _ => return Err(format!("{} cannot be in {}", left.describe(), right.describe())),
            };
            return Ok(within == (comparison == In));
        }
        _ => {}
    }
    let order = match (left, right) {
        (Value::Text(a), Value::Text(b)) => Some(a.cmp(b)),
        _ => match (left.number(), right.number()) {
            (Some(a), Some(b)) => a.partial_cmp(&b),
            _ => {
                return Err(format!(
                    "{} and {} have no order",
                    left.describe(),
                    right.describe()
                ));
            }
        },
    };
    Ok(order.is_some_and(|order| match comparison {
        Less => order.is_lt(),
        LessOrEqual => order.is_le(),
        Greater => order.is_gt(),
        GreaterOrEqual => order.is_ge(),
        _ => false,
    }))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn holds(text: &str) -> Result<bool, String> {
        let lookup = |name: &str| match name {
            "DETECTOR" => Some("WFC".to_owned()),
            "GAIN" => Some("2.0".to_owned()),
            _ => None,
        };
        let expression = Expression::parse(text).map_err(|fault| fault.reason)?;
        expression.evaluate(&lookup).map(|value| value.holds())
    }

    #[test]
    fn conditions() {
        let cases = [
            (r#"(DETECTOR == "WFC")"#, true),
            (r#"(DETECTOR != "WFC" and NONE == "X")"#, false),
            (r#"(DETECTOR == "WFC") or NONE == "X""#, true),
            (r#"DETECTOR in ("WFC", "HRC")"#, true),
            (r#"DETECTOR not in ['WFC', 'HRC']"#, false),
            (r#""F" in DETECTOR"#, true),
            (r#"not (DETECTOR in "XWFCX")"#, false),
            (r#"not not DETECTOR"#, true),
            (r#"GAIN == 2.0"#, false),
            (r#"GAIN == "2.0""#, true),
            (r#""1.0" < GAIN <= "2.0""#, true),
            ("1 < 2 == 2", true),
            ("-1 < 0", true),
            ("True", true),
            ("False or None", false),
            (r#""X" if DETECTOR == "HRC" else """#, false),
            (r#"(DETECTOR,) == ("WFC",)"#, true),
        ];
        for (text, expected) in cases {
            assert_eq!(holds(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_told() {
        for text in [
            "detector == 'X'",
            "GAIN < 2",
            "2 in GAIN",
            "-GAIN",
            "DETECTOR ==",
            "DETECTOR.upper()",
            "[x for x in y]",
            "DETECTOR is None",
            "(",
            "'open",
            "f(1)",
            "not",
        ] {
            assert!(holds(text).is_err(), "{text}");
        }
        assert!(holds(&"(".repeat(100_000)).is_err());
        assert!(holds(&format!("{}True", "not ".repeat(100_000))).is_ok());
        assert!(holds(&format!("{}1", "-".repeat(100_000))).is_err());
    }
}

//! Conditions of relevance: `(DETECTOR != "SBC") and (FLATCORR not in ["OMIT", "NONE"])`.

use super::Fault;
use super::condition::real_text;
use super::lexer::{Token, words};
use super::literal::{Cursor, DEEPEST};

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
    /// Reads a condition.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let words = words(text)?;
        let mut cursor = Cursor { words: &words, at: 0 };
        let expression = conditional(&mut cursor, 0)?;
        match cursor.token() {
            Token::End => Ok(expression),
            other => Err(cursor.fault(format!("the condition should end before {}", other.describe()))),
        }
    }

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

fn is_name(cursor: &Cursor, word: &str) -> bool {
    matches!(cursor.token(), Token::Name(name) if name == word)
}

fn take_name(cursor: &mut Cursor, word: &str) -> bool {
    let here = is_name(cursor, word);
    if here {
        cursor.step();
    }
    here
}

fn conditional(cursor: &mut Cursor, depth: usize) -> Result<Expression, Fault> {
    if depth > DEEPEST {
        return Err(cursor.fault(format!("more than {DEEPEST} conditions are nested")));
    }
    let value = any(cursor, depth)?;
    if !take_name(cursor, "if") {
        return Ok(value);
    }
    let condition = any(cursor, depth)?;
    if !take_name(cursor, "else") {
        return Err(cursor.fault("'else' is missing"));
    }
    let otherwise = conditional(cursor, depth + 1)?;
    Ok(Expression::If(Box::new([condition, value, otherwise])))
}

fn any(cursor: &mut Cursor, depth: usize) -> Result<Expression, Fault> {
    let mut parts = vec![all(cursor, depth)?];
    while take_name(cursor, "or") {
        parts.push(all(cursor, depth)?);
    }
    Ok(if parts.len() == 1 {
        parts.remove(0)
    } else {
        Expression::Any(parts)
    })
}

fn all(cursor: &mut Cursor, depth: usize) -> Result<Expression, Fault> {
    let mut parts = vec![negation(cursor, depth)?];
    while take_name(cursor, "and") {
        parts.push(negation(cursor, depth)?);
    }
    Ok(if parts.len() == 1 {
        parts.remove(0)
    } else {
        Expression::All(parts)
    })
}

fn negation(cursor: &mut Cursor, depth: usize) -> Result<Expression, Fault> {
    let mut negations = 0_usize;
    while take_name(cursor, "not") {
        negations += 1;
    }
    let mut inner = comparison(cursor, depth)?;
    // `not not x` is the truth of x: two stand for any even number.
    for _ in 0..negations.min(2 + negations % 2) {
        inner = Expression::Not(Box::new(inner));
    }
    Ok(inner)
}

fn comparison(cursor: &mut Cursor, depth: usize) -> Result<Expression, Fault> {
    let first = operand(cursor, depth)?;
    let mut rest = Vec::new();
    while let Some(comparison) = relation(cursor)? {
        rest.push((comparison, operand(cursor, depth)?));
    }
    Ok(if rest.is_empty() {
        first
    } else {
        Expression::Compare(Box::new(first), rest)
    })
}

fn relation(cursor: &mut Cursor) -> Result<Option<Comparison>, Fault> {
    let found = match cursor.token() {
        Token::Sign("==") => Comparison::Equal,
        Token::Sign("!=") => Comparison::Unequal,
        Token::Sign("<") => Comparison::Less,
        Token::Sign("<=") => Comparison::LessOrEqual,
        Token::Sign(">") => Comparison::Greater,
        Token::Sign(">=") => Comparison::GreaterOrEqual,
        Token::Name(name) if name == "in" => Comparison::In,
        Token::Name(name) if name == "not" => {
            cursor.step();
            if !is_name(cursor, "in") {
                return Err(cursor.fault("'in' is expected behind 'not'"));
            }
            Comparison::NotIn
        }
        _ => return Ok(None),
    };
    cursor.step();
    Ok(Some(found))
}

fn operand(cursor: &mut Cursor, depth: usize) -> Result<Expression, Fault> {
    if depth > DEEPEST {
        return Err(cursor.fault(format!("more than {DEEPEST} conditions are nested")));
    }
    if cursor.take("(") {
        return sequence(cursor, ")", depth + 1);
    }
    if cursor.take("[") {
        return sequence(cursor, "]", depth + 1);
    }
    if cursor.take("-") {
        return Ok(Expression::Negative(Box::new(operand(cursor, depth + 1)?)));
    }
    let constant = match cursor.token() {
        Token::Name(name) => match name.as_str() {
            "True" => Value::Logical(true),
            "False" => Value::Logical(false),
            "None" => Value::None,
            "and" | "or" | "not" | "in" | "is" | "if" | "else" | "lambda" => {
                return Err(cursor.fault(format!("'{name}' has no place here")));
            }
            _ => {
                let name = name.clone();
                cursor.step();
                return Ok(Expression::Name(name));
            }
        },
        Token::Text(first) => {
            let mut text = first.clone();
            cursor.step();
            while let Token::Text(more) = cursor.token() {
                text.push_str(more);
                cursor.step();
            }
            return Ok(Expression::Constant(Value::Text(text)));
        }
        Token::Integer(value) => Value::Number(*value as f64),
        Token::Real(value) => Value::Number(*value),
        other => return Err(cursor.fault(format!("a value is expected, not {}", other.describe()))),
    };
    cursor.step();
    Ok(Expression::Constant(constant))
}

/// What is between brackets: one condition, or a list.
fn sequence(cursor: &mut Cursor, closing: &str, depth: usize) -> Result<Expression, Fault> {
    let mut items = Vec::new();
    let mut comma = false;
    while !cursor.take(closing) {
        if !items.is_empty() && !comma {
            return Err(cursor.fault(format!(
                "'{closing}' is expected, not {}",
                cursor.token().describe()
            )));
        }
        items.push(conditional(cursor, depth)?);
        comma = cursor.take(",");
    }
    if closing == ")" && items.len() == 1 && !comma {
        return Ok(items.remove(0));
    }
    Ok(Expression::List(items))
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

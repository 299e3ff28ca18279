//! Values that stand alone, as those that the official client keeps of a server.

use super::lexer;
use super::literal::{Cursor, Literal};
use super::{Fault, lexer::Token};
use serde_json::{Map, Number, Value};

/// Reads one Python literal. Nothing is evaluated, and nothing may stand behind it.
pub(in crate::crds) fn read_value(text: &str) -> Result<Value, String> {
    let told = |fault: Fault| {
        let line = text.bytes().take(fault.at).filter(|byte| *byte == b'\n').count() + 1;
        format!("line {line}: {}", fault.reason)
    };
    let words = lexer::words(text).map_err(told)?;
    let mut cursor = Cursor { words: &words, at: 0 };
    let literal = cursor.literal(0).map_err(told)?;
    match cursor.token() {
        Token::End => plain(literal),
        more => Err(format!("there is {} behind the value", more.describe())),
    }
}

fn plain(literal: Literal) -> Result<Value, String> {
    Ok(match literal {
        Literal::None => Value::Null,
        Literal::Logical(value) => Value::Bool(value),
        Literal::Integer(value) => Value::from(value),
        Literal::Real(value) => Number::from_f64(value)
            .map(Value::Number)
            .ok_or_else(|| format!("{value} is no number"))?,
        Literal::Text(text) => Value::String(text),
        Literal::Tuple(items) | Literal::List(items) => {
            Value::Array(items.into_iter().map(plain).collect::<Result<_, _>>()?)
        }
        Literal::Dict(pairs) => {
            let pair = |(key, value): (Literal, Literal)| Ok((key.plain(), plain(value)?));
            Value::Object(
                pairs
                    .into_iter()
                    .map(pair)
                    .collect::<Result<Map<_, _>, String>>()?,
            )
        }
        Literal::Call(name, ..) => return Err(format!("'{name}' is no value")),
    })
}

//! How conditions of relevance are written: Python's comparisons, `and`, `or`, `not`, and `… if … else …`.

use super::Fault;
use super::expression::{Comparison, Expression, Value};
use super::lexer::{Token, words};
use super::literal::{Cursor, DEEPEST};

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

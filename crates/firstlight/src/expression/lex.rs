//! Characters to tokens.

use super::ExpressionError;

/// A piece of an expression.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Name(String),
    Integer(i64),
    Real(f64),
    Text(String),
    /// An operator, a parenthesis or a comma; words such as `and` as their signs.
    Sign(&'static str),
}

/// A token and the byte at which it begins.
pub(super) type Placed = (usize, Token);

/// Longest first, so that `<=` is not read as `<`. The second is how the parser knows it.
const SIGNS: &[(&str, &str)] = &[
    ("&&", "&&"),
    ("||", "||"),
    ("**", "**"),
    ("==", "=="),
    ("!=", "!="),
    ("<>", "!="),
    ("<=", "<="),
    (">=", ">="),
    ("<", "<"),
    (">", ">"),
    ("=", "=="),
    ("!", "!"),
    ("&", "&&"),
    ("|", "||"),
    ("+", "+"),
    ("-", "-"),
    ("*", "*"),
    ("/", "/"),
    ("%", "%"),
    ("(", "("),
    (")", ")"),
    (",", ","),
];

pub(super) fn tokens(text: &str) -> Result<Vec<Placed>, ExpressionError> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let (token, length) = token(text, at, first)?;
        tokens.push((at, token));
        at += length;
    }
    Ok(tokens)
}

fn token(text: &str, at: usize, first: char) -> Result<(Token, usize), ExpressionError> {
    let rest = &text[at..];
    if first.is_ascii_digit() || (first == '.' && rest[1..].starts_with(|c: char| c.is_ascii_digit())) {
        return number(text, at);
    }
    if matches!(first, '"' | '\'' | '`') {
        return quoted(text, at, first);
    }
    if first.is_alphabetic() || first == '_' {
        let inside = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '@' | '#');
        let length = rest.find(|c| !inside(c)).unwrap_or(rest.len());
        let token = match &rest[..length] {
            "and" | "AND" => Token::Sign("&&"),
            "or" | "OR" => Token::Sign("||"),
            "not" | "NOT" => Token::Sign("!"),
            "in" | "IN" => Token::Sign("in"),
            name => Token::Name(name.to_owned()),
        };
        return Ok((token, length));
    }
    match SIGNS.iter().find(|(sign, _)| rest.starts_with(sign)) {
        Some((sign, meaning)) => Ok((Token::Sign(meaning), sign.len())),
        None => Err(ExpressionError::new(
            text,
            at,
            format!("'{first}' means nothing here"),
        )),
    }
}

fn number(text: &str, at: usize) -> Result<(Token, usize), ExpressionError> {
    let bytes = &text.as_bytes()[at..];
    let digits = |from: usize| bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    let mut length = digits(0);
    let mut real = false;
    if bytes.get(length) == Some(&b'.') {
        real = true;
        length += 1;
        length += digits(length);
    }
    if matches!(bytes.get(length), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(length + 1), Some(b'+' | b'-')));
        let exponent = length + 1 + sign;
        if exponent <= bytes.len() && digits(exponent) > 0 {
            real = true;
            length = exponent + digits(exponent);
        }
    }
    if bytes
        .get(length)
        .is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.'))
    {
        return Err(ExpressionError::new(
            text,
            at,
            "not a number; names that begin with a digit need `backquotes`",
        ));
    }
    let digits = &text[at..at + length];
    // Integers beyond 64 bits are read as reals.
    if !real && let Ok(integer) = digits.parse() {
        return Ok((Token::Integer(integer), length));
    }
    match digits.parse() {
        Ok(real) => Ok((Token::Real(real), length)),
        Err(_) => Err(ExpressionError::new(text, at, "not a number")),
    }
}

fn quoted(text: &str, at: usize, quote: char) -> Result<(Token, usize), ExpressionError> {
    let inside = &text[at + 1..];
    let Some(length) = inside.find(quote) else {
        return Err(ExpressionError::new(
            text,
            at,
            format!("the closing {quote} is missing"),
        ));
    };
    let content = inside[..length].to_owned();
    let token = if quote == '`' {
        Token::Name(content)
    } else {
        Token::Text(content)
    };
    Ok((token, length + 2))
}

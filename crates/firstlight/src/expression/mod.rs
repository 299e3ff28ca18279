//! Expressions over columns, as `--filter`, `--columns c=…` and computed log columns take them.
//!
//! ```text
//! mdecodt1 > 25 && filter1 == "F165LP"
//! (mdecodt1 + mdecodt2) / 2
//! 20 < avgtemp <= 28 and not matches(rootname, "jcrx01i*")
//! ```
//!
//! | | from loosest to tightest |
//! |---|---|
//! | `or` `\|\|` | either |
//! | `and` `&&` | both |
//! | `not` `!` | negation |
//! | `==` `!=` `<` `<=` `>` `>=` `in (…)` | comparison; chains as in `1 < x < 2`; `=` is read as `==` |
//! | `+` `-` | on text `+` joins |
//! | `*` `/` `%` | `/` always gives a real number; `%` has the sign of the divisor |
//! | `-` `+` | sign |
//! | `**` | power, always a real number |
//!
//! Names are columns, looked up exactly and then without regard to case; `` `DATE-OBS` `` in backquotes
//! takes any character. Text stands in single or double quotes. `true`, `false`, `null` and `nan` are
//! constants. Functions: `abs sqrt exp ln log10 sin cos tan asin acos atan atan2` (radians), `degrees
//! radians floor ceil round min max int float text upper lower startswith endswith contains matches
//! isnull coalesce if`; `round(x, 2)` keeps two decimals; `matches(text, "F1?5*")` takes `*` and `?`.
//!
//! A null makes what is computed from it null, except where the other side of `and`, `or` decides;
//! a filter keeps a row only where it is true. NaN compares as not equal to anything. `isnull` is true
//! of null and of NaN, because FITS writes the one as the other in floating columns. Kinds are checked
//! before the first row is read, so that an expression fails alike on an empty table and on a full one.

mod evaluate;
mod function;
mod kinds;
mod lex;
mod parse;

pub use kinds::Bound;

use std::borrow::Cow;
use std::fmt;

/// What is wrong with an expression, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}\n  {text}\n  {:>width$}", "^", width = column + 1)]
pub struct ExpressionError {
    /// The whole expression.
    pub text: String,
    /// 0-based position of the offending part, in characters.
    pub column: usize,
    /// What is wrong there.
    pub reason: String,
}

impl ExpressionError {
    pub(crate) fn new(text: &str, at: usize, reason: impl Into<String>) -> Self {
        let column = text.get(..at).map_or(0, |before| before.chars().count());
        Self {
            text: text.to_owned(),
            column,
            reason: reason.into(),
        }
    }
}

/// The kind of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Nothing else is known of it than that it is null.
    Null,
    /// True or false.
    Logical,
    /// A 64-bit integer.
    Integer,
    /// A 64-bit real number.
    Real,
    /// A string.
    Text,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Null => "null",
            Kind::Logical => "true or false",
            Kind::Integer | Kind::Real => "a number",
            Kind::Text => "text",
        })
    }
}

/// A value of one row.
#[derive(Debug, Clone, PartialEq)]
pub enum Scalar<'a> {
    /// No value.
    Null,
    /// True or false.
    Logical(bool),
    /// An integer.
    Integer(i64),
    /// A real number.
    Real(f64),
    /// A string.
    Text(Cow<'a, str>),
}

/// A parsed expression; it knows nothing of any table yet.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    text: String,
    tree: parse::Node,
}

impl Expression {
    /// Parses an expression.
    ///
    /// # Errors
    /// [`ExpressionError`] pointing at what cannot be read.
    pub fn parse(text: &str) -> Result<Self, ExpressionError> {
        let tokens = lex::tokens(text)?;
        Ok(Self {
            text: text.to_owned(),
            tree: parse::parse(text, &tokens)?,
        })
    }

    /// The expression as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The names it uses, each once, in the order of their first use.
    pub fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        self.tree.walk(&mut |node| {
            if let parse::Part::Name(name) = &node.part
                && !names.contains(name)
            {
                names.push(name.clone());
            }
        });
        names
    }

    /// Binds names to columns and checks kinds. `column` answers the number and kind of a name.
    ///
    /// # Errors
    /// [`ExpressionError`] for unknown names and functions, and for kinds that do not go together.
    pub fn bind(&self, column: impl Fn(&str) -> Option<(usize, Kind)>) -> Result<Bound, ExpressionError> {
        kinds::bind(&self.text, &self.tree, &column)
    }
}

/// Splits a list at commas that stand outside quotes and parentheses: `a,b,c=min(x,y)` has three parts.
/// Parts are trimmed, empty ones dropped.
pub fn split_list(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth, mut quote) = (Vec::new(), 0, 0usize, None);
    for (at, character) in text.char_indices() {
        match (quote, character) {
            (Some(open), _) if open == character => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'' | '`') => quote = Some(character),
            (None, '(') => depth += 1,
            (None, ')') => depth = depth.saturating_sub(1),
            (None, ',') if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
        .into_iter()
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect()
}

/// One entry of a column list: a name, or a name and what to compute for it.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnSpec {
    /// Name of the column.
    pub name: String,
    /// How to compute it, for `name=expression`.
    pub expression: Option<Expression>,
}

impl ColumnSpec {
    /// Parses `a,b,c=expression`.
    ///
    /// # Errors
    /// [`ExpressionError`] where an expression cannot be read, or a name is empty.
    pub fn parse_list(text: &str) -> Result<Vec<Self>, ExpressionError> {
        split_list(text).into_iter().map(Self::parse).collect()
    }

    fn parse(part: &str) -> Result<Self, ExpressionError> {
        // `a==b` is not a definition.
        let definition = part.split_once('=').filter(|(_, rest)| !rest.starts_with('='));
        let Some((name, expression)) = definition else {
            return Ok(Self {
                name: part.trim_matches('`').to_owned(),
                expression: None,
            });
        };
        let name = name.trim().trim_matches('`');
        if name.is_empty() {
            return Err(ExpressionError::new(part, 0, "a name is missing before '='"));
        }
        Ok(Self {
            name: name.to_owned(),
            expression: Some(Expression::parse(expression)?),
        })
    }
}

#[cfg(test)]
mod tests;

//! One parameter of a rule against one header value.

use super::condition::{condition_value, real};
use super::glob::glob_matches;
use super::literal::Literal;
use regex_lite::Regex;

/// How a value stands to a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It matches, and counts for the weight of the rule.
    Match,
    /// It makes no difference.
    Indifferent,
    /// The rule does not apply.
    Mismatch,
}

/// What a rule asks of a parameter.
#[derive(Debug)]
pub(super) struct Matcher {
    kind: Kind,
    /// The text that a value may also be equal to.
    key: String,
}

#[derive(Debug)]
enum Kind {
    Exact,
    Anything,
    Globs(Vec<Vec<char>>),
    Regex(Box<Regex>),
    Relation(Relation, f64),
    Both(Box<Matcher>, Box<Matcher>),
    Either(Box<Matcher>, Box<Matcher>),
    Not(Box<Matcher>),
}

#[derive(Debug, Clone, Copy)]
enum Relation {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Whether a pattern is written in one of the forms that are not lists of alternatives: `{…}`, `(…)`, `#…#`,
/// `between`, `not`.
pub(super) fn is_special(key: &str) -> bool {
    let key = key.to_uppercase();
    key.starts_with(['{', '(', '#']) && key.ends_with(['}', ')', '#'])
        || key.starts_with("BETWEEN")
        || key.starts_with("NOT")
}

/// The alternatives of `A|B`, in order, without blanks and empty ones.
pub(super) fn alternatives(key: &str) -> Vec<String> {
    if is_special(key) || !key.contains('|') {
        return vec![key.to_owned()];
    }
    let mut parts: Vec<String> = key
        .split('|')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect();
    parts.sort();
    parts
}

/// A parameter of a rule in the form that it is compared in.
pub(super) fn condition_pattern(pattern: &Literal) -> String {
    let conditioned = |part: &Literal| condition_value(&part.plain());
    match pattern {
        Literal::Text(text) => {
            let enclosed = |open, close| text.starts_with(open) && text.ends_with(close);
            if enclosed('{', '}') || enclosed('(', ')') {
                text.clone()
            } else {
                let parts = alternatives(text);
                let parts: Vec<String> = parts.iter().map(|part| condition_value(part)).collect();
                parts.join("|")
            }
        }
        Literal::Tuple(items) | Literal::List(items) => {
            items.iter().map(conditioned).collect::<Vec<_>>().join("|")
        }
        other => conditioned(other),
    }
}

impl Matcher {
    /// Reads a conditioned pattern; `depth` patterns are around it.
    pub fn parse(key: &str, depth: usize) -> Result<Self, String> {
        if depth > 16 {
            return Err("conditions are nested too deeply".to_owned());
        }
        let enclosed = |open, close| key.len() >= 2 && key.starts_with(open) && key.ends_with(close);
        let upper = key.to_uppercase();
        if enclosed('(', ')') {
            return Self::regex(&key[1..key.len() - 1]);
        }
        if enclosed('{', '}') {
            return Ok(Self::exact(&key[1..key.len() - 1]));
        }
        if enclosed('#', '#') {
            if upper.contains(" AND ") {
                return Self::binary(&upper, "AND", depth);
            }
            if upper.contains(" OR ") {
                return Self::binary(&upper, "OR", depth);
            }
            return Self::parse(&upper[1..upper.len() - 1], depth + 1);
        }
        if upper.starts_with("BETWEEN") {
            return Self::between(key, depth);
        }
        if upper.starts_with("NOT ") {
            let inner = Self::parse(key.get("NOT ".len()..).unwrap_or_default().trim(), depth + 1)?;
            return Ok(Self {
                kind: Kind::Not(Box::new(inner)),
                key: key.to_owned(),
            });
        }
        if key.contains('|') || key.contains('*') {
            let globs = alternatives(key)
                .iter()
                .map(|part| part.chars().collect())
                .collect();
            return Ok(Self {
                kind: Kind::Globs(globs),
                key: key.to_owned(),
            });
        }
        if key == "N/A" {
            return Ok(Self {
                kind: Kind::Anything,
                key: key.to_owned(),
            });
        }
        if key.starts_with(['<', '>']) {
            return Self::relation(key);
        }
        Ok(Self::exact(key))
    }

    fn exact(key: &str) -> Self {
        Self {
            kind: Kind::Exact,
            key: key.to_owned(),
        }
    }

    fn regex(pattern: &str) -> Result<Self, String> {
        let anchored = format!("^(?:{pattern})");
        let regex = Regex::new(&anchored)
            .map_err(|error| format!("the regular expression '{pattern}' is not supported: {error}"))?;
        Ok(Self {
            kind: Kind::Regex(Box::new(regex)),
            key: pattern.to_owned(),
        })
    }

    fn binary(key: &str, operator: &str, depth: usize) -> Result<Self, String> {
        let bare = key.trim();
        let bare = bare
            .strip_prefix('#')
            .map_or(bare, |rest| &rest[..rest.len().saturating_sub(1)]);
        let mut parts = bare.split(operator).map(str::trim);
        let (Some(first), Some(second)) = (parts.next(), parts.next()) else {
            return Err(format!("'{key}' has no two sides"));
        };
        let sides = (
            Box::new(Self::parse(first, depth + 1)?),
            Box::new(Self::parse(second, depth + 1)?),
        );
        let kind = if operator == "AND" {
            Kind::Both(sides.0, sides.1)
        } else {
            Kind::Either(sides.0, sides.1)
        };
        Ok(Self {
            kind,
            key: key.to_owned(),
        })
    }

    fn between(key: &str, depth: usize) -> Result<Self, String> {
        let words: Vec<&str> = key.split_whitespace().collect();
        let [_, low, high] = words[..] else {
            return Err(format!("'{key}' must be 'between LOW HIGH'"));
        };
        match (real(low), real(high)) {
            (Some(a), Some(b)) if a <= b => Self::binary(&format!(">={low} AND <{high}"), "AND", depth),
            _ => Err(format!(
                "'{key}' must be 'between LOW HIGH', two numbers in order"
            )),
        }
    }

    fn relation(key: &str) -> Result<Self, String> {
        let (relation, length) = match key.as_bytes() {
            [b'<', b'=', ..] => (Relation::LessOrEqual, 2),
            [b'>', b'=', ..] => (Relation::GreaterOrEqual, 2),
            [b'<', ..] => (Relation::Less, 1),
            _ => (Relation::Greater, 1),
        };
        let number = leading_number(key[length..].trim_start());
        let Some(bound) = number.and_then(|text| text.parse().ok()) else {
            return Err(format!("'{key}' compares with no number"));
        };
        Ok(Self {
            kind: Kind::Relation(relation, bound),
            key: key.to_owned(),
        })
    }

    /// The value that alone matches, where there is one.
    pub fn only_value(&self) -> Option<&str> {
        matches!(self.kind, Kind::Exact).then_some(self.key.as_str())
    }

    /// What a value, conditioned, means for the rule.
    pub fn verdict(&self, value: &str) -> Verdict {
        match &self.kind {
            Kind::Anything => return Verdict::Indifferent,
            Kind::Not(inner) => {
                return match inner.verdict(value) {
                    Verdict::Match => Verdict::Mismatch,
                    Verdict::Mismatch => Verdict::Match,
                    Verdict::Indifferent => Verdict::Indifferent,
                };
            }
            _ if value == "*" => return Verdict::Match,
            Kind::Exact if value == self.key => return Verdict::Match,
            _ if value == "N/A" => return Verdict::Indifferent,
            _ => {}
        }
        let matches = match &self.kind {
            Kind::Globs(globs) => globs.iter().any(|glob| glob_matches(glob, value)),
            Kind::Regex(regex) => value == self.key || regex.is_match(value),
            Kind::Relation(relation, bound) => {
                value == self.key
                    || real(value).is_some_and(|number| match relation {
                        Relation::Less => number < *bound,
                        Relation::LessOrEqual => number <= *bound,
                        Relation::Greater => number > *bound,
                        Relation::GreaterOrEqual => number >= *bound,
                    })
            }
            Kind::Both(a, b) => {
                value == self.key || a.verdict(value) == Verdict::Match && b.verdict(value) == Verdict::Match
            }
            Kind::Either(a, b) => {
                value == self.key || a.verdict(value) == Verdict::Match || b.verdict(value) == Verdict::Match
            }
            Kind::Exact | Kind::Anything | Kind::Not(_) => false,
        };
        if matches {
            Verdict::Match
        } else {
            Verdict::Mismatch
        }
    }
}

/// The longest beginning that is a number.
fn leading_number(text: &str) -> Option<&str> {
    let bytes = text.as_bytes();
    let digits = |from: usize| {
        bytes
            .iter()
            .skip(from)
            .take_while(|byte| byte.is_ascii_digit())
            .count()
    };
    let sign = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    let whole = digits(sign);
    let mut end = sign + whole;
    if bytes.get(end) == Some(&b'.') && digits(end + 1) > 0 {
        end += 1 + digits(end + 1);
    } else if whole == 0 {
        return None;
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let signed = end + 1 + usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        if digits(signed) > 0 {
            end = signed + digits(signed);
        }
    }
    text.get(..end)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use Verdict::{Indifferent, Match, Mismatch};

    #[test]
    fn each_kind_of_pattern() {
        let cases = [
            ("F555W", "F555W", Match),
            ("F555W", "F606W", Mismatch),
            ("F555W", "N/A", Indifferent),
            ("F555W", "*", Match),
            ("N/A", "F555W", Indifferent),
            ("N/A", "*", Indifferent),
            ("A|B", "B", Match),
            ("A|B", "C", Mismatch),
            ("FR*", "FR914M", Match),
            ("FR*", "AFR", Mismatch),
            ("*", "UNDEFINED", Match),
            ("*", "N/A", Indifferent),
            ("CLEAR?[SL]|X*", "CLEAR1S", Match),
            ("CLEAR?[SL]|X*", "CLEAR1V", Mismatch),
            ("[!A-C]*", "B", Mismatch),
            ("[!A-C]*", "D", Match),
            ("(G1[34]0.)", "G140L", Match),
            ("(G1[34]0.)", "G230L", Mismatch),
            ("{A|B}", "A|B", Match),
            ("{A|B}", "A", Mismatch),
            ("# >3000 AND <=4200 #", "4200.0", Match),
            ("# >3000 AND <=4200 #", "3000.0", Mismatch),
            ("# A OR B #", "b", Match),
            ("BETWEEN 1 2", "1.0", Match),
            ("BETWEEN 1 2", "2.0", Mismatch),
            ("NOT A", "B", Match),
            ("NOT A", "A", Mismatch),
            ("NOT A", "N/A", Indifferent),
            (">=1.5", "1.5", Match),
            ("<1", "X", Mismatch),
        ];
        for (key, value, verdict) in cases {
            // As in the peer, both sides of a combination see the value in upper case.
            let matcher = Matcher::parse(key, 0).unwrap();
            assert_eq!(matcher.verdict(&value.to_uppercase()), verdict, "{key} {value}");
        }
    }

    #[test]
    fn patterns_that_say_nothing_are_refused() {
        for key in [">X", "BETWEEN 2 1", "BETWEEN 1", "([)", "BETWEEN A B"] {
            assert!(Matcher::parse(key, 0).is_err(), "{key}");
        }
        assert!(Matcher::parse(&"NOT ".repeat(100_000), 0).is_err());
    }
}

//! `SelectVersion`: by the version of the calibration software.

use super::condition::real;
use super::lexer;
use super::literal::{Cursor, Literal};
use super::outcome::Reason;
use super::parameters::Parameters;
use super::selector::{Choice, Chosen, Failure};
use std::cmp::Ordering;

/// Entries for versions below, or equal to, a number, in rising order; `default` comes last.
#[derive(Debug)]
pub(super) struct SelectVersion {
    parameter: usize,
    entries: Vec<(Relation, Choice)>,
}

#[derive(Debug, Clone, PartialEq)]
struct Relation {
    version: Version,
    sign: Sign,
}

/// In the order in which relations to the same version are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sign {
    Below,
    UpTo,
    Equal,
}

#[derive(Debug, Clone, PartialEq)]
enum Version {
    Number(f64),
    Parts(Vec<f64>),
}

/// Above all numbers of versions.
const DEFAULT: f64 = i64::MAX as f64;

impl Relation {
    fn parse(text: &str) -> Option<Self> {
        if text.replace('=', "").trim() == "default" {
            return Some(Self {
                version: Version::Number(DEFAULT),
                sign: Sign::Equal,
            });
        }
        let (sign, behind) = if let Some(behind) = text.strip_prefix("<=") {
            (Sign::UpTo, behind)
        } else if let Some(behind) = text.strip_prefix('<') {
            (Sign::Below, behind)
        } else {
            let behind = text.strip_prefix("==").or_else(|| text.strip_prefix('='));
            (Sign::Equal, behind.unwrap_or(text))
        };
        Some(Self {
            version: Version::parse(behind.trim())?,
            sign,
        })
    }

    /// How two relations are ordered; none where one is a number and the other has parts.
    fn order(&self, other: &Self) -> Option<Ordering> {
        let versions = match (&self.version, &other.version) {
            (Version::Number(a), Version::Number(b)) => a.partial_cmp(b)?,
            (Version::Parts(a), Version::Parts(b)) => a.partial_cmp(b)?,
            _ => return None,
        };
        Some(versions.then(self.sign.cmp(&other.sign)))
    }
}

impl Version {
    fn parse(text: &str) -> Option<Self> {
        let words = lexer::words(text).ok()?;
        let mut cursor = Cursor { words: &words, at: 0 };
        let literal = cursor.literal(0).ok()?;
        let ended = cursor.at + 1 == words.len();
        let number = |literal: &Literal| match literal {
            Literal::Integer(value) => Some(*value as f64),
            Literal::Real(value) => Some(*value),
            _ => None,
        };
        let version = match &literal {
            Literal::Tuple(items) => Version::Parts(items.iter().map(number).collect::<Option<_>>()?),
            one => Version::Number(number(one)?),
        };
        ended.then_some(version)
    }
}

impl SelectVersion {
    pub fn build(parameter: usize, chosen: Vec<(Literal, Choice)>) -> Result<Self, String> {
        let mut entries = Vec::with_capacity(chosen.len());
        for (key, choice) in chosen {
            let text = key.plain();
            let relation = Relation::parse(&text).ok_or_else(|| {
                format!("'{text}' is no relation of versions such as '<3.1', '= 4' or 'default'")
            })?;
            entries.push((relation, choice));
        }
        let mixed = entries
            .windows(2)
            .any(|pair| matches!(pair, [a, b] if a.0.order(&b.0).is_none()));
        if mixed {
            return Err("versions that are numbers and versions of several parts do not compare".to_owned());
        }
        entries.sort_by(|a, b| a.0.order(&b.0).unwrap_or(Ordering::Equal));
        Ok(Self { parameter, entries })
    }

    pub fn choices(&self) -> impl Iterator<Item = &Choice> {
        self.entries.iter().map(|(_, choice)| choice)
    }

    pub fn choose(&self, parameters: &Parameters) -> Result<Chosen<'_>, Failure> {
        let value = parameters.at(self.parameter);
        let unknown = || {
            let keyword = parameters.keywords.name(self.parameter).to_owned();
            Failure::end(Reason::Value {
                keyword,
                value: value.to_owned(),
                known: self.known(),
            })
        };
        let default = value.replace('=', "").trim() == "default";
        if !default && real(value).is_none() {
            return Err(unknown());
        }
        let asked = Relation::parse(value).ok_or_else(unknown)?;
        for (relation, choice) in &self.entries {
            match relation.order(&asked) {
                None => return Err(unknown()),
                Some(Ordering::Less) => {}
                Some(_) => return choice.resolve(parameters),
            }
        }
        Err(unknown())
    }

    fn known(&self) -> Vec<String> {
        let text = |(relation, _): &(Relation, Choice)| {
            let sign = match relation.sign {
                Sign::Below => "<",
                Sign::UpTo => "<=",
                Sign::Equal => "=",
            };
            match &relation.version {
                Version::Number(DEFAULT) => "default".to_owned(),
                Version::Number(value) => format!("{sign}{value}"),
                Version::Parts(parts) => format!("{sign}{parts:?}"),
            }
        };
        self.entries.iter().map(text).collect()
    }
}

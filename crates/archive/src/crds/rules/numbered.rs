//! `GeometricallyNearest` and `Bracket`: by a number.

use super::condition::{condition_value, real};
use super::literal::Literal;
use super::outcome::Reason;
use super::parameters::Parameters;
use super::selector::{Choice, Chosen, Failure};

/// The entry whose number is nearest.
#[derive(Debug)]
pub(super) struct Nearest {
    parameter: usize,
    /// In the order of the numbers' text: of equally near ones the first is taken.
    entries: Vec<(f32, Choice)>,
}

/// The entries below and above a value, or the one that is equal, or at the end.
#[derive(Debug)]
pub(super) struct Bracket {
    parameter: usize,
    entries: Vec<(f64, Choice)>,
}

fn asked(parameter: usize, parameters: &Parameters) -> Result<f64, Failure> {
    let value = parameters.at(parameter);
    real(value).ok_or_else(|| {
        let keyword = parameters.keywords.name(parameter).to_owned();
        Failure::end(Reason::Value {
            keyword,
            value: value.to_owned(),
            known: vec!["numbers".to_owned()],
        })
    })
}

impl Nearest {
    pub fn build(parameter: usize, chosen: Vec<(Literal, Choice)>) -> Result<Self, String> {
        let mut entries = Vec::with_capacity(chosen.len());
        for (key, choice) in chosen {
            let text = condition_value(&key.plain());
            let number = real(&text).ok_or_else(|| format!("'{text}' is no number"))?;
            entries.push((text, number as f32, choice));
        }
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        if let Some(twice) = entries
            .windows(2)
            .find(|pair| matches!(pair, [a, b] if a.0 == b.0))
        {
            return Err(format!("'{}' stands twice in the rules", twice[0].0));
        }
        let entries = entries
            .into_iter()
            .map(|(_, number, choice)| (number, choice))
            .collect();
        Ok(Self { parameter, entries })
    }

    pub fn choices(&self) -> impl Iterator<Item = &Choice> {
        self.entries.iter().map(|(_, choice)| choice)
    }

    pub fn choose(&self, parameters: &Parameters) -> Result<Chosen<'_>, Failure> {
        // Single precision throughout, as the official client compares.
        let value = asked(self.parameter, parameters)? as f32;
        let mut best: Option<(f32, &Choice)> = None;
        for (number, choice) in &self.entries {
            let apart = (number - value).abs();
            if best.is_none_or(|(least, _)| apart < least || apart.is_nan() && !least.is_nan()) {
                best = Some((apart, choice));
            }
        }
        best.ok_or_else(|| Failure::end(Reason::NoMatch))?
            .1
            .resolve(parameters)
    }
}

impl Bracket {
    pub fn build(parameter: usize, chosen: Vec<(Literal, Choice)>) -> Result<Self, String> {
        let mut entries = Vec::with_capacity(chosen.len());
        for (key, choice) in chosen {
            let number = match key {
                Literal::Integer(value) => value as f64,
                Literal::Real(value) => value,
                other => return Err(format!("'{}' is no number", other.plain())),
            };
            entries.push((number, choice));
        }
        entries.sort_by(|a, b| a.0.total_cmp(&b.0));
        Ok(Self { parameter, entries })
    }

    pub fn choices(&self) -> impl Iterator<Item = &Choice> {
        self.entries.iter().map(|(_, choice)| choice)
    }

    pub fn choose(&self, parameters: &Parameters) -> Result<Chosen<'_>, Failure> {
        let value = asked(self.parameter, parameters)?;
        let (Some(first), Some(last)) = (self.entries.first(), self.entries.last()) else {
            return Err(Failure::end(Reason::NoMatch));
        };
        // As many as the value is above; of NaN that is none.
        let above = self
            .entries
            .iter()
            .take_while(|(number, _)| value > *number)
            .count();
        let (less, greater) = match (
            above.checked_sub(1).and_then(|i| self.entries.get(i)),
            self.entries.get(above),
        ) {
            (_, None) => (last, last),
            (None, Some(_)) => (first, first),
            (Some(_), Some(here)) if here.0 == value => (here, here),
            (Some(before), Some(here)) => (before, here),
        };
        let mut names = less.1.resolve(parameters)?.names();
        names.extend(greater.1.resolve(parameters)?.names());
        Ok(Chosen::Many(names))
    }
}

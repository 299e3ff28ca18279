//! `UseAfter` and `ClosestTime`: by date.

use super::dates::Moment;
use super::literal::Literal;
use super::outcome::Reason;
use super::parameters::{Parameters, UNDEFINED};
use super::selector::{Choice, Chosen, Failure};

/// Entries by date: the last one that is not later than the exposure, or the one closest to it.
#[derive(Debug)]
pub(super) struct Dated {
    parameters: Vec<usize>,
    /// In the order of their text, which is how they compare with an exposure's date.
    entries: Vec<Entry>,
    closest: bool,
}

#[derive(Debug)]
struct Entry {
    date: String,
    moment: Option<Moment>,
    choice: Choice,
}

impl Dated {
    pub fn build(
        parameters: Vec<usize>,
        chosen: Vec<(Literal, Choice)>,
        closest: bool,
    ) -> Result<Self, String> {
        let mut entries = Vec::with_capacity(chosen.len());
        for (key, choice) in chosen {
            let Literal::Text(date) = key else {
                return Err(format!("'{}' is no date", key.plain()));
            };
            let moment = if closest { Moment::parse(&date) } else { None };
            entries.push(Entry { date, moment, choice });
        }
        entries.sort_by(|a, b| a.date.cmp(&b.date));
        Ok(Self {
            parameters,
            entries,
            closest,
        })
    }

    pub fn choices(&self) -> impl Iterator<Item = &Choice> {
        self.entries.iter().map(|entry| &entry.choice)
    }

    /// Chooses among the entries of several selectors as if they were of one. Where two have an entry of the same
    /// date, the file whose name sorts last is taken.
    pub fn choose<'a>(selectors: &[&'a Self], parameters: &Parameters) -> Result<Chosen<'a>, Failure> {
        let Some(first) = selectors.first() else {
            return Err(Failure::end(Reason::NoMatch));
        };
        let moment = first.moment(parameters)?;
        let entry = if first.closest {
            closest(selectors, moment)?
        } else {
            latest(selectors, &moment.to_string())?
        };
        entry.choice.resolve(parameters)
    }

    fn moment(&self, parameters: &Parameters) -> Result<Moment, Failure> {
        let mut text = String::new();
        for place in &self.parameters {
            let value = parameters.at(*place).trim();
            if value == UNDEFINED {
                let keyword = parameters.keywords.name(*place).to_owned();
                return Err(Failure::end(Reason::Undefined { keyword }));
            }
            text.push_str(value);
            text.push(' ');
        }
        let text = text.trim();
        Moment::parse(text).ok_or_else(|| {
            Failure::end(Reason::Date {
                found: text.to_owned(),
            })
        })
    }
}

fn latest<'a>(selectors: &[&'a Dated], date: &str) -> Result<&'a Entry, Failure> {
    let mut best: Option<&Entry> = None;
    for selector in selectors {
        let behind = selector
            .entries
            .partition_point(|entry| entry.date.as_str() <= date);
        let Some(entry) = behind
            .checked_sub(1)
            .and_then(|index| selector.entries.get(index))
        else {
            continue;
        };
        best = Some(match best {
            Some(best) if best.date == entry.date => later_file(best, entry)?,
            Some(best) if best.date > entry.date => best,
            _ => entry,
        });
    }
    best.ok_or_else(|| {
        Failure::lookup(Reason::Before {
            found: date.to_owned(),
        })
    })
}

fn later_file<'a>(a: &'a Entry, b: &'a Entry) -> Result<&'a Entry, Failure> {
    match (&a.choice, &b.choice) {
        (Choice::File(x), Choice::File(y)) => Ok(if x >= y { a } else { b }),
        _ => Err(Failure::end(Reason::Ambiguous)),
    }
}

fn closest<'a>(selectors: &[&'a Dated], moment: Moment) -> Result<&'a Entry, Failure> {
    let mut merged: Vec<&Entry> = selectors.iter().flat_map(|selector| &selector.entries).collect();
    merged.sort_by(|a, b| a.date.cmp(&b.date));
    let mut best: Option<(f32, &Entry)> = None;
    let mut rest = merged.into_iter().peekable();
    while let Some(mut entry) = rest.next() {
        while let Some(same) = rest.next_if(|next| next.date == entry.date) {
            entry = later_file(entry, same)?;
        }
        let Some(at) = entry.moment else {
            return Err(Failure::end(Reason::Other(format!(
                "the rules have '{}' for a date",
                entry.date
            ))));
        };
        // Seconds in single precision, as the official client compares them.
        let apart = (moment.microseconds() - at.microseconds()).abs() as f64 / 1e6;
        if best.is_none_or(|(least, _)| (apart as f32) < least) {
            best = Some((apart as f32, entry));
        }
    }
    best.map(|(_, entry)| entry)
        .ok_or_else(|| Failure::end(Reason::NoMatch))
}

//! Selectors: each chooses one of its entries by header values.

use super::Fault;
use super::dated::Dated;
use super::literal::Literal;
use super::matching::Match;
use super::numbered::{Bracket, Nearest};
use super::outcome::Reason;
use super::parameters::{Keywords, Parameters};
use super::version::SelectVersion;

/// What an entry stands for.
#[derive(Debug)]
pub(super) enum Choice {
    /// A file, or `N/A` and the like.
    File(String),
    /// Several files at once.
    Files(Vec<String>),
    /// A further selection.
    Nested(Selector),
}

/// The end of a selection.
#[derive(Debug, PartialEq)]
pub(super) enum Chosen<'a> {
    One(&'a str),
    Many(Vec<&'a str>),
}

impl<'a> Chosen<'a> {
    pub fn names(self) -> Vec<&'a str> {
        match self {
            Chosen::One(name) => vec![name],
            Chosen::Many(names) => names,
        }
    }
}

/// Why a selection came to no end.
#[derive(Debug)]
pub(super) struct Failure {
    pub reason: Reason,
    /// Whether rules that match less well may be tried instead.
    pub go_on: bool,
}

impl Failure {
    pub fn end(reason: Reason) -> Self {
        Self { reason, go_on: false }
    }

    pub fn lookup(reason: Reason) -> Self {
        Self { reason, go_on: true }
    }
}

#[derive(Debug)]
pub(super) enum Selector {
    Match(Match),
    Dated(Dated),
    Version(SelectVersion),
    Nearest(Nearest),
    Bracket(Bracket),
}

/// A keyword, and values in rules with what they stand for.
pub(super) type Substitution = (String, Vec<(Literal, Literal)>);

/// What building selectors needs to know of the mapping's header.
pub(super) struct Setting<'a> {
    pub keywords: &'a mut Keywords,
    /// The keywords of each level of selectors.
    pub parkey: &'a [Vec<String>],
    /// Of a keyword: values in rules, and what they stand for.
    pub substitutions: &'a [Substitution],
    pub merge_overlaps: bool,
}

impl Selector {
    /// Builds a selector of a call as it stands in the rules; `level` selectors are around it.
    pub fn build(call: &Literal, level: usize, setting: &mut Setting) -> Result<Self, Fault> {
        let Literal::Call(name, argument, at) = call else {
            return Err(Fault {
                at: 0,
                reason: "the selector must be a call such as Match({…})".to_owned(),
            });
        };
        let fault = |reason: String| Fault { at: *at, reason };
        let Some(names) = setting.parkey.get(level) else {
            return Err(fault(format!(
                "{name} is nested deeper than 'parkey' in the header has levels"
            )));
        };
        let entries = substituted(
            pairs(argument).ok_or_else(|| fault(format!("{name} needs a dictionary")))?,
            names,
            setting.substitutions,
        );
        let names = names.clone();
        let places: Vec<usize> = names.iter().map(|name| setting.keywords.place(name)).collect();
        let mut chosen = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            chosen.push((key, Choice::build(value, *at, level, setting)?));
        }
        let single = || match places[..] {
            [place] => Ok(place),
            _ => Err(fault(format!(
                "{name} selects by one keyword, 'parkey' names {}",
                places.len()
            ))),
        };
        match name.as_str() {
            "Match" => Match::build(places, chosen, setting)
                .map(Selector::Match)
                .map_err(fault),
            "UseAfter" => Dated::build(places, chosen, false)
                .map(Selector::Dated)
                .map_err(fault),
            "ClosestTime" => Dated::build(places, chosen, true)
                .map(Selector::Dated)
                .map_err(fault),
            "SelectVersion" => SelectVersion::build(single()?, chosen)
                .map(Selector::Version)
                .map_err(fault),
            "GeometricallyNearest" => Nearest::build(single()?, chosen)
                .map(Selector::Nearest)
                .map_err(fault),
            "Bracket" => Bracket::build(single()?, chosen)
                .map(Selector::Bracket)
                .map_err(fault),
            _ => Err(fault(format!(
                "the selector '{name}' is not supported; Match, UseAfter, SelectVersion, ClosestTime, \
                 GeometricallyNearest and Bracket are"
            ))),
        }
    }

    /// What is to be used for these values.
    pub fn choose(&self, parameters: &Parameters) -> Result<Chosen<'_>, Failure> {
        match self {
            Selector::Match(selector) => selector.choose(parameters),
            Selector::Dated(selector) => Dated::choose(&[selector], parameters),
            Selector::Version(selector) => selector.choose(parameters),
            Selector::Nearest(selector) => selector.choose(parameters),
            Selector::Bracket(selector) => selector.choose(parameters),
        }
    }

    /// All files that it can come to.
    pub fn files<'a>(&'a self, found: &mut Vec<&'a str>) {
        let mut add = |choice: &'a Choice| match choice {
            Choice::File(name) => found.push(name),
            Choice::Files(names) => found.extend(names.iter().map(String::as_str)),
            Choice::Nested(selector) => selector.files(found),
        };
        match self {
            Selector::Match(selector) => selector.choices().for_each(&mut add),
            Selector::Dated(selector) => selector.choices().for_each(&mut add),
            Selector::Version(selector) => selector.choices().for_each(&mut add),
            Selector::Nearest(selector) => selector.choices().for_each(&mut add),
            Selector::Bracket(selector) => selector.choices().for_each(&mut add),
        }
    }
}

impl Choice {
    fn build(value: &Literal, at: usize, level: usize, setting: &mut Setting) -> Result<Self, Fault> {
        let text = |item: &Literal| item.text().map(str::to_owned);
        let wrong = || Fault {
            at,
            reason: "an entry must be a file name or a selector".to_owned(),
        };
        match value {
            Literal::Text(name) => Ok(Choice::File(name.clone())),
            Literal::Call(..) => Selector::build(value, level + 1, setting).map(Choice::Nested),
            Literal::Tuple(items) => items
                .iter()
                .map(text)
                .collect::<Option<_>>()
                .map(Choice::Files)
                .ok_or_else(wrong),
            _ => Err(wrong()),
        }
    }

    /// The file, or what the nested selector says.
    pub fn resolve(&self, parameters: &Parameters) -> Result<Chosen<'_>, Failure> {
        match self {
            Choice::File(name) => Ok(Chosen::One(name)),
            Choice::Files(names) => Ok(Chosen::Many(names.iter().map(String::as_str).collect())),
            Choice::Nested(selector) => selector.choose(parameters),
        }
    }
}

/// The entries of a dictionary, or of a list of pairs, the last of equal keys standing.
fn pairs(argument: &Literal) -> Option<Vec<(Literal, &Literal)>> {
    match argument {
        Literal::Dict(pairs) => Some(pairs.iter().map(|(key, value)| (key.clone(), value)).collect()),
        Literal::List(items) | Literal::Tuple(items) => {
            let mut entries: Vec<(Literal, &Literal)> = Vec::new();
            for item in items {
                let [key, value] = item.items()? else { return None };
                match entries.iter_mut().find(|(known, _)| known == key) {
                    Some(entry) => entry.1 = value,
                    None => entries.push((key.clone(), value)),
                }
            }
            Some(entries)
        }
        _ => None,
    }
}

/// Puts other values in place of those that the header substitutes. Where two keys become one, the later stands.
fn substituted<'a>(
    mut entries: Vec<(Literal, &'a Literal)>,
    names: &[String],
    substitutions: &[Substitution],
) -> Vec<(Literal, &'a Literal)> {
    for (which, name) in names.iter().enumerate() {
        let Some((_, values)) = substitutions.iter().rev().find(|(keyword, _)| keyword == name) else {
            continue;
        };
        let substitute = |old: &Literal| {
            let found = values
                .iter()
                .find(|(value, _)| value == old)
                .map(|(_, new)| new.clone());
            found.map(|new| {
                if let Literal::List(items) = new {
                    Literal::Tuple(items)
                } else {
                    new
                }
            })
        };
        let snapshot: Vec<Literal> = entries.iter().map(|(key, _)| key.clone()).collect();
        for old in snapshot {
            let new = match &old {
                Literal::Tuple(items) => items.get(which).and_then(substitute).map(|new| {
                    let mut items = items.clone();
                    if let Some(item) = items.get_mut(which) {
                        *item = new;
                    }
                    Literal::Tuple(items)
                }),
                simple => substitute(simple),
            };
            let (Some(new), Some(index)) = (new, entries.iter().position(|(key, _)| *key == old)) else {
                continue;
            };
            let (_, value) = entries.remove(index);
            entries.retain(|(key, _)| *key != new);
            entries.push((new, value));
        }
    }
    entries
}

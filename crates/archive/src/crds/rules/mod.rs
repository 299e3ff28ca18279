//! The rules by which reference files are chosen: parsed, never run as a program.
//!
//! A context (`hst_1200.pmap`) names a mapping for each instrument (`.imap`), that one a mapping for each reference
//! type (`.rmap`), and that one says which file is best for which header values and dates. The format and the
//! meaning of each part are those of the Calibration Reference Data System, described in its user's guide
//! (<https://hst-crds.stsci.edu/static/users_guide/>); tests hold the answers against its official client.

mod condition;
mod dated;
mod dates;
mod expression;
mod expression_grammar;
mod glob;
mod hooks;
mod lexer;
mod literal;
mod mapping;
mod matcher;
mod matching;
mod numbered;
mod outcome;
mod parameters;
mod reference;
mod selector;
mod value;
mod version;

pub use condition::condition_value;
pub use outcome::{Outcome, Reason};
pub(super) use value::read_value;

use super::DatasetHeader;
use crate::{Error, Result};
use mapping::Mapping;
use parameters::Keywords;
use rayon::prelude::*;
use reference::{ReferenceRules, is_not_applicable, is_omitted};
use std::collections::{BTreeMap, BTreeSet};

/// What is wrong at a byte of a text.
#[derive(Debug)]
struct Fault {
    at: usize,
    reason: String,
}

/// How the text of a mapping is got by its name.
pub type ReadMapping<'a> = &'a (dyn Fn(&str) -> Result<String> + Sync);

/// The rules of a context.
#[derive(Debug)]
pub struct Rules {
    context: String,
    /// Whether the context is for all instruments, so that a header must say which one it is of.
    dispatch: bool,
    instruments: BTreeMap<String, InstrumentRules>,
    /// Instruments that the context names, loaded or not.
    named: Vec<String>,
}

#[derive(Debug)]
struct InstrumentRules {
    /// The mappings that it consists of.
    mappings: Vec<String>,
    keywords: Keywords,
    types: BTreeMap<String, TypeRules>,
}

#[derive(Debug)]
enum TypeRules {
    Selected(Box<ReferenceRules>),
    NotApplicable,
    Omitted,
}

impl Rules {
    /// Reads the rules of a context with all its instruments. `read` gives the text of a mapping.
    ///
    /// The context may also be the mapping of one instrument or one reference type.
    ///
    /// # Errors
    /// What `read` gives; [`Error::RulesSyntax`], [`Error::RulesChecksum`], [`Error::RulesContent`].
    pub fn load(context: &str, read: ReadMapping) -> Result<Self> {
        Self::load_for(context, None, read)
    }

    /// Reads the rules of a context for some instruments alone (upper or lower case): mappings of others are not
    /// looked at.
    ///
    /// # Errors
    /// As [`Rules::load`].
    pub fn load_for(context: &str, instruments: Option<&[String]>, read: ReadMapping) -> Result<Self> {
        let top = Mapping::parse(context, &read(context)?)?;
        let kind = context.rsplit('.').next().unwrap_or_default();
        if kind == "imap" || kind == "rmap" {
            let instrument = top.required("instrument")?;
            let rules = if kind == "imap" {
                InstrumentRules::load(&top, read)?
            } else {
                InstrumentRules::single(&top)?
            };
            return Ok(Self {
                context: context.to_owned(),
                dispatch: false,
                named: vec![instrument.clone()],
                instruments: BTreeMap::from([(instrument, rules)]),
            });
        }
        top.check_kind("pipeline")?;
        let mut selections = top.selections()?;
        selections.retain(|(_, mapping)| !is_not_applicable(mapping) && !is_omitted(mapping));
        let named = selections
            .iter()
            .map(|(instrument, _)| instrument.clone())
            .collect();
        let wanted: Option<BTreeSet<String>> =
            instruments.map(|names| names.iter().map(|name| instrument_name(name)).collect());
        selections.retain(|(instrument, _)| wanted.as_ref().is_none_or(|wanted| wanted.contains(instrument)));
        let load = |(instrument, name): (String, String)| {
            let mapping = Mapping::parse(&name, &read(&name)?)?;
            mapping.check_kind("instrument")?;
            Ok((instrument, InstrumentRules::load(&mapping, read)?))
        };
        let instruments = selections.into_par_iter().map(load).collect::<Result<Vec<_>>>()?;
        Ok(Self {
            context: context.to_owned(),
            dispatch: true,
            instruments: instruments.into_iter().collect(),
            named,
        })
    }

    /// The name of the context.
    pub fn context(&self) -> &str {
        &self.context
    }

    /// The instruments whose rules are loaded, in lower case.
    pub fn instruments(&self) -> impl Iterator<Item = &str> {
        self.instruments.keys().map(String::as_str)
    }

    /// The reference types of an instrument, in lower case.
    pub fn types(&self, instrument: &str) -> Vec<&str> {
        let rules = self.instruments.get(&instrument_name(instrument));
        rules
            .map(|rules| rules.types.keys().map(String::as_str).collect())
            .unwrap_or_default()
    }

    /// The header keywords that the rules of an instrument ask for.
    pub fn keywords(&self, instrument: &str) -> Vec<&str> {
        let rules = self.instruments.get(&instrument_name(instrument));
        rules
            .map(|rules| rules.keywords.names().iter().map(String::as_str).collect())
            .unwrap_or_default()
    }

    /// All mappings that were loaded, the context first.
    pub fn mappings(&self) -> Vec<&str> {
        let inner = self
            .instruments
            .values()
            .flat_map(|rules| &rules.mappings)
            .map(String::as_str);
        std::iter::once(self.context.as_str())
            .chain(inner.filter(|name| *name != self.context))
            .collect()
    }

    /// All reference files that the loaded rules can come to, sorted.
    pub fn references(&self) -> Vec<&str> {
        let types = self.instruments.values().flat_map(|rules| rules.types.values());
        let files = types.flat_map(|rules| match rules {
            TypeRules::Selected(rules) => rules.files(),
            _ => Vec::new(),
        });
        files.collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// The instrument that a header is of, in lower case.
    ///
    /// # Errors
    /// [`Error::NoInstrument`], [`Error::UnknownInstrument`].
    pub fn instrument_of(&self, header: &DatasetHeader) -> Result<&str> {
        let only = self.instruments.keys().next().filter(|_| !self.dispatch);
        if let Some(only) = only {
            return Ok(only);
        }
        let instrument = instrument_name(&header.instrument()?);
        match self.instruments.get_key_value(&instrument) {
            Some((name, _)) => Ok(name),
            None => Err(Error::UnknownInstrument {
                instrument: instrument.to_uppercase(),
                context: self.context.clone(),
                known: self.named.join(", ").to_uppercase(),
            }),
        }
    }

    /// The best reference of each type (in lower case), or of the `types` asked for, in their order. Types of which
    /// the rules say nothing for this header are left out.
    ///
    /// # Errors
    /// As [`Rules::instrument_of`]. Types without a reference are no error but [`Outcome::NotFound`].
    pub fn best_references(
        &self,
        header: &DatasetHeader,
        types: Option<&[&str]>,
    ) -> Result<Vec<(String, Outcome)>> {
        let instrument = self.instrument_of(header)?;
        let Some(rules) = self.instruments.get(instrument) else {
            return Ok(Vec::new());
        };
        let parameters = rules.keywords.parameters(header);
        let answer = |name: &str| match rules.types.get(name) {
            Some(TypeRules::Selected(rules)) => rules.best(&parameters),
            Some(TypeRules::NotApplicable) => Some(Outcome::NotApplicable),
            Some(TypeRules::Omitted) => None,
            None => {
                let known = rules.types.keys().cloned().collect();
                Some(Outcome::NotFound(Reason::UnknownType {
                    name: name.to_owned(),
                    known,
                }))
            }
        };
        let asked: Vec<String> = match types {
            Some(types) if !types.is_empty() => types.iter().map(|name| name.to_lowercase()).collect(),
            _ => rules.types.keys().cloned().collect(),
        };
        Ok(asked
            .into_iter()
            .filter_map(|name| answer(&name).map(|outcome| (name, outcome)))
            .collect())
    }
}

/// The name by which mappings call an instrument.
fn instrument_name(name: &str) -> String {
    let name = name.trim().to_lowercase();
    if name == "wfii" { "wfpc2".to_owned() } else { name }
}

impl InstrumentRules {
    fn load(imap: &Mapping, read: ReadMapping) -> Result<Self> {
        let mut keywords = Keywords::default();
        for name in imap
            .header_names("parkey")?
            .iter()
            .chain(&imap.header_names("extra_keys")?)
        {
            keywords.place(name);
        }
        let selections = imap.selections()?;
        let parse = |(_, name): &(String, String)| {
            let special = is_not_applicable(name) || is_omitted(name);
            if special {
                Ok(None)
            } else {
                Mapping::parse(name, &read(name)?).map(Some)
            }
        };
        let parsed: Vec<Option<Mapping>> = selections.par_iter().map(parse).collect::<Result<_>>()?;
        let mut types = BTreeMap::new();
        let mut mappings = vec![imap.name.clone()];
        for ((name, value), mapping) in selections.into_iter().zip(parsed) {
            let rules = match mapping {
                Some(mapping) => {
                    mappings.push(mapping.name.clone());
                    TypeRules::Selected(Box::new(ReferenceRules::build(&mapping, &mut keywords)?))
                }
                None if is_omitted(&value) => TypeRules::Omitted,
                None => TypeRules::NotApplicable,
            };
            types.insert(name, rules);
        }
        Ok(Self {
            mappings,
            keywords,
            types,
        })
    }

    /// Of one reference type alone.
    fn single(rmap: &Mapping) -> Result<Self> {
        let mut keywords = Keywords::default();
        let rules = ReferenceRules::build(rmap, &mut keywords)?;
        let mappings = vec![rules.name.clone()];
        let types = BTreeMap::from([(rmap.required("filekind")?, TypeRules::Selected(Box::new(rules)))]);
        Ok(Self {
            mappings,
            keywords,
            types,
        })
    }
}

#[cfg(test)]
mod tests;

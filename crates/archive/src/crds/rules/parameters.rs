//! The header values that rules are asked with.

use super::condition::condition_value;
use crate::crds::DatasetHeader;
use std::collections::HashMap;

/// What a keyword without value is said to have.
pub(super) const UNDEFINED: &str = "UNDEFINED";

/// The keywords that the rules of an instrument ask for, each with its place in [`Parameters`].
#[derive(Debug, Default)]
pub(super) struct Keywords {
    names: Vec<String>,
    places: HashMap<String, usize>,
}

impl Keywords {
    /// The place of a keyword, given one if it has none yet.
    pub fn place(&mut self, name: &str) -> usize {
        let name = name.to_uppercase();
        if let Some(place) = self.places.get(&name) {
            return *place;
        }
        let place = self.names.len();
        self.names.push(name.clone());
        self.places.insert(name, place);
        place
    }

    pub fn find(&self, name: &str) -> Option<usize> {
        self.places.get(name).copied()
    }

    pub fn name(&self, place: usize) -> &str {
        self.names.get(place).map_or("", String::as_str)
    }

    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The values that a header has for these keywords, in the form of rules.
    pub fn parameters(&self, header: &DatasetHeader) -> Parameters<'_> {
        let value = |name: &String| condition_value(header.get(name).unwrap_or(UNDEFINED));
        Parameters {
            keywords: self,
            values: self.names.iter().map(value).collect(),
        }
    }
}

/// Values of [`Keywords`], conditioned.
#[derive(Debug, Clone)]
pub(super) struct Parameters<'a> {
    pub keywords: &'a Keywords,
    values: Vec<String>,
}

impl Parameters<'_> {
    pub fn at(&self, place: usize) -> &str {
        self.values.get(place).map_or(UNDEFINED, String::as_str)
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.keywords.find(name).map(|place| self.at(place))
    }

    pub fn set_at(&mut self, place: usize, value: &str) {
        if let Some(old) = self.values.get_mut(place) {
            value.clone_into(old);
        }
    }

    /// Gives a keyword another value, where the rules ask for it.
    pub fn set(&mut self, name: &str, value: &str) {
        if let Some(place) = self.keywords.find(name) {
            self.set_at(place, value);
        }
    }
}

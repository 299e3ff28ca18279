//! Which rules and reference files a context names.
//!
//! The names are found as the quoted words of a rule file's selector; how rules select is not the server's
//! business.

use super::catalogue::{area_of, path};
use super::{Area, Fault, Service, fault};
use std::collections::BTreeSet;

impl Service<'_> {
    /// The text of a rule.
    fn rule(&self, name: &str) -> Result<String, Fault> {
        let Some(path) = path(self.connection, Area::Mappings, name)? else {
            return fault(format!("the rule {name} is not known here"));
        };
        std::fs::read_to_string(&path).or_else(|error| fault(format!("{name}: {error}")))
    }

    /// A context and all rules below it.
    pub fn mapping_names(&self, context: &str) -> Result<Vec<String>, Fault> {
        let mut names = BTreeSet::new();
        let mut left = vec![context.to_owned()];
        while let Some(name) = left.pop() {
            if !names.insert(name.clone()) {
                continue;
            }
            // Rules that name no other rules need not be read for this.
            if !name.ends_with(".rmap") {
                let text = self.rule(&name)?;
                left.extend(
                    words(&text)
                        .filter(|word| Area::Mappings.wants(word))
                        .map(str::to_owned),
                );
            } else if path(self.connection, Area::Mappings, &name)?.is_none() {
                return fault(format!("the rule {name} of {context} is not known here"));
            }
        }
        Ok(names.into_iter().collect())
    }

    /// All reference files that a context may select.
    pub fn reference_names(&self, context: &str) -> Result<Vec<String>, Fault> {
        let mut names = BTreeSet::new();
        for rule in self
            .mapping_names(context)?
            .iter()
            .filter(|name| name.ends_with(".rmap"))
        {
            let text = self.rule(rule)?;
            names.extend(words(&text).filter(|word| is_reference(word)).map(str::to_owned));
        }
        Ok(names.into_iter().collect())
    }
}

/// The quoted words after the header.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let selector = text.find("\nselector").map_or("", |start| &text[start..]);
    selector.split(['\'', '"']).skip(1).step_by(2)
}

/// A file name with an ending that reference files have: FITS, GEIS, or those of other observatories.
fn is_reference(word: &str) -> bool {
    let ending = word.rsplit_once('.').map_or("", |(_, ending)| ending);
    let geis =
        ending.len() == 3 && ending.starts_with('r') && (ending.ends_with('h') || ending.ends_with('d'));
    area_of(word) == Area::References
        && (geis || ["fits", "json", "asdf", "text", "yaml", "txt"].contains(&ending))
}

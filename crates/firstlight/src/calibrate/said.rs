//! What is told of exposures and their products.

use super::report::CalibratedProduct;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// What is said of exposures before they are products, and what their stages before acs2d took.
#[derive(Default)]
pub(super) struct Said(Mutex<BTreeMap<PathBuf, Before>>);

/// Of one exposure.
#[derive(Default)]
pub(super) struct Before {
    pub(super) words: Vec<String>,
    /// Of its acscte alone.
    pub(super) of_cte: Vec<String>,
    /// Wall time of acsccd.
    pub(super) ccd_s: f64,
    /// Wall time of acscte.
    pub(super) cte_s: f64,
}

impl Said {
    pub(super) fn add(&self, path: &Path, add: impl FnOnce(&mut Before)) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        add(all.entry(path.to_owned()).or_default());
    }

    /// Tells it of the products of single exposures; the time of acsccd of the one without correction for charge transfer, of
    /// acscte of the other.
    pub(super) fn pass_on(&self, products: &mut [CalibratedProduct]) {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for product in products {
            if let [input] = product.inputs.as_slice()
                && let Some(before) = all.get(input)
            {
                product.warnings.extend(before.words.iter().cloned());
                if product.kind == "flc" {
                    product.warnings.extend(before.of_cte.iter().cloned());
                    product.seconds += before.cte_s;
                } else {
                    product.seconds += before.ccd_s;
                }
            }
        }
    }
}

/// What is to be said of products, each once: with the first that it is said of, and of how many more. Of an exposure that
/// has two products the second does not count.
pub(super) fn told_once(products: &[CalibratedProduct]) -> Vec<String> {
    let mut told: Vec<(&str, &CalibratedProduct, BTreeSet<&[PathBuf]>)> = Vec::new();
    for product in products {
        for words in &product.warnings {
            match told.iter_mut().find(|(said, ..)| said == words) {
                Some((.., inputs)) => {
                    inputs.insert(&product.inputs);
                }
                None => told.push((words, product, BTreeSet::from([product.inputs.as_slice()]))),
            }
        }
    }
    told.iter()
        .map(|(words, product, inputs)| of_all(&product.path, inputs.len() - 1, words))
        .collect()
}

/// Words of a file, and of so many more.
pub(super) fn of_all(first: &Path, more: usize, words: &str) -> String {
    let path = first.display();
    match more {
        0 => format!("{path}: {words}"),
        more => format!("{path} and {more} more: {words}"),
    }
}

//! Filters of exposures, as their primary headers name them.

use firstlight_fits::Header;
use std::collections::BTreeSet;

/// The filters of an exposure, without the places of the wheels that are clear: `F606W`, `F606W+POL0V`.
pub(crate) fn filters_of(primary: &Header) -> String {
    let names = ["FILTER", "FILTER1", "FILTER2"]
        .into_iter()
        .filter_map(|keyword| primary.text(keyword))
        .map(|name| name.trim().to_owned());
    let names: Vec<String> = names
        .filter(|name| !name.is_empty() && name != "N/A" && !name.starts_with("CLEAR"))
        .collect();
    names.join("+")
}

/// How many different names there are, and their list, where there is more than one; empty names do not count.
pub(crate) fn several(names: impl IntoIterator<Item = String>) -> Option<(usize, String)> {
    let names: BTreeSet<String> = names.into_iter().filter(|name| !name.is_empty()).collect();
    let listed: Vec<String> = names.into_iter().collect();
    (listed.len() > 1).then(|| (listed.len(), listed.join(", ")))
}

//! Which files are meant: names, and patterns that a shell has not expanded.

use crate::{Error, Result};
use std::path::PathBuf;

/// Expands patterns (`*`, `?`, `[…]`, `**`) in the order given, each sorted by name. What names a file
/// that is there is taken as it is, whatever characters it has; so is a name without a pattern, so that
/// opening it tells that it is missing.
///
/// # Errors
/// [`Error::NoMatch`] for a pattern that no file matches; [`Error::Usage`] for one that cannot be read.
pub fn expand(names: &[impl AsRef<str>]) -> Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for name in names.iter().map(AsRef::as_ref) {
        let literal = PathBuf::from(name);
        if literal.exists() || !name.contains(['*', '?', '[']) {
            paths.push(literal);
            continue;
        }
        let matches = glob::glob(name).map_err(|e| Error::Usage(format!("'{name}' is no pattern: {e}")))?;
        let before = paths.len();
        paths.extend(
            matches
                .filter_map(std::result::Result::ok)
                .filter(|path| path.is_file()),
        );
        if paths.len() == before {
            return Err(Error::NoMatch {
                pattern: name.to_owned(),
            });
        }
    }
    Ok(paths)
}

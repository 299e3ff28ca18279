//! Best references written into headers.

use super::compare::Reference;
use crate::Result;
use crate::fits::edit;
use std::path::Path;

/// Sets the keywords in the primary header, and which rules they are by; whether there was anything to set. With
/// `only_differing`, a file whose references are right keeps its note of other rules.
pub(super) fn update(
    path: &Path,
    context: &str,
    references: &[Reference],
    only_differing: bool,
) -> Result<bool> {
    if only_differing && references.iter().all(|reference| reference.new.is_none()) {
        return Ok(false);
    }
    let updated = edit(path, |edit| {
        let header = edit.header(0)?;
        let mut set = vec![("CRDS_CTX".to_owned(), context.to_owned())];
        for reference in references {
            if let Some(new) = &reference.new {
                set.push((reference.keyword.clone(), new.clone()));
            }
        }
        set.retain(|(keyword, value)| {
            header.text(keyword).map(|old| old.trim_end().to_owned()).as_ref() != Some(value)
        });
        if set.is_empty() {
            return Ok(false);
        }
        set.push((
            "CRDS_VER".to_owned(),
            concat!("firstlight ", env!("CARGO_PKG_VERSION")).to_owned(),
        ));
        for (keyword, value) in set {
            header.set(&keyword, value.as_str(), None)?;
        }
        if header.contains("CHECKSUM") {
            edit.update_checksums(0)?;
        }
        Ok(true)
    })?;
    Ok(updated)
}

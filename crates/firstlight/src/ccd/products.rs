//! Names of the products of many frames.

use super::write::check_name;
use crate::{Error, Result, output};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Endings of files that products do without.
const COMPRESSED: [&str; 3] = [".gz", ".fz", ".bz2"];

/// One product for each input: of its name, in `folder`. The folder is made.
///
/// # Errors
/// [`Error::Usage`] where two inputs have one name, or a product is its own input; [`Error::OutputExists`].
pub(crate) fn of_inputs(inputs: &[PathBuf], folder: &Path, overwrite: bool) -> Result<Vec<PathBuf>> {
    let mut seen: HashMap<PathBuf, &PathBuf> = HashMap::new();
    let mut products = Vec::with_capacity(inputs.len());
    for input in inputs {
        let mut name = crate::input::file_name(input);
        for end in COMPRESSED {
            if name.to_ascii_lowercase().ends_with(end) {
                name.truncate(name.len() - end.len());
            }
        }
        let product = folder.join(&name);
        check_name(&product)?;
        if let Some(other) = seen.insert(product.clone(), input) {
            return Err(Error::Usage(format!(
                "{} and {} would both become {}; process them into folders of their own",
                other.display(),
                input.display(),
                product.display()
            )));
        }
        let same = |a: &Path, b: &Path| match (a.canonicalize(), b.canonicalize()) {
            (Ok(a), Ok(b)) => a == b,
            _ => false,
        };
        if same(&product, input) {
            return Err(Error::Usage(format!(
                "{} would be replaced by its own product; name another folder (--output-dir)",
                input.display()
            )));
        }
        products.push(product);
    }
    output::refuse_existing(products.iter(), overwrite)?;
    output::make_folder(folder)?;
    Ok(products)
}

//! Names of the products of many frames.

use super::write::check_name;
use crate::input::{Failure, sort_out};
use crate::progress::go_on;
use crate::{Error, Progress, Result, output};
use rayon::prelude::*;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Endings of files that products do without.
const COMPRESSED: [&str; 3] = [".gz", ".fz", ".bz2"];

/// The name of an input's product, which is not compressed.
pub(crate) fn product_name(input: &Path) -> String {
    let mut name = crate::input::file_name(input);
    for end in COMPRESSED {
        if name.to_ascii_lowercase().ends_with(end) {
            name.truncate(name.len() - end.len());
        }
    }
    name
}

/// One product for each input: of its name, in `folder`.
///
/// # Errors
/// [`Error::Usage`] where two inputs have one name, or a product is its own input; [`Error::OutputExists`].
pub(crate) fn of_inputs(inputs: &[PathBuf], folder: &Path, overwrite: bool) -> Result<Vec<PathBuf>> {
    let mut seen: HashMap<PathBuf, &PathBuf> = HashMap::new();
    let mut products = Vec::with_capacity(inputs.len());
    for input in inputs {
        let product = folder.join(product_name(input));
        check_name(&product)?;
        if let Some(other) = seen.insert(product.clone(), input) {
            return Err(Error::Usage(format!(
                "{} and {} would both become {}; process them into folders of their own",
                other.display(),
                input.display(),
                product.display()
            )));
        }
        if output::is_same_file(&product, input) {
            return Err(Error::Usage(format!(
                "{} would be replaced by its own product; name another folder (--output-dir)",
                input.display()
            )));
        }
        products.push(product);
    }
    output::refuse_existing(products.iter(), overwrite)?;
    Ok(products)
}

/// Makes the product of each input, on all threads; those that were made, in the order of the inputs, and inputs that failed.
/// The folder is made.
///
/// # Errors
/// What the only input fails by; what ends the work.
pub(super) fn each<T: Send>(
    (inputs, outputs): (&[PathBuf], &[PathBuf]),
    folder: &Path,
    (what, progress): (&str, &dyn Progress),
    one: impl Fn(&Path, &Path) -> Result<T> + Sync,
) -> Result<(Vec<T>, Vec<Failure>)> {
    output::make_folder(folder)?;
    progress.start(what, Some(inputs.len() as u64));
    let results: Vec<_> = inputs
        .par_iter()
        .zip(outputs)
        .map(|(input, output)| {
            let done = go_on(progress).map_err(Error::from);
            let done = done.and_then(|()| one(input, output));
            progress.advance(1);
            (input.clone(), done.map_err(|error| error.in_file(input)))
        })
        .collect();
    progress.finish();
    go_on(progress)?;
    sort_out(results)
}

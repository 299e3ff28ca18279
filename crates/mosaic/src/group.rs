//! Which of an exposure's images take part.

use crate::options::instrument::given;
use crate::{DrizzleOptions, Error, Result};
use firstlight_frame::{Exposure, Imset};

/// All images, or those that `group` names: extensions by number, or as "sci,1".
///
/// # Errors
/// [`Error::BadOption`] for what names no SCI image of the exposure.
pub(crate) fn selected<'m>(exposure: &'m Exposure, options: &DrizzleOptions) -> Result<Vec<&'m Imset>> {
    let Some(group) = given(&options.group) else {
        return Ok(exposure.imsets().iter().collect());
    };
    let named = |word: &str| -> Result<&'m Imset> {
        let imsets = exposure.imsets();
        let number = |text: &str| text.trim().parse::<i64>().ok();
        let found = match word.split_once(',') {
            Some((name, version)) if name.trim().eq_ignore_ascii_case("sci") => {
                let version = number(version);
                imsets.iter().find(|imset| Some(imset.version) == version)
            }
            Some(_) => None,
            None => {
                let index = number(word);
                imsets.iter().find(|imset| Some(imset.sci as i64) == index)
            }
        };
        found.ok_or_else(|| {
            let there: Vec<String> = imsets
                .iter()
                .map(|imset| format!("{} (sci,{})", imset.sci, imset.version))
                .collect();
            let reason = format!(
                "{} has no such SCI image; there are {}",
                exposure.path().display(),
                there.join(", ")
            );
            Error::bad_option("group", group, &reason)
        })
    };
    let words = group.split(';').map(str::trim).filter(|word| !word.is_empty());
    let mut found = words.map(named).collect::<Result<Vec<_>>>()?;
    found.sort_by_key(|imset| imset.sci);
    found.dedup();
    Ok(found)
}

//! File names that come from a server, and must stay in the folder they are meant for.

use std::path::Path;

use crate::{Error, Result};

/// The longest name of file systems in use, less what is added to it while it is fetched.
const LONGEST: usize = 255 - ".part.json".len();

/// Names that are devices on Windows, with any extension.
const DEVICES: [&str; 4] = ["CON", "PRN", "AUX", "NUL"];

/// Gives a file name back where it is safe to make a file of it in a folder.
///
/// # Errors
/// [`Error::UnsafeName`] for names that are empty, that hold `/`, `\`, `:`, control characters or NUL, that
/// are `.` or `..`, that begin with `-` or `~`, that end with a dot or a blank, that are devices on some
/// system, or that are too long to be one.
pub fn safe_name(name: &str) -> Result<&str> {
    let refused = |reason: &str| {
        Err(Error::UnsafeName {
            name: name
                .chars()
                .take(100)
                .collect::<String>()
                .escape_debug()
                .to_string(),
            reason: reason.to_owned(),
        })
    };
    if name.is_empty() {
        return refused("it is empty");
    }
    if name.chars().any(|c| c.is_control()) {
        return refused("it holds control characters");
    }
    if name.contains(['/', '\\', ':']) {
        return refused("it names a folder, and would leave the one it is for");
    }
    if name.contains(['<', '>', '"', '|', '?', '*']) {
        return refused("it holds one of < > \" | ? *");
    }
    if name == "." || name == ".." {
        return refused("it is a folder");
    }
    if name.starts_with(['-', '~']) || name.ends_with(['.', ' ']) || name.starts_with(' ') {
        return refused("it begins or ends with a character that is taken for something else");
    }
    if name.len() > LONGEST {
        return refused("it is too long");
    }
    let stem = name
        .split('.')
        .next()
        .unwrap_or_default()
        .trim_end()
        .to_ascii_uppercase();
    let numbered = |device: &str| {
        stem.strip_prefix(device)
            .is_some_and(|number| number.len() == 1 && number.bytes().all(|digit| digit.is_ascii_digit()))
    };
    if DEVICES.contains(&stem.as_str()) || numbered("COM") || numbered("LPT") {
        return refused("it is a device on some systems");
    }
    Ok(name)
}

/// The last part of a path.
pub(super) fn last(path: &Path) -> Result<&str> {
    path.file_name()
        .and_then(|name| name.to_str())
        .ok_or_else(|| Error::UnsafeName {
            name: path.display().to_string(),
            reason: "it names no file".to_owned(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_archive_are_safe() {
        for name in [
            "jcmc11ctq_raw.fits",
            "hst_13655_11_acs_sbc_f125lp_jcmc11cw_flt.fits",
            "a.fits.gz",
            "conf.txt",
        ] {
            assert_eq!(safe_name(name).unwrap(), name);
        }
    }

    #[test]
    fn names_that_lead_elsewhere_are_refused() {
        let long = "x".repeat(300);
        for name in [
            "",
            ".",
            "..",
            "../x.fits",
            "/etc/passwd",
            "a/b.fits",
            "a\\b.fits",
            "C:x.fits",
            "nul",
            "NUL.fits",
            "com1.fits",
            "x\0.fits",
            "x\n.fits",
            "-rf",
            "~root",
            "x.",
            " x",
            &long,
        ] {
            assert!(
                matches!(safe_name(name), Err(Error::UnsafeName { .. })),
                "{name:?}"
            );
        }
    }
}

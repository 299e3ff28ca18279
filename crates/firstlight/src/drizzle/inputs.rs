//! From what the user names to opened exposures.

use super::{DrizzleOptions, Kernel, WeightType};
use crate::filters::{filters_of, several};
use crate::input::file_name;
use crate::references::References;
use crate::{Error, Result};
use firstlight_fits::FitsFile;
use firstlight_frame::{Association, Exposure};
use firstlight_mosaic::Member;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Kinds of calibrated exposures that an association's members are looked for as, the best first.
const SUFFIXES: [&str; 3] = ["flc", "flt", "raw"];
/// Root name of products of several inputs that nothing else names.
const UNNAMED: &str = "final";

/// The exposures, and how the products are called.
#[derive(Debug)]
pub(super) struct Resolved {
    pub(super) members: Vec<Member>,
    /// Folder of the products.
    pub(super) folder: PathBuf,
    /// Root name of the products.
    pub(super) root: String,
    /// `drz`, `drc` or `drw`.
    pub(super) suffix: String,
}

/// The files that the user names, associations and lists replaced by what they name.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) files: Vec<PathBuf>,
    /// What the products are called by a single association.
    product: Option<String>,
}

/// Finds the files of the exposures.
pub(super) fn files(inputs: &[PathBuf]) -> Result<Named> {
    let (mut files, mut product) = (Vec::new(), None);
    for input in listed(inputs)? {
        if Association::is_association_name(&input) {
            let association = Association::open(&input)?;
            files.extend(association.member_files(&SUFFIXES)?);
            product = product.or_else(|| Some(association.product().unwrap_or(&association.id).to_owned()));
        } else {
            files.push(input);
        }
    }
    refuse_repeated(&files)?;
    Ok(Named {
        files,
        product: product.filter(|_| inputs.len() == 1),
    })
}

/// Replaces `@list` by the names that stand in the file `list`, one a line, beside which they are looked for.
fn listed(inputs: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    for input in inputs {
        let Some(list) = input.to_string_lossy().strip_prefix('@').map(PathBuf::from) else {
            all.push(input.clone());
            continue;
        };
        let text = std::fs::read_to_string(&list)
            .map_err(|error| Error::Usage(format!("{}: {error}", list.display())))?;
        let folder = list.parent().unwrap_or(Path::new("")).to_owned();
        for line in text.lines().map(str::trim) {
            let mut words = line.split_whitespace();
            match (words.next(), words.next()) {
                (None, _) => {}
                (Some(word), _) if word.starts_with('#') => {}
                (Some(word), None) => all.push(folder.join(word)),
                (Some(_), Some(_)) => {
                    return Err(Error::Usage(format!(
                        "{}: {line:?} names a second file, a map of inverse variance: these are made from the flat \
                         field with final_wht_type=IVM, and not read",
                        list.display()
                    )));
                }
            }
        }
    }
    Ok(all)
}

/// Opens the exposures.
pub(super) fn resolve(named: &Named, options: &DrizzleOptions) -> Result<Resolved> {
    let Named { files, product } = named;
    // Only these weights need reference files, and only they have the environment and the cache looked at.
    let references = (options.final_wht_type == WeightType::Ivm).then(References::of_process);
    let members = files
        .iter()
        .map(|file| member(file, references.as_ref()))
        .collect::<Result<Vec<_>>>()?;
    let root = match (product, files.as_slice()) {
        (Some(product), _) => product.clone(),
        (None, [single]) => root_of(single),
        (None, _) => UNNAMED.to_owned(),
    };
    Ok(named_products(members, root, files, options))
}

/// `drw` for WFPC2, whose archived products are `drz`; `drc` where charge transfer was corrected.
fn suffix(members: &[Member], files: &[PathBuf]) -> &'static str {
    let instrument = members
        .first()
        .and_then(|member| member.exposure.primary().text("INSTRUME"));
    let corrected = files
        .first()
        .is_some_and(|file| file_name(file).contains("_flc.fits"));
    match instrument.as_deref().map(str::trim) {
        Some("WFPC2") => "drw",
        _ if corrected => "drc",
        _ => "drz",
    }
}

/// What the user calls the products wins; the suffix is not doubled.
fn named_products(
    members: Vec<Member>,
    root: String,
    files: &[PathBuf],
    options: &DrizzleOptions,
) -> Resolved {
    let suffix = suffix(&members, files);
    let given = options.output.as_deref().map(Path::new);
    let folder = given.and_then(Path::parent).unwrap_or(Path::new("")).to_owned();
    let given = given.map(file_name).filter(|name| !name.is_empty());
    let Some(name) = given else {
        return Resolved {
            members,
            folder,
            root,
            suffix: suffix.to_owned(),
        };
    };
    let name = name.strip_suffix(".fits").unwrap_or(&name);
    for suffix in ["drz", "drc", "drw"] {
        if let Some(root) = name.strip_suffix(suffix).and_then(|name| name.strip_suffix('_')) {
            return Resolved {
                members,
                folder,
                root: root.to_owned(),
                suffix: suffix.to_owned(),
            };
        }
    }
    Resolved {
        members,
        folder,
        root: name.to_owned(),
        suffix: suffix.to_owned(),
    }
}

/// An exposure that is named twice, under one name or two, would weigh twice.
fn refuse_repeated(files: &[PathBuf]) -> Result<()> {
    let mut seen: HashMap<PathBuf, &Path> = HashMap::new();
    for file in files {
        // What is not there is told of when it is opened.
        let Ok(path) = file.canonicalize() else { continue };
        if let Some(first) = seen.insert(path, file) {
            let as_well = if first == file.as_path() {
                String::new()
            } else {
                format!(", also as {}", first.display())
            };
            return Err(Error::Usage(format!(
                "{} is given twice{as_well}: it would count twice in the product; name each exposure once, and no \
                 members beside their association",
                file.display()
            )));
        }
    }
    Ok(())
}

/// What may not be meant, and what has no effect.
pub(super) fn notes(members: &[Member], options: &DrizzleOptions) -> Vec<String> {
    let mut notes = mixture(members);
    let kernels = [
        ("driz_sep_kernel", options.separate.driz_sep_kernel),
        ("final_kernel", options.final_kernel),
    ];
    for (option, kernel) in kernels {
        if !matches!(kernel, Kernel::Square | Kernel::Point | Kernel::Turbo) {
            notes.push(format!("{option}={} does not conserve flux", kernel.name()));
        }
    }
    notes
}

/// Says which detectors and which filters the exposures are of, where they are of more than one: their counts are
/// added all the same.
fn mixture(members: &[Member]) -> Vec<String> {
    let said = |kind: &str, of: fn(&Member) -> String| {
        let (many, listed) = several(members.iter().map(of))?;
        Some(format!(
            "exposures of {many} {kind} are combined into one image: {listed}"
        ))
    };
    let detectors = said("detectors", |member| member.exposure.detector().to_string());
    let filters = said("filters", |member| filters_of(member.exposure.primary()));
    detectors.into_iter().chain(filters).collect()
}

fn member(file: &Path, references: Option<&References>) -> Result<Member> {
    let exposure = Exposure::open(file)?;
    let flat = match references {
        Some(references) => references.of(&exposure, "PFLTFILE")?,
        None => None,
    };
    let flat = flat.map(FitsFile::open).transpose()?;
    Ok(Member { exposure, flat })
}

/// `j8bt06nyq` of `j8bt06nyq_flt.fits`.
pub(super) fn root_of(path: &Path) -> String {
    let name = file_name(path);
    let stem = name.split(".fits").next().unwrap_or(&name);
    stem.rsplit_once('_').map_or(stem, |(root, _)| root).to_owned()
}

//! From what the user names to opened exposures.

use super::{DrizzleOptions, Kernel, WeightType, sky_masks};
use crate::filters::{filters_of, several};
use crate::input::file_name;
use crate::references::References;
use crate::{Error, Result};
use firstlight_fits::FitsFile;
use firstlight_frame::{Association, Exposure, Switch};
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
    /// What of the catalogue of masks for the sky is not used.
    pub(super) notes: Vec<String>,
}

/// The files that the user names, associations and lists replaced by what they name.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) files: Vec<PathBuf>,
    /// The map of inverse variance of each, where a list names one.
    maps: Vec<Option<PathBuf>>,
    /// What the products are called by a single association.
    product: Option<String>,
}

/// Finds the files of the exposures.
pub(super) fn files(inputs: &[PathBuf]) -> Result<Named> {
    let (mut files, mut maps, mut product) = (Vec::new(), Vec::new(), None);
    for Listed { file, map } in listed(inputs)? {
        if Association::is_association_name(&file) {
            if let Some(map) = map {
                return Err(Error::Usage(format!(
                    "{} is a map of inverse variance for an association, {}: name each of its members with a map of \
                     its own",
                    map.display(),
                    file.display()
                )));
            }
            let association = Association::open(&file)?;
            files.extend(association.member_files(&SUFFIXES)?);
            product = product.or_else(|| Some(association.product().unwrap_or(&association.id).to_owned()));
        } else {
            files.push(file);
            maps.resize(files.len() - 1, None);
            maps.push(map);
        }
    }
    maps.resize(files.len(), None);
    refuse_repeated(&files)?;
    Ok(Named {
        files,
        maps,
        product: product.filter(|_| inputs.len() == 1),
    })
}

/// A file that is named, and the map of inverse variance beside it in a list.
#[derive(Debug)]
struct Listed {
    file: PathBuf,
    map: Option<PathBuf>,
}

/// Replaces `@list` by what stands in the file `list`: lines of an exposure and, where there is one, its map of
/// inverse variance. Both are looked for beside the list.
fn listed(inputs: &[PathBuf]) -> Result<Vec<Listed>> {
    let mut all = Vec::new();
    for input in inputs {
        let Some(list) = input.to_string_lossy().strip_prefix('@').map(PathBuf::from) else {
            let (file, map) = (input.clone(), None);
            all.push(Listed { file, map });
            continue;
        };
        let text = crate::input::text_of(&list)?;
        let folder = list.parent().unwrap_or(Path::new("")).to_owned();
        for line in text.lines() {
            let words = line.split_whitespace().take_while(|word| !word.starts_with('#'));
            match words.collect::<Vec<_>>()[..] {
                [] => {}
                [file] => all.push(Listed {
                    file: folder.join(file),
                    map: None,
                }),
                [file, map] => all.push(Listed {
                    file: folder.join(file),
                    map: Some(folder.join(map)),
                }),
                _ => {
                    return Err(Error::Usage(format!(
                        "{}: {:?} names more than two files; a line is an exposure and, if there is one, its map of \
                         inverse variance",
                        list.display(),
                        line.trim()
                    )));
                }
            }
        }
    }
    Ok(all)
}

/// Opens the exposures.
pub(super) fn resolve(named: &Named, options: &DrizzleOptions) -> Result<Resolved> {
    let Named { files, maps, product } = named;
    // Only weights that are made here need reference files, and only they have the environment and the cache looked at.
    let made = options.final_wht_type == WeightType::Ivm && maps.iter().any(Option::is_none);
    let references = made.then(|| References::of_process().with_folder(options.ref_dir.clone()));
    let mut members = files
        .iter()
        .zip(maps)
        .map(|(file, map)| member(file, map.as_deref(), references.as_ref()))
        .collect::<Result<Vec<_>>>()?;
    let masked = sky_masks::mask(&mut members, options)?;
    let root = match (product, files.as_slice()) {
        (Some(product), _) => product.clone(),
        (None, [single]) => root_of(single),
        (None, _) => UNNAMED.to_owned(),
    };
    let mut resolved = named_products(members, root, files, options);
    resolved.notes = masked;
    Ok(resolved)
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
    let called = |root: &str, suffix: &str| Resolved {
        members,
        folder,
        root: root.to_owned(),
        suffix: suffix.to_owned(),
        notes: Vec::new(),
    };
    let Some(name) = given else {
        return called(&root, suffix);
    };
    let name = name.strip_suffix(".fits").unwrap_or(&name);
    for suffix in ["drz", "drc", "drw"] {
        if let Some(root) = name.strip_suffix(suffix).and_then(|name| name.strip_suffix('_')) {
            return called(root, suffix);
        }
    }
    called(name, suffix)
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
    let maps = members.iter().filter(|member| member.ivm.is_some()).count();
    if maps > 0 && options.final_wht_type != WeightType::Ivm {
        notes.push(format!(
            "maps of inverse variance are given and not used: final_wht_type is {}, and not IVM",
            options.final_wht_type
        ));
    } else if maps > 0 && maps < members.len() {
        notes.push(format!(
            "{} of {} exposures have no map of inverse variance in the list: theirs are made of the flat field and the \
             noise of the background",
            members.len() - maps,
            members.len()
        ));
    }
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

/// Says which detectors, filters and units the exposures are of, and whether their charge transfer was corrected, where
/// they differ: they are added all the same. A unit that is missing is told of in any case.
fn mixture(members: &[Member]) -> Vec<String> {
    let said = |kind: &str, of: fn(&Member) -> String| {
        let (many, listed) = several(members.iter().map(of))?;
        Some(format!(
            "exposures of {many} {kind} are combined into one image: {listed}"
        ))
    };
    let detectors = said("detectors", |member| member.exposure.detector().to_string());
    let filters = said("filters", |member| filters_of(member.exposure.primary()));
    let units = said("units (BUNIT)", |member| {
        unit(member).unwrap_or_else(|| "none".to_owned())
    });
    let transfers = said("kinds", |member| {
        match Switch::of(member.exposure.primary(), "PCTECORR") {
            Switch::Complete => "with charge transfer corrected (PCTECORR)".to_owned(),
            _ => "without".to_owned(),
        }
    });
    let all = detectors.into_iter().chain(filters).chain(units).chain(transfers);
    let without = members.iter().filter(|member| unit(member).is_none());
    let without = without.map(|member| {
        format!(
            "{}: SCI has no BUNIT: its samples are taken for electrons per second",
            member.exposure.path().display()
        )
    });
    all.chain(without).collect()
}

/// BUNIT of the first SCI image.
fn unit(member: &Member) -> Option<String> {
    let version = member.exposure.imsets().first()?.version;
    let unit = member.exposure.sci_header(version).ok()?.text("BUNIT")?;
    let unit = unit.trim().to_ascii_uppercase();
    (!unit.is_empty()).then_some(unit)
}

fn member(file: &Path, map: Option<&Path>, references: Option<&References>) -> Result<Member> {
    let exposure = Exposure::open(file)?;
    let flat = match references {
        Some(references) if map.is_none() => references.of(&exposure, "PFLTFILE")?,
        _ => None,
    };
    Ok(Member {
        exposure,
        flat: flat.map(FitsFile::open).transpose()?,
        ivm: map.map(FitsFile::open).transpose()?,
        sky_masks: Vec::new(),
    })
}

/// `j8bt06nyq` of `j8bt06nyq_flt.fits`.
pub(super) fn root_of(path: &Path) -> String {
    let name = file_name(path);
    let stem = name.split(".fits").next().unwrap_or(&name);
    stem.rsplit_once('_').map_or(stem, |(root, _)| root).to_owned()
}

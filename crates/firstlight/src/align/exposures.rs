//! Images opened, and their sources found.

use super::catalogue::year_of_mjd;
use super::exclusions::Exclusions;
use super::given::GivenLists;
use crate::excluded::Excluded;
use crate::filters::filters_of;
use crate::input::{expand, file_name};
use crate::{Error, Progress, Result};
use firstlight_align::tweakreg::ChipSources;
use firstlight_align::{ImageSources, TweakRegOptions};
use firstlight_fits::{FitsFile, Hdu};
use firstlight_frame::Association;
use firstlight_frame::dq::BitSelection;
use firstlight_measure::find::{FindOptions, Source, find_sources, sky_sigma};
use firstlight_measure::{Plane, Planes};
use firstlight_wcs::Wcs;
use rayon::prelude::*;
use std::path::{Path, PathBuf};

/// Kinds of calibrated exposures that an association's members are looked for as, the best first.
const SUFFIXES: [&str; 2] = ["flc", "flt"];

/// An image with its sources.
#[derive(Debug, Clone)]
pub(super) struct Exposed {
    pub path: PathBuf,
    /// Indices of the HDUs with the chips.
    pub hdus: Vec<usize>,
    pub sources: ImageSources,
    /// What was found on each chip; empty where lists were given.
    pub found: Vec<Vec<Source>>,
    pub has_distortion: bool,
    /// Whether it is an exposure, and not a product of drizzling.
    pub is_exposure: bool,
    /// Instrument and detector.
    pub detector: String,
    pub filters: String,
    /// Why no source can be found on a chip.
    pub notes: Vec<String>,
}

/// The files of names, patterns and association tables, each once.
pub(super) fn files(inputs: &[String]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for input in expand(inputs)? {
        let members = if Association::is_association_name(&input) {
            Association::open(&input)?.member_files(&SUFFIXES)?
        } else {
            vec![input]
        };
        for file in members {
            if files.contains(&file) {
                return Err(Error::Usage(format!("{} is given twice", file.display())));
            }
            files.push(file);
        }
    }
    Ok(files)
}

/// Opens all images and finds their sources, several at a time.
pub(super) fn read(
    files: &[PathBuf],
    given: &GivenLists,
    exclusions: &Exclusions,
    options: &TweakRegOptions,
    progress: &dyn Progress,
) -> Result<Vec<Exposed>> {
    files
        .par_iter()
        .map(|file| {
            crate::progress::go_on(progress)?;
            let read = one(file, given.of(file), exclusions, &options.imagefindcfg);
            progress.advance(1);
            read
        })
        .collect()
}

/// Opens one image; `lists` of sources take the place of finding them.
pub(super) fn one(
    path: &Path,
    lists: Option<&[Vec<Source>]>,
    exclusions: &Exclusions,
    find: &FindOptions,
) -> Result<Exposed> {
    let file = FitsFile::open(path)?;
    let hdus = chips(&file);
    if hdus.is_empty() {
        return Err(Error::NoMatch {
            pattern: path.display().to_string(),
            reason: "the file has no image".to_owned(),
        });
    }
    let chips: Vec<(Wcs, Searched)> = hdus
        .par_iter()
        .enumerate()
        .map(|(number, &index)| {
            let wcs = Wcs::from_file(&file, index, None)?;
            let sources = match lists {
                Some(lists) => Searched::Sources(lists.get(number).cloned().unwrap_or_default()),
                None => {
                    let hdu = &file.hdus()[index];
                    found(&file, hdu, &wcs, exclusions.of(path, number), find)
                        .map_err(|error| error.in_file(path))?
                }
            };
            Ok((wcs, sources))
        })
        .collect::<Result<_>>()?;
    let (chips, notes) = without_notes(&file, &hdus, chips);
    let has_distortion = chips.iter().any(|(wcs, _)| wcs.has_distortion());
    let column = |sources: &[Source], of: fn(&Source) -> f64| sources.iter().map(of).collect();
    let sources = ImageSources {
        name: file_name(path),
        epoch: epoch(&file),
        chips: chips
            .iter()
            .map(|(wcs, sources)| ChipSources {
                wcs: wcs.clone(),
                x: column(sources, |source| source.x),
                y: column(sources, |source| source.y),
                brightness: column(sources, |source| source.flux),
            })
            .collect(),
    };
    Ok(Exposed {
        path: path.to_owned(),
        is_exposure: !file.hdus().iter().any(|hdu| hdu.name() == "WHT") && file.hdus().len() > 1,
        detector: detector(&file),
        filters: filters_of(file.primary().header()),
        notes,
        hdus,
        sources,
        found: chips.into_iter().map(|(_, sources)| sources).collect(),
        has_distortion,
    })
}

/// The HDUs of the SCI images, or the first image.
pub(super) fn chips(file: &FitsFile) -> Vec<usize> {
    let is_plane = |hdu: &&Hdu| hdu.dimensions().len() == 2 && (hdu.has_pixels() || hdu.constant().is_some());
    let named: Vec<usize> = file
        .hdus()
        .iter()
        .filter(|hdu| hdu.name() == "SCI")
        .filter(is_plane)
        .map(Hdu::index)
        .collect();
    if !named.is_empty() {
        return named;
    }
    file.hdus()
        .iter()
        .find(is_plane)
        .map(Hdu::index)
        .into_iter()
        .collect()
}

/// What came of looking for sources on a chip.
enum Searched {
    Sources(Vec<Source>),
    /// There is nothing to look at, and why.
    Nothing(&'static str),
}

/// The sources of all chips, and what is to be said of those that have none to look for.
fn without_notes(
    file: &FitsFile,
    hdus: &[usize],
    chips: Vec<(Wcs, Searched)>,
) -> (Vec<(Wcs, Vec<Source>)>, Vec<String>) {
    let mut notes = Vec::new();
    let chips = chips.into_iter().zip(hdus);
    let sources = chips.map(|((wcs, searched), &hdu)| match searched {
        Searched::Sources(sources) => (wcs, sources),
        Searched::Nothing(why) => {
            let hdu = &file.hdus()[hdu];
            notes.push(format!(
                "{}[{},{}]: {why}, so there is no source",
                file.path().display(),
                hdu.name(),
                hdu.version()
            ));
            (wcs, Vec::new())
        }
    });
    (sources.collect(), notes)
}

fn detector(file: &FitsFile) -> String {
    let primary = file.primary().header();
    let names = ["INSTRUME", "DETECTOR"].map(|keyword| primary.text(keyword).unwrap_or_default());
    names
        .map(|name| name.trim().to_owned())
        .join(" ")
        .trim()
        .to_owned()
}

/// The year in the middle of the exposure.
fn epoch(file: &FitsFile) -> Option<f64> {
    let primary = file.primary().header();
    let start = primary.real("EXPSTART").or_else(|| primary.real("MJD-OBS"))?;
    let middle = primary.real("EXPEND").map_or(start, |end| (start + end) / 2.0);
    Some(year_of_mjd(middle))
}

fn found(
    file: &FitsFile,
    hdu: &Hdu,
    wcs: &Wcs,
    excluded: Option<&Excluded>,
    options: &FindOptions,
) -> Result<Searched> {
    let image = file.image::<f32>(hdu.index())?;
    let (ny, nx) = image.plane()?;
    let plane = Plane::new((ny, nx), &image.data)?;
    let mut mask = mask(file, hdu, options, (ny, nx))?;
    if let Some(excluded) = excluded {
        let left_out = excluded.left_out((ny, nx), wcs, hdu.header())?;
        mask = Some(match mask {
            None => left_out,
            Some(bad) => bad.iter().zip(left_out).map(|(bad, out)| *bad | out).collect(),
        });
    }
    if mask
        .as_ref()
        .is_some_and(|mask| mask.iter().all(|left_out| *left_out))
    {
        return Ok(Searched::Nothing(
            "all pixels are left out by dqbits or exclusions",
        ));
    }
    let Some(sigma) = sky_sigma(plane, options)? else {
        return Ok(Searched::Nothing("no sample is a number"));
    };
    let mut planes = Planes::new(plane);
    if let Some(mask) = &mask {
        planes = planes.with_mask(Plane::new((ny, nx), mask)?)?;
    }
    Ok(Searched::Sources(find_sources(&planes, sigma, options)?))
}

/// Where the DQ has bits that `dqbits` does not leave good.
fn mask(
    file: &FitsFile,
    sci: &Hdu,
    options: &FindOptions,
    shape: (usize, usize),
) -> Result<Option<Vec<bool>>> {
    let Some(bits) = options.dqbits.as_deref().filter(|bits| !bits.trim().is_empty()) else {
        return Ok(None);
    };
    let selection = BitSelection::parse(bits).map_err(|error| Error::Usage(format!("dqbits: {error}")))?;
    let is_dq = |hdu: &&Hdu| hdu.name() == "DQ" && hdu.version() == sci.version();
    let Some(dq) = file.hdus().iter().find(is_dq) else {
        return Err(Error::Usage(format!(
            "dqbits is given, but the file has no DQ,{}; without dqbits all pixels are looked at",
            sci.version()
        )));
    };
    let dq = file.image::<i32>(dq.index())?;
    let mask: Vec<bool> = dq.data.iter().map(|&dq| !selection.is_good(dq as u16)).collect();
    if mask.len() != shape.0 * shape.1 {
        return Err(Error::Usage(format!(
            "{}: DQ,{} has another shape than SCI,{}",
            file.path().display(),
            sci.version(),
            sci.version()
        )));
    }
    Ok(Some(mask))
}

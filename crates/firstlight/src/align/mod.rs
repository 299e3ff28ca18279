//! Aligning exposures: TweakReg's task, files in, corrected headers out.

pub(crate) mod catalogue;
mod exclusions;
mod exposures;
mod given;
mod headerlets;
mod headers;
mod lists;
mod plots;
mod shifts;
mod votable;

pub use firstlight_align::{
    Alignment, FitGeometry, FluxUnits, PositionUnits, ResidualPlot, SearchUnits, Status, TweakRegOptions,
};

use crate::filters::several;
use crate::updatewcs::renew;
use crate::{Progress, Result};
use exclusions::Exclusions;
use exposures::Exposed;
use firstlight_align::{Reference, TweakReport, tweakreg};
use firstlight_fits::FitsFile;
use firstlight_measure::find::FindOptions;
use rayon::prelude::*;
use serde::Serialize;

use std::path::{Path, PathBuf};

/// What an alignment did.
#[derive(Debug, Clone, Serialize)]
pub struct AlignReport {
    /// The fits, one for each image in order.
    #[serde(flatten)]
    pub alignment: TweakReport,
    /// Images whose headers were changed.
    pub updated: Vec<PathBuf>,
    /// Other files that were written.
    pub written: Vec<PathBuf>,
    /// What may not be meant.
    pub notes: Vec<String>,
}

impl AlignReport {
    /// How many images were aligned to another one, or to a catalogue.
    pub fn aligned(&self) -> usize {
        self.count(|status| *status == Status::Aligned)
    }

    /// How many images could not be aligned.
    pub fn not_aligned(&self) -> usize {
        self.count(|status| !matches!(status, Status::Aligned | Status::Reference))
    }

    fn count(&self, is_it: impl Fn(&Status) -> bool) -> usize {
        let images = self.alignment.images.iter();
        images.filter(|image| is_it(&image.status)).count()
    }
}

/// Aligns exposures to one another, to an image, or to a catalogue.
///
/// `inputs` are files, patterns and association tables. Without `updatehdr` nothing but the report comes of it;
/// with it the headers of the aligned images, and of that which is the reference, get the corrected coordinate
/// system under the name `wcsname`, each file in one step, and keep the former one under a letter. Lists, plots
/// and shifts are written to the current folder. An image that cannot be aligned is no error: its status says
/// why, and it stays as it is.
///
/// # Errors
/// Files that cannot be read; a `wcsname` that an image has already, and products that are there, before any
/// work; options that are out of range or not supported.
pub fn align(inputs: &[String], options: &TweakRegOptions, progress: &dyn Progress) -> Result<AlignReport> {
    options.check()?;
    let files = exposures::files(inputs)?;
    if options.updatehdr {
        headers::refuse(&files, options)?;
    }
    let headerlets = headerlets::files(&files, options)?;
    headerlets::refuse_names(&files, options)?;
    headerlets::refuse_existing(&headerlets, options)?;
    let products = products(&files, options)?;
    crate::output::refuse_existing(products.iter(), options.overwrite)?;
    let reference = options.refimage.iter().map(PathBuf::from);
    let known: Vec<PathBuf> = files.iter().cloned().chain(reference).collect();
    let exclusions = Exclusions::read(options.exclusions.as_deref(), &known)?;
    if options.updatewcs {
        renew(&files, options.ref_dir.clone(), progress)?;
    }
    let given = given::given_lists(&files, options)?;
    progress.start("finding sources", Some(files.len() as u64));
    let images = exposures::read(&files, &given, &exclusions, options, progress);
    progress.finish();
    let images = images?;
    let alignment = registered(&images, &exclusions, options)?;
    let mut report = AlignReport {
        updated: Vec::new(),
        written: Vec::new(),
        notes: notes(&images, options),
        alignment,
    };
    if options.updatehdr {
        update_headers(&images, options, &mut report, progress)?;
    }
    write_products(&images, options, &mut report)?;
    Ok(report)
}

/// Writes the headers of all images, several at a time, and their headerlets.
fn update_headers(
    images: &[Exposed],
    options: &TweakRegOptions,
    report: &mut AlignReport,
    progress: &dyn Progress,
) -> Result<()> {
    progress.start("writing headers", Some(images.len() as u64));
    let alignments = report.alignment.images.par_iter();
    let updated: Result<Vec<Option<Option<PathBuf>>>> = images
        .par_iter()
        .zip(alignments)
        .map(|(image, alignment)| {
            let updated = headers::update(image, alignment, options)?;
            let headerlet = (updated && options.headerlet).then(|| headerlets::write(image, options));
            progress.advance(1);
            Ok(updated.then_some(headerlet.transpose()?))
        })
        .collect();
    progress.finish();
    for (image, headerlet) in images.iter().zip(updated?) {
        if let Some(headerlet) = headerlet {
            report.updated.push(image.path.clone());
            report.written.extend(headerlet);
        }
    }
    Ok(())
}

fn registered(images: &[Exposed], exclusions: &Exclusions, options: &TweakRegOptions) -> Result<TweakReport> {
    let sources: Vec<_> = images.iter().map(|image| image.sources.clone()).collect();
    let reference = match &options.refimage {
        Some(path) => Some(reference_image(Path::new(path), images, exclusions, options)?),
        None => None,
    };
    let Some(refcat) = &options.refcat else {
        let against = reference
            .as_ref()
            .map_or(Reference::Inputs, |image| Reference::Image(&image.sources));
        return Ok(tweakreg(&sources, against, options)?);
    };
    let plane = reference
        .as_ref()
        .and_then(|image| image.sources.chips.first())
        .map(|chip| &chip.wcs);
    let catalogue = catalogue::reference(Path::new(refcat), plane, options)?;
    let against = Reference::Catalogue {
        catalogue: &catalogue,
        plane,
    };
    Ok(tweakreg(&sources, against, options)?)
}

/// The reference image, found anew only where it is not among the inputs or is sought otherwise.
fn reference_image(
    path: &Path,
    images: &[Exposed],
    exclusions: &Exclusions,
    options: &TweakRegOptions,
) -> Result<Exposed> {
    let same = |image: &&Exposed| image.path == path || crate::output::is_same_file(&image.path, path);
    let find: &FindOptions = options.refimagefindcfg.as_ref().unwrap_or(&options.imagefindcfg);
    match images.iter().find(same) {
        Some(image) if find == &options.imagefindcfg => Ok(image.clone()),
        found => {
            let mut read = exposures::one(path, None, exclusions, find)?;
            if let Some(image) = found {
                read.sources.name.clone_from(&image.sources.name);
            }
            Ok(read)
        }
    }
}

fn notes(images: &[Exposed], options: &TweakRegOptions) -> Vec<String> {
    let mut notes: Vec<String> = images.iter().flat_map(|image| image.notes.clone()).collect();
    if images.len() == 1 && options.refimage.is_none() && options.refcat.is_none() {
        notes.push(
            "there is one image alone and nothing to align it to; give more images, a refimage or a refcat"
                .to_owned(),
        );
    }
    let mixed = |kind: &str, of: fn(&Exposed) -> &String| {
        let (many, listed) = several(images.iter().map(|image| of(image).clone()))?;
        Some(format!("the images are of {many} {kind}: {listed}"))
    };
    notes.extend(mixed("detectors", |image| &image.detector));
    notes.extend(mixed("filters", |image| &image.filters));
    let without = images
        .iter()
        .filter(|image| !image.has_distortion && image.is_exposure);
    notes.extend(without.map(|image| {
        format!(
            "{} has no distortion in its coordinate system; updatewcs gives it one",
            image.path.display()
        )
    }));
    notes
}

/// All files that this run may write.
fn products(files: &[PathBuf], options: &TweakRegOptions) -> Result<Vec<PathBuf>> {
    let mut products = Vec::new();
    if options.shiftfile {
        products.push(PathBuf::from(&options.outshifts));
        products.push(PathBuf::from(&options.outwcs));
    }
    if options.writecat && !options.clean {
        for file in files {
            let chips = exposures::chips(&FitsFile::open(file)?).len();
            products.extend(lists::names(&lists::root(file), chips));
        }
    }
    if options.residplot != ResidualPlot::None {
        products.extend(
            files
                .iter()
                .flat_map(|file| plots::names(&lists::root(file), options.residplot)),
        );
        products.push(PathBuf::from(plots::PAGE));
    }
    products.extend(options.runfile.iter().map(PathBuf::from));
    Ok(products)
}

fn write_products(images: &[Exposed], options: &TweakRegOptions, report: &mut AlignReport) -> Result<()> {
    let alignment = &report.alignment;
    let mut written = Vec::new();
    if options.shiftfile {
        written.extend(shifts::write(alignment, options)?);
    }
    if options.writecat && !options.clean {
        for (image, aligned) in images.iter().zip(&alignment.images) {
            written.extend(lists::write(image, aligned, alignment, options.overwrite)?);
        }
    }
    if options.residplot != ResidualPlot::None {
        written.extend(plots::write(images, alignment, options)?);
    }
    if let Some(log) = &options.runfile {
        let text = lines(alignment).join("\n") + "\n";
        written.push(lists::write_text(Path::new(log), &text, options.overwrite)?);
    }
    report.written.extend(written);
    Ok(())
}

/// An angle from -180 to 180 degrees.
fn signed(degrees: f64) -> f64 {
    if degrees > 180.0 { degrees - 360.0 } else { degrees }
}

/// The outcome in words, one line an image.
pub fn lines(report: &TweakReport) -> Vec<String> {
    let (name, sources) = (&report.reference, report.reference_sources);
    let mut lines = vec![if name.is_empty() {
        "no image has sources enough to be the reference; a lower threshold finds more, or a conv_width nearer to the \
         width of the stars"
            .to_owned()
    } else {
        let pixel = report.pixel_arcsec;
        format!("reference: {name}, {sources} sources; plane of {pixel:.5} arcsec pixels")
    }];
    for image in &report.images {
        let (name, status, sources) = (&image.name, image.status.text(), image.sources);
        let mut line = match image.status {
            Status::Aligned | Status::Reference => format!("{name}: {status}, {sources} sources"),
            Status::TooFewSources { .. } => format!("{name}: {status}"),
            _ => format!("{name}: {sources} sources; {status}"),
        };
        if let Some(fit) = &image.fit {
            let [dx, dy] = fit.linear.offset;
            line += &format!(
                "; dx {dx:.4} dy {dy:.4} px, rot {:.6} deg, scale {:.7}, rms {:.4} {:.4} px, {} of {} matches",
                signed(fit.rot),
                fit.scale[0],
                fit.rms[0],
                fit.rms[1],
                fit.matches,
                image.stars.len()
            );
        }
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::fits::{FitsWriter, Header, Overwrite};
    use crate::progress::Silent;

    #[test]
    fn images_without_sources_are_counted_and_told_of() {
        let folder = tempfile::tempdir().unwrap();
        let image = |name: &str| {
            let mut header = Header::new();
            for (keyword, text) in [("CTYPE1", "RA---TAN"), ("CTYPE2", "DEC--TAN")] {
                header.set(keyword, text, None).unwrap();
            }
            for (keyword, number) in [
                ("CRVAL1", 10.0),
                ("CRVAL2", -5.0),
                ("CRPIX1", 16.0),
                ("CRPIX2", 16.0),
                ("CD1_1", -1e-5),
                ("CD2_2", 1e-5),
            ] {
                header.set(keyword, number, None).unwrap();
            }
            let path = folder.path().join(name);
            let noise: Vec<f32> = (0..32 * 32).map(|n| (n * 7919 % 101) as f32).collect();
            let mut writer = FitsWriter::create(&path, Overwrite::Refuse).unwrap();
            writer.image(&header, (noise.as_slice(), (32, 32))).unwrap();
            writer.finish().unwrap();
            path.to_string_lossy().into_owned()
        };
        let images = [image("a.fits"), image("b.fits")];
        let with = |threshold: f64| {
            let imagefindcfg = FindOptions {
                threshold,
                ..FindOptions::default()
            };
            TweakRegOptions {
                imagefindcfg,
                ..TweakRegOptions::default()
            }
        };
        let report = align(&images, &with(1e6), &Silent).unwrap();
        assert_eq!((report.aligned(), report.not_aligned()), (0, 2));
        let told = &lines(&report.alignment)[0];
        assert!(
            told.starts_with("no image has sources enough") && told.contains("conv_width"),
            "{told}"
        );
        for threshold in [0.0, -3.0] {
            let error = align(&images, &with(threshold), &Silent).unwrap_err();
            assert_eq!(error.class(), crate::ErrorClass::Usage);
            let told = error.to_string();
            assert!(told.contains("threshold has to be a positive number"), "{told}");
        }
    }
}

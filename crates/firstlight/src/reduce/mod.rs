//! A night at a ground-based telescope: masters made of its bias, dark and flat frames, and its frames of the sky reduced
//! with them.

mod calibrating;
mod frames;
mod kind;
mod masters;
mod matching;
mod night_file;
mod nights;
mod options;
mod page;
mod plan;
mod products;
mod record;
mod sections;
mod statistics;

pub use frames::{NightFrame, Setup};
pub use kind::FrameKind;
pub use masters::LeftOut;
pub use night_file::{Night, NightFile};
pub use options::{MasterKind, ReduceOptions};
pub use sections::Sections;
pub use statistics::Statistics;

use crate::ccd::CcdUnit;
use crate::input::{Failure, file_name};
use crate::{Error, Progress, Result};
use calibrating::Calibrating;
use plan::{Master, Masters};
use record::Record;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// A master, and what it is of.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MasterReport {
    /// The kind.
    pub kind: MasterKind,
    /// The file.
    pub path: PathBuf,
    /// Position of its night; none of one for all nights.
    pub night: Option<usize>,
    /// Of a flat or a fringe frame, its filter.
    pub filter: Option<String>,
    /// Of a dark, its exposure time, s.
    pub exptime_s: Option<f64>,
    /// Mean temperature of the CCD, °C.
    pub temperature_c: Option<f64>,
    /// Shape and binning of its frames.
    #[serde(flatten)]
    pub setup: Setup,
    /// The frames that are in it.
    pub frames: Vec<PathBuf>,
    /// Frames that it was made without: saturated or blank flats.
    pub left_out: Vec<LeftOut>,
    /// Whether it was given, not made.
    pub given: bool,
    /// Whether nothing had changed, so that it was not made again.
    pub up_to_date: bool,
    /// In numbers.
    pub statistics: Option<Statistics>,
    /// Why it is not there.
    pub failed: Option<String>,
}

impl MasterReport {
    fn of(master: &Master) -> Self {
        Self {
            kind: master.kind,
            path: master.path.clone(),
            night: master.night,
            filter: master.filter.clone(),
            exptime_s: master.exptime_s,
            temperature_c: master.temperature_c,
            setup: master.setup.clone(),
            frames: Vec::new(),
            left_out: Vec::new(),
            given: master.members.is_empty(),
            up_to_date: false,
            statistics: None,
            failed: None,
        }
    }
}

/// A frame of the sky, reduced.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReducedFrame {
    /// The raw frame.
    pub input: PathBuf,
    /// The product.
    pub path: PathBuf,
    /// Position of its night.
    pub night: usize,
    /// What is observed.
    pub object: Option<String>,
    /// The filter's name.
    pub filter: Option<String>,
    /// Exposure time, s.
    pub exptime_s: Option<f64>,
    /// Temperature of the CCD, °C.
    pub temperature_c: Option<f64>,
    /// Its bias.
    pub bias: Option<PathBuf>,
    /// Its dark.
    pub dark: Option<PathBuf>,
    /// How often the dark went into the exposure.
    pub dark_factor: Option<f64>,
    /// Its flat.
    pub flat: Option<PathBuf>,
    /// Its fringe frame.
    pub fringe: Option<PathBuf>,
    /// How often the fringe frame was subtracted.
    pub fringe_scale: Option<f64>,
    /// Its standard error.
    pub fringe_scale_error: Option<f64>,
    /// Pixels of cosmic rays, where they were looked for.
    pub cosmic_rays: Option<u64>,
    /// Unit of the product.
    pub unit: String,
    /// The steps that were done, in their order.
    pub steps: Vec<String>,
    /// Pixels that are flagged.
    pub masked: u64,
    /// The raw frame in numbers, adu.
    pub before: Statistics,
    /// The product in numbers, in its unit.
    pub after: Statistics,
    /// Whether nothing had changed, so that it was not made again.
    pub up_to_date: bool,
}

/// A night, reduced.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReduceReport {
    /// Folder of the products.
    pub folder: PathBuf,
    /// Names of the nights.
    pub nights: Vec<String>,
    /// All frames, and what each was taken to be.
    pub frames: Vec<NightFrame>,
    /// All masters.
    pub masters: Vec<MasterReport>,
    /// The reduced frames.
    pub reduced: Vec<ReducedFrame>,
    /// What the user should know of.
    pub notes: Vec<String>,
    /// Frames that could not be used or reduced, while others went on.
    pub failed: Vec<Failure>,
    /// The report page.
    pub page: Option<PathBuf>,
    /// Time it took, s.
    pub seconds: f64,
}

/// Reduces the frames of one or more nights: `inputs` are folders, which are searched with those in them, files or patterns.
/// Masters are written into `folder/masters`, frames of the sky into `folder/reduced` and a page into `folder/report.html`.
/// Inputs are not changed. What an earlier run made, and would be made again in the same way, is left as it is.
///
/// # Errors
/// Before any work: [`Error::OutputExists`] for files that no earlier run made; [`Error::Usage`] for options that cannot be
/// meant; [`Error::NoMatch`]; where it is to stop, that a frame has no master. What one frame alone is refused for is told
/// of in the report.
pub fn reduce(
    inputs: &[String],
    folder: &Path,
    options: &ReduceOptions,
    progress: &dyn Progress,
) -> Result<ReduceReport> {
    let begin = Instant::now();
    options.check()?;
    let files = frames::files(inputs, folder)?;
    let (mut frames, mut failed) = frames::read(&files, options, progress)?;
    let nights = nights::split(&mut frames);
    let mut planned = plan::masters(&frames, &nights, folder, options)?;
    planned.settle_biases_of_darks();
    let calibrating = Calibrating {
        frames: &frames,
        options,
        progress,
    };
    let of_sky: Vec<usize> = (0..frames.len())
        .filter(|n| frames[*n].kind == FrameKind::Science)
        .collect();
    if options.stop {
        stop_where_lacking(&calibrating, &planned)?;
    }
    let mut record = Record::open(folder, options.overwrite)?;
    let page = (!options.no_page).then(|| folder.join("report.html"));
    let products = of_sky
        .iter()
        .map(|n| folder.join("reduced").join(calibrating.place(*n)));
    let products: Vec<PathBuf> = products.collect();
    refuse_twins(&calibrating, &of_sky, &products)?;
    let made = planned
        .all()
        .filter(|master| !master.members.is_empty())
        .map(|master| &master.path);
    record.refuse_foreign(made.chain(&products).chain(&page))?;
    crate::output::make_folder(&folder.join("masters"))?;
    if page.is_some() {
        crate::output::make_folder(&folder.join("report"))?;
    }

    let mut masters = Vec::new();
    let kinds = [
        MasterKind::Bias,
        MasterKind::Dark,
        MasterKind::Flat,
        MasterKind::Fringe,
    ];
    for kind in kinds {
        let into = (folder, &mut record);
        masters.extend(masters::make(
            kind,
            &mut planned,
            &calibrating,
            into,
            &mut failed,
        )?);
    }
    let (tasks, lacking) = calibrating.tasks(of_sky.iter().copied(), &planned);
    failed.extend(lacking);
    let reduced = products::reduce(&tasks, &planned, &calibrating, (folder, &mut record), &mut failed)?;

    let mut report = ReduceReport {
        folder: folder.to_owned(),
        notes: notes(&frames, &planned, (options, &reduced)),
        nights,
        frames,
        masters,
        reduced,
        failed,
        page,
        seconds: 0.0,
    };
    if let Some(page) = &report.page {
        page::write(&report, page)?;
        record.note(page, &[], &serde_json::Value::Null, &());
        record.save()?;
    }
    report.seconds = begin.elapsed().as_secs_f64();
    Ok(report)
}

/// What is unlike the usual night, and would else not be seen.
fn notes(
    frames: &[NightFrame],
    planned: &Masters,
    (options, reduced): (&ReduceOptions, &[ReducedFrame]),
) -> Vec<String> {
    let mut notes = Vec::new();
    let count = |kind| frames.iter().filter(|frame| frame.kind == kind).count();
    let (sky, other) = (count(FrameKind::Science), count(FrameKind::Other));
    if sky == 0 {
        notes.push("there is no frame of the sky: masters alone were made".to_owned());
    }
    if other > 0 {
        notes.push(format!(
            "{other} frames were left alone: of lamps, for focus, or made of others"
        ));
    }
    if planned.darks.is_empty() && sky > 0 {
        notes.push("there are no darks, and none was subtracted".to_owned());
    }
    if !planned.darks.is_empty() && planned.darks.iter().all(|dark| dark.temperature_c.is_none()) {
        notes.push("the darks do not tell of temperatures, so that none were compared".to_owned());
    }
    let found = frames.iter().find_map(|frame| frame.sections.overscan.as_ref());
    if let (Some(section), "auto") = (found, options.overscan.as_str()) {
        notes.push(format!(
            "overscan {section} was found and subtracted (--overscan none leaves it)"
        ));
    }
    let in_adu = reduced.iter().any(|frame| frame.unit == CcdUnit::Adu.to_string());
    if options.lacosmic && in_adu {
        notes.push(
            "no gain was given: an adu was taken for an electron where cosmic rays were looked for (--gain)"
                .to_owned(),
        );
    }
    notes
}

/// Refuses two frames that would become one product.
fn refuse_twins(calibrating: &Calibrating<'_>, of_sky: &[usize], products: &[PathBuf]) -> Result<()> {
    let mut seen = std::collections::HashMap::new();
    for (frame, product) in of_sky.iter().zip(products) {
        if let Some(other) = seen.insert(product, *frame) {
            return Err(Error::Usage(format!(
                "{} and {} would both become {}; give the folders that they are in",
                calibrating.frames[other].path.display(),
                calibrating.frames[*frame].path.display(),
                product.display()
            )));
        }
    }
    Ok(())
}

/// An error that names all frames that lack a master.
fn stop_where_lacking(calibrating: &Calibrating<'_>, planned: &Masters) -> Result<()> {
    let wanted = calibrating
        .frames
        .iter()
        .enumerate()
        .filter(|(_, frame)| frame.kind != FrameKind::Other);
    let (_, lacking) = calibrating.tasks(wanted.map(|(n, _)| n), planned);
    let Some(first) = lacking.first() else {
        return Ok(());
    };
    let more = match lacking.len() {
        1 => String::new(),
        n => format!(" (and {} more frames lack a master)", n - 1),
    };
    Err(Error::Usage(format!("{}{more}", first.error)))
}

/// Where the picture of a product is kept for the page.
fn figure_path(folder: &Path, product: &Path) -> PathBuf {
    let within = product.strip_prefix(folder).unwrap_or(product);
    let parts: Vec<String> = within
        .iter()
        .map(|part| part.to_string_lossy().into_owned())
        .collect();
    let name = parts.join("_");
    folder.join("report").join(format!(
        "{}.png",
        if name.is_empty() { file_name(product) } else { name }
    ))
}

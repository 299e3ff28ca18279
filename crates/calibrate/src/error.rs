//! What can stand in the way of a calibration step.

mod located;

use crate::dark::PixelBox;

/// What can be done about exposures that cannot be combined with the others ([`Error::MembersDiffer`]).
pub(crate) const LEAVE_OUT: &str = "leave it out, or combine it with exposures that have it alike";

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Somebody who watches the work wanted no more of it.
    #[error("interrupted: the work is not done")]
    Interrupted,
    /// A box does not lie within the image.
    #[error("the box {found} (y0:y1,x0:x1) does not lie within the image, whose shape is ({}, {})", shape.0, shape.1)]
    BoxOutside {
        /// The box.
        found: PixelBox,
        /// Shape of the image, `(ny, nx)`.
        shape: (usize, usize),
    },
    /// Text that is no box, tolerance or ellipse.
    #[error("'{found}' is not {expected}")]
    Unreadable {
        /// What was expected, with an example.
        expected: &'static str,
        /// The text.
        found: String,
    },
    /// Two images that belong together differ in shape.
    #[error("{what} has shape ({}, {}), but ({}, {}) is needed", found.0, found.1, expected.0, expected.1)]
    Shape {
        /// Which image.
        what: String,
        /// Shape that is needed, `(ny, nx)`.
        expected: (usize, usize),
        /// Shape that it has.
        found: (usize, usize),
    },
    /// Frames of different units that are added, subtracted or divided.
    #[error(
        "{what} is in {}, but {} is needed; correct the gain of one of them first, or say what it is in (--unit)",
        unit_name(found),
        unit_name(expected)
    )]
    CcdUnits {
        /// Which frame.
        what: String,
        /// The unit that is needed.
        expected: String,
        /// The unit that it has.
        found: String,
    },
    /// A section that does not lie within the frame, or is empty.
    #[error("the section {section} does not lie within the frame of {} columns and {} rows", shape.1, shape.0)]
    SectionOutside {
        /// The section, as headers have it.
        section: String,
        /// Shape of the frame, `(ny, nx)`.
        shape: (usize, usize),
    },
    /// A flat without light.
    #[error(
        "the level of {region} is {level}, but should be positive: the flat is blank, or more was subtracted from it \
         than light was in it"
    )]
    BlankFlat {
        /// The flat, or a section of it.
        region: String,
        /// Its level.
        level: f64,
    },
    /// No box of a frame has enough pixels to see the sky in.
    #[error(
        "there is no sky to measure: in none of the frame's {boxes} boxes {percent} % of the pixels are finite, and \
         neither masked nor stars; larger boxes may have them"
    )]
    NoSky {
        /// Boxes that were looked at.
        boxes: usize,
        /// The share of a box's pixels that is needed, %.
        percent: f64,
    },
    /// A fringe frame that cannot be fitted.
    #[error("the fringe frame cannot be scaled: {reason}; give another one, or the scale")]
    NoFringes {
        /// Why not.
        reason: String,
    },
    /// No pixels are left to measure: all of the box, or of the image, is excluded.
    #[error("no pixels are left in {region} after the exclusions")]
    NothingLeft {
        /// The box, or "the image".
        region: String,
    },
    /// A region without a single finite pixel.
    #[error("none of the {pixels} pixels in {region} is finite: all are NaN or infinite")]
    NothingFinite {
        /// The box, or "the image".
        region: String,
        /// Pixels that were looked at.
        pixels: usize,
    },
    /// A region some pixels of which are not finite, where a rate is needed.
    #[error(
        "{region} holds pixels that are NaN or infinite, and has no rate; choose another --box, or leave them \
         out with --exclude-source"
    )]
    NotFinite {
        /// The box.
        region: String,
    },
    /// An exposure time that no rate can be made with.
    #[error("the exposure time of {name} is {found} s; a rate needs a positive one")]
    ExposureTime {
        /// The exposure.
        name: String,
        /// Its exposure time, s.
        found: f64,
    },
    /// A match was asked for without any darks.
    #[error("there are no darks to choose from")]
    NoDarks,
    /// A dark cannot be read.
    #[error("{}: {reason}", path.display())]
    DarkFile {
        /// The file.
        path: std::path::PathBuf,
        /// Why not.
        reason: String,
    },
    /// A combination cannot be fitted.
    #[error("no combination of darks can be fitted: {reason}")]
    Fit {
        /// Why not.
        reason: String,
    },
    /// A file or its contents.
    #[error(transparent)]
    Frame(#[from] firstlight_frame::Error),
    /// An exposure of another instrument, or of an ACS detector that does not exist.
    #[error("{name} is an exposure of {found}; ACS exposures of WFC, HRC or SBC are calibrated here")]
    NotAcs {
        /// The exposure.
        name: String,
        /// Its instrument and detector.
        found: String,
    },
    /// An exposure of another instrument, or of a detector of STIS other than the CCD.
    #[error(
        "{name} is an exposure of {found}; exposures of the CCD of STIS are calibrated here, those of its MAMAs are \
         not supported yet: calstis does them"
    )]
    NotStisCcd {
        /// The exposure.
        name: String,
        /// Its instrument and detector.
        found: String,
    },
    /// None of an exposure's imsets can be calibrated.
    #[error(
        "{name}: none of its imsets can be used: each has an EXPTIME of 0 s or samples that are all equal"
    )]
    NoUsableImset {
        /// The exposure.
        name: String,
    },
    /// A keyword that is missing or has a value that makes no sense.
    #[error(
        "{name} [{hdu}]: keyword {keyword} should be {expected}, but {}",
        found.as_ref().map_or("it is not there".to_owned(), |found| format!("is '{found}'"))
    )]
    Keyword {
        /// The exposure.
        name: String,
        /// The HDU.
        hdu: String,
        /// The keyword.
        keyword: String,
        /// What it should be.
        expected: &'static str,
        /// What it is, where it is there.
        found: Option<String>,
    },
    /// A step needs a reference file, and the header names none.
    #[error(
        "{switch}=PERFORM needs the reference file of {keyword}, but the header names none; name one, or set \
         {switch}=OMIT"
    )]
    NoReference {
        /// The switch.
        switch: String,
        /// The keyword that names the file.
        keyword: String,
    },
    /// A reference image has no imset of a chip.
    #[error(
        "{keyword} {} has no image of chip {number}; it has {}", path.display(),
        if found.is_empty() { "no images".to_owned() } else { found.join(", ") }
    )]
    NoChip {
        /// The keyword that names the file.
        keyword: String,
        /// The file.
        path: std::path::PathBuf,
        /// CCDCHIP that is sought.
        number: i64,
        /// What it has.
        found: Vec<String>,
    },
    /// A reference table that cannot be read, or has no such column.
    #[error("{keyword} {}: {source}", path.display())]
    ReferenceTable {
        /// The keyword that names the file.
        keyword: String,
        /// The file.
        path: std::path::PathBuf,
        /// What is wrong with it.
        source: firstlight_frame::Error,
    },
    /// A reference table has no row for an exposure.
    #[error(
        "{keyword} {} has no row with {sought}; it has {}", path.display(),
        if found.is_empty() { "no rows".to_owned() } else { found.join("; ") }
    )]
    NoRow {
        /// The keyword that names the file.
        keyword: String,
        /// The file.
        path: std::path::PathBuf,
        /// The columns and the values that they should have.
        sought: String,
        /// The values that the rows have in those columns.
        found: Vec<String>,
    },
    /// A value of a reference file that makes no sense.
    #[error("{keyword} {}: {what} is {found}, but should be {expected}", path.display())]
    ReferenceValue {
        /// The keyword that names the file.
        keyword: String,
        /// The file.
        path: std::path::PathBuf,
        /// Which value.
        what: String,
        /// What it is.
        found: String,
        /// What it should be.
        expected: &'static str,
    },
    /// An image without pixels.
    #[error("imset {version} has no pixels")]
    NoPixels {
        /// EXTVER.
        version: i64,
    },
    /// A reference file of another detector.
    #[error("{keyword} {} is of {found}, but the exposure is of ACS/{expected}", path.display())]
    ReferenceDetector {
        /// The keyword that names the file.
        keyword: String,
        /// The file.
        path: std::path::PathBuf,
        /// Its instrument and detector.
        found: String,
        /// The detector of the exposure.
        expected: &'static str,
    },
    /// A reference file of another kind than its keyword asks for.
    #[error(
        "{keyword} {} is of another kind: its FILETYPE is '{found}', but that of a {keyword} is '{expected}'",
        path.display()
    )]
    ReferenceKind {
        /// The keyword that names the file.
        keyword: String,
        /// The file.
        path: std::path::PathBuf,
        /// Its FILETYPE.
        found: String,
        /// The FILETYPE that goes with the keyword.
        expected: &'static str,
    },
    /// A reference image that does not cover an exposure.
    #[error(
        "{keyword} {} does not cover chip {chip}: {nx} x {ny} pixels from column {x0}, row {y0} (0-based, by \
         LTV1 and LTV2) are needed, but it has {} x {}", path.display(), found.1, found.0
    )]
    ReferenceSection {
        /// The keyword that names the file.
        keyword: String,
        /// The file.
        path: std::path::PathBuf,
        /// CCDCHIP.
        chip: i64,
        /// The first column that is needed.
        x0: i64,
        /// The first row that is needed.
        y0: i64,
        /// Columns that are needed.
        nx: usize,
        /// Rows that are needed.
        ny: usize,
        /// Shape of the image, `(ny, nx)`.
        found: (usize, usize),
    },
    /// A reference image in other pixels than the image's.
    #[error(
        "{keyword} {} is of pixels {} x {} of the detector, but the image of {} x {}: name one of the image's binning in \
         {keyword} of the header, or leave its step out ({switch}=OMIT)",
        path.display(), reference.0, reference.1, image.0, image.1
    )]
    OtherBinning {
        /// The keyword that names the file.
        keyword: String,
        /// The file.
        path: std::path::PathBuf,
        /// The switch that does without.
        switch: &'static str,
        /// Pixels of the detector in one of the reference, along x and y.
        reference: (i64, i64),
        /// Pixels of the detector in one of the image, along x and y.
        image: (i64, i64),
    },
    /// Pixels that are binned.
    #[error("chip {chip} is binned (LTM1_1 {}, LTM2_2 {}); it needs reference images of pixels as large as its own, and those of ACS unbinned ones", ltm.0, ltm.1)]
    Binned {
        /// CCDCHIP.
        chip: i64,
        /// LTM1_1 and LTM2_2.
        ltm: (f64, f64),
    },
    /// A parameter outside of its range.
    #[error("{parameter} is {found}, but has to be {expected}")]
    Parameter {
        /// Its name.
        parameter: &'static str,
        /// What it may be.
        expected: &'static str,
        /// What it is.
        found: String,
    },
    /// An exposure from before the repair that brought the stripes.
    #[error(
        "{name} was taken on MJD {found}; the stripes came with the repair of May 2009 (MJD {first}), and there is \
         nothing to take out: calibrate it without destriping"
    )]
    BeforeStripes {
        /// The exposure.
        name: String,
        /// Its date, MJD.
        found: f64,
        /// The first day of the stripes, MJD.
        first: f64,
    },
    /// One mask of a full frame, where two are needed or none.
    #[error("{name} has two chips: masks are needed for both SCI,1 and SCI,2, or for neither")]
    OneMask {
        /// The exposure.
        name: String,
    },
    /// A stage of the CCDs was given an exposure of SBC.
    #[error(
        "{name} is an exposure of SBC, which has no CCD: acsccd has nothing to do for it; acs2d calibrates its raws"
    )]
    NotCcd {
        /// The exposure.
        name: String,
    },
    /// A stage was given what it has made already.
    #[error("{name} has been calibrated already: {reason}; {stage} works on raw exposures")]
    AlreadyCalibrated {
        /// The exposure.
        name: String,
        /// The stage.
        stage: &'static str,
        /// How that is known.
        reason: String,
    },
    /// None of a stage's switches asks for anything.
    #[error("{name}: none of the switches {switches} is PERFORM: {stage} has nothing to do")]
    NothingToDo {
        /// The exposure.
        name: String,
        /// The stage.
        stage: &'static str,
        /// Its switches.
        switches: String,
    },
    /// CCDAMP names no amplifier that reads a chip.
    #[error("none of the amplifiers of CCDAMP '{ccdamp}' reads chip {chip}")]
    NoAmplifier {
        /// CCDCHIP.
        chip: i64,
        /// CCDAMP.
        ccdamp: String,
    },
    /// CCDTAB has no gain or readout noise for an amplifier that reads.
    #[error(
        "CCDTAB gives amplifier {amplifier} a gain of {gain} e/DN and a readout noise of {readnoise} e; both must be \
         positive"
    )]
    NoGain {
        /// The amplifier.
        amplifier: char,
        /// Gain, e/DN.
        gain: f32,
        /// Readout noise, e.
        readnoise: f32,
    },
    /// OSCNTAB has a row for a chip, but no section to measure the bias level in.
    #[error(
        "OSCNTAB gives chip {chip} no section to measure the bias level in (BIASSECTA, BIASSECTB); set BLEVCORR=OMIT, \
         or name a table that has one"
    )]
    NoOverscanSection {
        /// CCDCHIP.
        chip: i64,
    },
    /// An image too small for a measurement.
    #[error("{what} is {} x {} pixels, but {purpose} needs at least {} x {}", found.1, found.0, needed.1, needed.0)]
    TooSmall {
        /// Which image.
        what: &'static str,
        /// What for.
        purpose: &'static str,
        /// Rows and columns that are needed.
        needed: (usize, usize),
        /// Rows and columns that it has.
        found: (usize, usize),
    },
    /// Levels of charge traps that make no sense.
    #[error("the charge traps cannot be used: {what}")]
    Traps {
        /// What is wrong with them.
        what: String,
    },
    /// A PCTETAB of an earlier generation.
    #[error(
        "PCTETAB {} is of an algorithm that is no longer used (CTE_NAME {}); name the table for parallel and serial \
         CTE ('{expected}'), or set PCTECORR=OMIT", path.display(),
        found.as_ref().map_or("is not there".to_owned(), |name| format!("'{name}'"))
    )]
    OldCteTable {
        /// The file.
        path: std::path::PathBuf,
        /// Its CTE_NAME.
        found: Option<String>,
        /// The CTE_NAME that is known.
        expected: &'static str,
    },
    /// The CTE correction of a detector that has none.
    #[error("{name} is an exposure of {found}; only WFC has a CTE correction: set PCTECORR=OMIT")]
    NoCteCorrection {
        /// The exposure.
        name: String,
        /// Its detector.
        found: &'static str,
    },
    /// A CCD frame that still has its overscan, where one without it is needed.
    #[error(
        "{name} still has its overscan, as LTV1 {}, LTV2 {} and its size say (BLEVCORR is '{blevcorr}'); acsccd with BLEVCORR=PERFORM \
         takes it off where OSCNTAB has a row for the image's size; if it was cut off before, set LTV1 and LTV2 to those of \
         the image without it (0 where it begins at the corner of the chip)",
        ltv.0, ltv.1
    )]
    Untrimmed {
        /// The exposure.
        name: String,
        /// BLEVCORR.
        blevcorr: String,
        /// LTV1 and LTV2.
        ltv: (f64, f64),
    },
    /// Fewer exposures than a combination needs.
    #[error(
        "{found} {} cannot be combined: at least two are needed, longer than 0 s or (bias frames) all of 0 s",
        if *found == 1 { "exposure" } else { "exposures" }
    )]
    TooFewExposures {
        /// How many there are.
        found: usize,
    },
    /// Exposures that cannot be combined because they differ.
    #[error("{name} cannot be combined with {first}: its {what} is {found}, not {expected}; {way_out}")]
    MembersDiffer {
        /// The exposure that the others are measured by.
        first: String,
        /// The one that differs.
        name: String,
        /// A keyword, or what else it is.
        what: String,
        /// What the first has.
        expected: String,
        /// What the other has.
        found: String,
        /// What can be done.
        way_out: &'static str,
    },
    /// Rejection of cosmic rays was asked for an exposure of SBC.
    #[error("{name} is of SBC, which sees no cosmic rays; repeated exposures of it are summed (RPTCORR)")]
    NoCosmicRays {
        /// The exposure.
        name: String,
    },
    /// A mode or way of calibration that is not there.
    #[error("{name}: cannot be done: {what}; {way_out}")]
    NotSupported {
        /// The exposure.
        name: String,
        /// What was asked for.
        what: String,
        /// What can be done instead.
        way_out: &'static str,
    },
    /// A wavecal of another grating or setting than the exposure's.
    #[error(
        "{wavecal} is no wavecal of {science}: its {what} is {found}, not {expected}; name the wavecal of the exposure \
         (--wavecal), or set WAVECORR=OMIT"
    )]
    OtherWavecal {
        /// The exposure.
        science: String,
        /// The wavecal.
        wavecal: String,
        /// The keyword.
        what: String,
        /// What the exposure has.
        expected: String,
        /// What the wavecal has.
        found: String,
    },
    /// A wavecal whose lamp was off.
    #[error(
        "{name} shows no lamp: {reason}; name another wavecal (--wavecal), or set WAVECORR=OMIT and the spectrum stays \
         where the header's SHIFTA1 and SHIFTA2 put it"
    )]
    LampOff {
        /// The wavecal.
        name: String,
        /// How that is known.
        reason: String,
    },
    /// An error whose own text does not tell which of several exposures was being treated.
    #[error("{name}: {source}")]
    InExposure {
        /// The exposure.
        name: String,
        /// What is wrong.
        source: Box<Error>,
    },
    /// No spectrum within the range that was searched.
    #[error(
        "{name}: no spectrum was found within {range} lines of line {nominal:.1} (counted from 1; the target is expected \
         about line {target:.1}): {reason}; to extract it all the same, use x1d, and say where it is and do not search \
         (--a2center {a2center:.1} --maxsrch 0 is where the target is expected), or search elsewhere"
    )]
    SpectrumNotFound {
        /// The exposure.
        name: String,
        /// The line of the image that was searched about, counted from 1.
        nominal: f64,
        /// The line of the image where the target is expected, counted from 1.
        target: f64,
        /// The a2center that is there, of which the offset of the aperture is no part.
        a2center: f64,
        /// Lines to both sides, of the unbinned detector.
        range: i64,
        /// Why not.
        reason: String,
    },
}

fn unit_name(unit: &str) -> String {
    match unit {
        "" => "no unit".to_owned(),
        unit => format!("unit '{unit}'"),
    }
}

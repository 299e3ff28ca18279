//! What can be wrong with a world coordinate system, or with a request made of one.

use std::path::PathBuf;

/// An error with the keyword, value and, where a file was read, the file and HDU it is about.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file itself could not be read.
    #[error(transparent)]
    Fits(#[from] firstlight_fits::Error),
    /// An error about one HDU of a file.
    #[error("{}[{hdu}]: {source}", path.display())]
    In {
        /// The file.
        path: PathBuf,
        /// The HDU, as `NAME,VERSION` or its number.
        hdu: String,
        /// What is wrong there.
        source: Box<Error>,
    },
    /// There is no world coordinate system: the keyword that would begin it is missing.
    #[error("there is no world coordinate system here: keyword {keyword} is missing")]
    NoWcs {
        /// `CTYPE1` with the letter of the alternate.
        keyword: String,
    },
    /// A coordinate system that is correct, but not supported.
    #[error("{keyword} = {found} is not supported: {reason}")]
    Unsupported {
        /// The keyword that says so.
        keyword: String,
        /// Its value.
        found: String,
        /// What is supported instead.
        reason: &'static str,
    },
    /// A keyword holds a value that cannot be used.
    #[error("{keyword} = {found} cannot be used: {reason}")]
    BadValue {
        /// The keyword.
        keyword: String,
        /// Its value.
        found: String,
        /// Why not.
        reason: &'static str,
    },
    /// A keyword asks for another one that is not there.
    #[error("{keyword} is there, but {missing}, which it needs, is not")]
    Incomplete {
        /// The keyword that is there.
        keyword: String,
        /// The keyword that is missing.
        missing: String,
    },
    /// The matrix from pixels to the sky has no inverse: it lays all pixels on one point or one line.
    #[error(
        "{keywords} make the matrix [[{}, {}], [{}, {}]] (degrees per pixel), which is singular: pixels have no \
         positions of their own on the sky; the keywords must be corrected, as with 'firstlight header set'",
        matrix[0][0], matrix[0][1], matrix[1][0], matrix[1][1]
    )]
    SingularMatrix {
        /// The keywords that it is made of, such as `CD1_1, CD1_2, CD2_1, CD2_2`.
        keywords: String,
        /// The matrix in the order of the header's axes, degrees per pixel.
        matrix: [[f64; 2]; 2],
    },
    /// Distortion tables stand in other HDUs, and only a header was given.
    #[error(
        "{keyword} refers to a look-up table in another HDU: the coordinate system must be read from the file"
    )]
    TableNeedsFile {
        /// The keyword.
        keyword: String,
    },
    /// A distortion table is missing or cannot be used.
    #[error("{keyword} refers to {extension}, which {reason}")]
    BadTable {
        /// The keyword.
        keyword: String,
        /// The extension, as `NAME,VERSION`.
        extension: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The iteration from sky to pixels found no solution.
    #[error(
        "{failed} of {total} sky positions have no pixel position in this distorted image, the first of them \
         ({ra_deg}, {dec_deg}): the iteration did not converge"
    )]
    NotConverged {
        /// Right ascension (or longitude) of the first such position, degrees.
        ra_deg: f64,
        /// Its declination (or latitude), degrees.
        dec_deg: f64,
        /// How many positions failed.
        failed: usize,
        /// How many were asked for.
        total: usize,
    },
    /// Two arrays that belong together differ in length.
    #[error("{first} first coordinates, but {second} second coordinates")]
    LengthMismatch {
        /// Length of the first array.
        first: usize,
        /// Length of the second.
        second: usize,
    },
    /// The image's size is needed, and not known.
    #[error("the size of the image is not known: {keyword} is missing or zero")]
    NoShape {
        /// The keyword.
        keyword: &'static str,
    },
    /// An extension that a file must have.
    #[error("there is no extension {name}")]
    NoExtension {
        /// Its EXTNAME.
        name: String,
    },
    /// An exposure whose coordinates cannot be computed anew.
    #[error(
        "INSTRUME = {instrument} with DETECTOR = {detector} is not supported: coordinates are computed anew for ACS \
         (WFC, HRC, SBC), WFC3, the CCD of STIS, and WFPC2"
    )]
    UnsupportedInstrument {
        /// INSTRUME.
        instrument: String,
        /// DETECTOR.
        detector: String,
    },
    /// A distortion table has no model for an exposure.
    #[error(
        "{table} has no row for chip {chip} with filters {filters}: give the IDCTAB of this detector in the header, as \
             'firstlight bestrefs' finds it"
    )]
    NoModel {
        /// How the header names the table.
        table: String,
        /// The chip.
        chip: i64,
        /// The filters.
        filters: String,
    },
    /// A reference file that cannot be used.
    #[error("{name} cannot be used: {reason}")]
    BadReference {
        /// How the header names it.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A headerlet that does not fit, or cannot be made.
    #[error("headerlet {name}: {reason}")]
    Headerlet {
        /// Its HDRNAME.
        name: String,
        /// What is wrong, and the way out.
        reason: String,
    },
    /// An output grid that cannot be made.
    #[error("the output grid cannot be made: {reason}")]
    OutputGrid {
        /// Why not.
        reason: String,
    },
}

impl Error {
    /// The error without the file and HDU around it.
    pub fn kind(&self) -> &Error {
        match self {
            Error::In { source, .. } => source.kind(),
            other => other,
        }
    }
}

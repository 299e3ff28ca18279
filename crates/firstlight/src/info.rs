//! What HDUs files hold, as `astropy.io.fits.info` tells it.

use crate::fits::{FitsFile, Hdu, Verdict};
use crate::input::{Failure, sort_out};
use crate::{Progress, Result};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// What to find out of files.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct InfoOptions {
    /// Read all data, and compare them with CHECKSUM and DATASUM where these are there.
    #[cfg_attr(feature = "clap", arg(long))]
    pub checksum: bool,
}

/// The HDUs of one file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FileInfo {
    /// The file.
    pub file: PathBuf,
    /// Its HDUs in order.
    pub hdus: Vec<HduInfo>,
}

/// One HDU.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HduInfo {
    /// 0-based position.
    pub index: usize,
    /// EXTNAME; `PRIMARY` for a first HDU without one.
    pub name: String,
    /// EXTVER.
    pub version: i64,
    /// `PrimaryHDU`, `ImageHDU`, `CompImageHDU`, `BinTableHDU`, `TableHDU`, ….
    pub kind: &'static str,
    /// Number of cards, END not counted.
    pub cards: usize,
    /// `(1024, 1024)`, NAXIS1 first; `12R x 3C` for tables.
    pub dimensions: String,
    /// Type of the pixels, or the formats of the columns.
    pub format: String,
    /// Whether the file ends before the data do.
    pub truncated: bool,
    /// What CHECKSUM (of the whole HDU) says, where that was asked for.
    pub checksum: Option<Sum>,
    /// What DATASUM says, where that was asked for.
    pub datasum: Option<Sum>,
}

/// What a checksum says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Sum {
    /// There is none.
    Absent,
    /// It fits the bytes.
    Correct,
    /// The bytes have changed since it was written.
    Wrong,
}

impl From<Verdict> for Sum {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Absent => Sum::Absent,
            Verdict::Correct => Sum::Correct,
            Verdict::Wrong => Sum::Wrong,
        }
    }
}

/// What was found of all files.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct InfoReport {
    /// Those that could be read, in the order given.
    pub files: Vec<FileInfo>,
    /// Those that could not.
    pub failed: Vec<Failure>,
}

impl InfoReport {
    /// Whether a checksum that was looked at is wrong.
    pub fn any_wrong_checksum(&self) -> bool {
        let wrong = |hdu: &HduInfo| hdu.checksum == Some(Sum::Wrong) || hdu.datasum == Some(Sum::Wrong);
        self.files.iter().flat_map(|file| &file.hdus).any(wrong)
    }
}

/// Lists the HDUs of files. A file that cannot be read is reported and does not stop the others.
///
/// # Errors
/// What is wrong with the file, where there is but one.
pub fn info(files: &[PathBuf], options: &InfoOptions, progress: &dyn Progress) -> Result<InfoReport> {
    progress.start("reading headers", Some(files.len() as u64));
    let results = files
        .par_iter()
        .map(|path| {
            let found = of_file(path, options);
            progress.advance(1);
            (path.clone(), found)
        })
        .collect();
    progress.finish();
    let (files, failed) = sort_out(results)?;
    Ok(InfoReport { files, failed })
}

fn of_file(path: &Path, options: &InfoOptions) -> Result<FileInfo> {
    let file = FitsFile::open(path)?;
    let hdus = file
        .hdus()
        .iter()
        .map(|hdu| of_hdu(&file, hdu, options))
        .collect::<Result<_>>()?;
    Ok(FileInfo {
        file: path.to_owned(),
        hdus,
    })
}

fn of_hdu(file: &FitsFile, hdu: &Hdu, options: &InfoOptions) -> Result<HduInfo> {
    let summary = hdu.summary();
    // Of data that are not all there the sums cannot be right, and the line says so already.
    let sums = if options.checksum && !hdu.is_truncated() {
        Some(file.checksums(hdu.index())?)
    } else {
        None
    };
    Ok(HduInfo {
        index: summary.index,
        name: summary.name,
        version: summary.version,
        kind: summary.kind,
        cards: summary.cards,
        dimensions: summary.dimensions,
        format: summary.format,
        truncated: hdu.is_truncated(),
        checksum: sums.map(|sums| sums.hdu.into()),
        datasum: sums.map(|sums| sums.data.into()),
    })
}

impl FileInfo {
    /// The lines that astropy prints, with a remark on what is wrong.
    pub fn to_text(&self) -> String {
        let mut text = format!(
            "Filename: {}\nNo.    Name      Ver    Type      Cards   Dimensions   Format\n",
            self.file.display()
        );
        for hdu in &self.hdus {
            let line = format!(
                "{:3}  {:10}  {:3} {:11}  {:5}   {}   {}   {}",
                hdu.index,
                hdu.name,
                hdu.version,
                hdu.kind,
                hdu.cards,
                hdu.dimensions,
                hdu.format,
                hdu.remarks()
            );
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

impl HduInfo {
    fn remarks(&self) -> String {
        let mut remarks = Vec::new();
        if self.truncated {
            remarks.push("truncated".to_owned());
        }
        for (name, sum) in [("CHECKSUM", self.checksum), ("DATASUM", self.datasum)] {
            match sum {
                Some(Sum::Correct) => remarks.push(format!("{name} correct")),
                Some(Sum::Wrong) => remarks.push(format!("{name} WRONG")),
                Some(Sum::Absent) | None => {}
            }
        }
        remarks.join(", ")
    }
}

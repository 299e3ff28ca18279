//! Look-up tables of reference files (NPOLFILE, D2IMFILE), and the extensions and keywords that they become.

use super::ScienceFile;
use super::observation::Instrument;
use super::science::{Content, ScienceHdu, extension_name, put, put_record, remove_where, text};
use crate::keywords::real;
use crate::{Error, Result};
use firstlight_fits::{Array, Card, FitsFile, Header};

/// The tables of NPOLFILE or D2IMFILE: one for each chip and axis.
#[derive(Debug, Clone, PartialEq)]
pub struct LookupTables {
    name: String,
    primary: Header,
    tables: Vec<(Header, Array<f32>)>,
}

impl LookupTables {
    /// Reads the reference file; `name` is how headers name it, as in `jref$02c14514j_npl.fits`.
    ///
    /// # Errors
    /// Those of reading the images of its extensions DX and DY.
    pub fn read(file: &FitsFile, name: &str) -> Result<Self> {
        let mut tables = Vec::new();
        for hdu in file.hdus() {
            if ["DX", "DY"].contains(&extension_name(hdu.header()).as_str()) {
                tables.push((hdu.header().clone(), file.image::<f32>(hdu.index())?));
            }
        }
        Ok(Self::new(name, file.primary().header().clone(), tables))
    }

    /// Tables with their headers, whose EXTNAME is DX or DY, and the header before them.
    pub fn new(name: &str, primary: Header, tables: Vec<(Header, Array<f32>)>) -> Self {
        Self {
            name: name.to_owned(),
            primary,
            tables,
        }
    }

    /// How headers name the file.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The table of a chip for an axis (DX or DY), if there is one.
    pub(super) fn of(&self, chip: i64, axis: &str) -> Option<&(Header, Array<f32>)> {
        let is_of = |header: &Header| {
            extension_name(header) == axis && header.integer("CCDCHIP").unwrap_or(1) == chip
        };
        self.tables.iter().find(|(header, _)| is_of(header))
    }

    /// Whether the tables are as large as the image itself, as those of before 2010 were.
    pub(super) fn are_of_full_size(&self, size: [i64; 2]) -> bool {
        let Some((_, table)) = self.tables.first() else {
            return false;
        };
        let (ny, nx) = table.plane().unwrap_or((0, 0));
        size[0] <= nx as i64 || size[1] <= ny as i64
    }

    /// An error about the file.
    pub(super) fn bad(&self, reason: String) -> Error {
        Error::BadReference {
            name: self.name.clone(),
            reason,
        }
    }

    /// Cards of the file's primary header that tell where it comes from: those from FILENAME to the first blank.
    fn provenance(&self) -> &[Card] {
        let cards = self.primary.cards();
        let named = |name: &str| cards.iter().position(|card| card.keyword() == name);
        match (named("FILENAME"), named("")) {
            (Some(from), Some(to)) if from <= to => &cards[from..=to],
            _ => &[],
        }
    }
}

/// What the extensions and keywords of one kind of table are called.
pub(super) struct Kind {
    pub extension: &'static str,
    /// Says, with the axis, that there is a table: `CPDIS1`.
    pub switch: &'static str,
    /// Its parameters, with the axis: `DP1`.
    pub record: &'static str,
    /// Its largest value, with the axis: `CPERR1`.
    pub largest: &'static str,
    /// Name of the file in the first image's header.
    pub source: &'static str,
    /// What it corrects.
    pub what: &'static str,
}

pub(super) const NPOL: Kind = Kind {
    extension: "WCSDVARR",
    switch: "CPDIS",
    record: "DP",
    largest: "CPERR",
    source: "NPOLEXT",
    what: "NPOL",
};

pub(super) const D2IM: Kind = Kind {
    extension: "D2IMARR",
    switch: "D2IMDIS",
    record: "D2IM",
    largest: "D2IMERR",
    source: "D2IMEXT",
    what: "D2IM",
};

impl Kind {
    /// Writes the keywords of one axis into an image's header, before HISTORY.
    pub(super) fn describe(
        &self,
        header: &mut Header,
        axis: usize,
        version: i64,
        largest: f32,
    ) -> Result<()> {
        let what = self.what;
        let numbered = |stem: &str| format!("{stem}{axis}");
        put(
            header,
            &numbered(self.largest),
            largest,
            &format!("largest {what} correction along axis {axis}"),
        )?;
        put(
            header,
            &numbered(self.switch),
            "Lookup",
            &format!("the {what} correction is a look-up table"),
        )?;
        let record = numbered(self.record);
        let rows = [
            (
                "EXTVER",
                version,
                format!("EXTVER of the {} extension", self.extension),
            ),
            ("NAXES", 2, "number of variables of the table".to_owned()),
            ("AXIS.1", 1, "axis of the table's 1st variable".to_owned()),
            ("AXIS.2", 2, "axis of the table's 2nd variable".to_owned()),
        ];
        for (field, value, comment) in rows {
            put_record(header, &record, field, value, &comment)?;
        }
        Ok(())
    }

    /// The extension of one table, its grid in pixels of the image, also of a subarray or a binned one.
    pub(super) fn extension(
        &self,
        image: &Header,
        tables: &LookupTables,
        of: (&Header, Array<f32>),
        version: i64,
    ) -> Result<ScienceHdu> {
        let (source, samples) = of;
        let mut header = Header::new();
        put(
            &mut header,
            "EXTNAME",
            self.extension,
            "distortion as a look-up table",
        )?;
        put(&mut header, "EXTVER", version, "number of the table")?;
        put(
            &mut header,
            "CCDCHIP",
            extension_name(source),
            "axis of the correction",
        )?;
        for axis in 1..=2 {
            let of_source = |stem: &str, default: f64| {
                real(source, &format!("{stem}{axis}")).map(|v| v.unwrap_or(default))
            };
            let scale = real(image, &format!("LTM{axis}_{axis}"))?.unwrap_or(1.0);
            let offset = real(image, &format!("LTV{axis}"))?.unwrap_or(0.0);
            let rows = [
                (
                    "CDELT",
                    of_source("CDELT", 1.0)? * scale,
                    "pixels of the image from cell to cell",
                ),
                ("CRPIX", of_source("CRPIX", 0.0)?, "reference cell"),
                (
                    "CRVAL",
                    of_source("CRVAL", 0.0)? - offset,
                    "pixel of the image at the reference cell",
                ),
            ];
            for (stem, value, comment) in rows {
                put(&mut header, &format!("{stem}{axis}"), value, comment)?;
            }
        }
        header.extend(tables.provenance().iter().cloned());
        Ok(ScienceHdu {
            header,
            content: Content::Image(samples),
        })
    }

    /// Takes extensions and keywords of this kind out.
    pub(super) fn remove(&self, file: &mut ScienceFile) {
        for at in file.named("SCI") {
            let header = &mut file.hdus[at].header;
            remove_where(header, |keyword| {
                let numbered = |stem: &str| {
                    let rest = keyword.strip_prefix(stem);
                    rest.is_some_and(|rest| rest.len() == 1 && rest.bytes().all(|b| b.is_ascii_digit()))
                };
                keyword == self.source
                    || [self.switch, self.record, self.largest]
                        .iter()
                        .any(|stem| numbered(stem))
            });
        }
        file.remove(self.extension);
    }

    /// Whether the tables in the file come from the reference file of this name already.
    pub(super) fn is_done(&self, file: &ScienceFile, name: &str) -> bool {
        let recorded = file.hdus.get(1).map(|hdu| text(&hdu.header, self.source));
        recorded.is_some_and(|recorded| bare(&recorded) == bare(name))
    }

    /// Records the reference file in the first extension.
    pub(super) fn record_source(&self, file: &mut ScienceFile, name: &str) -> Result<()> {
        match file.hdus.get_mut(1) {
            Some(hdu) => put(&mut hdu.header, self.source, name, ""),
            None => Ok(()),
        }
    }
}

/// A file's name without the variable or folder before it.
pub(super) fn bare(name: &str) -> &str {
    name.trim().rsplit(['$', '/']).next().unwrap_or_default()
}

/// The chip whose tables an image takes.
pub(super) fn table_chip(instrument: Instrument, image: &Header) -> i64 {
    match instrument {
        Instrument::AcsWfc | Instrument::Wfc3 => instrument.chip(image),
        _ => 1,
    }
}

/// The largest sample, as it goes into the header.
pub(super) fn largest(samples: &[f32]) -> f32 {
    samples.iter().copied().fold(f32::NEG_INFINITY, f32::max)
}

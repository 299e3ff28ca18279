//! Distortion tables in the other HDUs of a file.

use crate::keywords::real;
use crate::lookup::{Lookup, LookupPair, TableGrid};
use crate::one_based::from_fits;
use crate::{Error, Result, Wcs};
use firstlight_fits::{FitsFile, Hdu, HduSelector, Header};

/// Keywords and extension of one kind of table.
struct Kind {
    /// Says, with the axis, that there is a table.
    switch: &'static str,
    /// Its parameters, as record-valued keywords.
    parameters: &'static str,
    extension: &'static str,
}

/// Non-polynomial corrections (NPOLFILE).
const NPOL: Kind = Kind {
    switch: "CPDIS",
    parameters: "DP",
    extension: "WCSDVARR",
};
/// Detector-to-image corrections (D2IMFILE).
const D2IM: Kind = Kind {
    switch: "D2IMDIS",
    parameters: "D2IM",
    extension: "D2IMARR",
};

impl Wcs {
    /// Reads an HDU's description with its look-up tables: SIP; NPOL (`CPDIS`, `DP`, WCSDVARR); D2IM
    /// (`D2IMDIS`, `D2IM`, D2IMARR, or the older `AXISCORR`). `alternate` is `None` for the primary
    /// description, or its letter A–Z.
    ///
    /// The tables are the detector's and count for every description of the header.
    ///
    /// # Errors
    /// As [`Wcs::from_header`], and [`Error::BadTable`] for tables that are missing or empty;
    /// file and HDU are named.
    pub fn from_file(
        file: &FitsFile,
        selector: impl Into<HduSelector>,
        alternate: Option<char>,
    ) -> Result<Self> {
        let hdu = file.hdu(selector)?;
        Self::from_hdu(file, hdu, alternate).map_err(|source| Error::In {
            path: file.path().to_owned(),
            hdu: place(hdu),
            source: Box::new(source),
        })
    }

    fn from_hdu(file: &FitsFile, hdu: &Hdu, alternate: Option<char>) -> Result<Self> {
        let header = hdu.header();
        let mut wcs = Self::without_tables(header, alternate)?;
        wcs.npol = read_pair(file, header, &NPOL)?;
        wcs.d2im = match real(header, "AXISCORR")? {
            Some(axis) => read_old_d2im(file, axis)?,
            None => read_pair(file, header, &D2IM)?,
        };
        wcs.with_primary(file.primary().header())
    }
}

/// `SCI,1`, or the number of an HDU without a name.
fn place(hdu: &Hdu) -> String {
    match hdu.name() {
        "" => hdu.index().to_string(),
        name if hdu.index() == 0 => name.to_owned(),
        name => format!("{name},{}", hdu.version()),
    }
}

fn read_pair(file: &FitsFile, header: &Header, kind: &Kind) -> Result<LookupPair> {
    Ok(LookupPair::new([
        read_axis(file, header, kind, 1)?,
        read_axis(file, header, kind, 2)?,
    ]))
}

fn read_axis(file: &FitsFile, header: &Header, kind: &Kind, axis: usize) -> Result<Option<Lookup>> {
    let keyword = format!("{}{axis}", kind.switch);
    let Some(form) = header.text(&keyword) else {
        return Ok(None);
    };
    if !form.trim().eq_ignore_ascii_case("lookup") {
        let reason = "of these distortions only look-up tables are";
        return Err(Error::Unsupported {
            keyword,
            found: form,
            reason,
        });
    }
    let parameters = format!("{}{axis}", kind.parameters);
    let records = header.record_values(&parameters);
    let record = |field: &str| {
        records
            .iter()
            .find(|(name, _)| name == field)
            .map(|&(_, value)| value)
    };
    let version = record("EXTVER").unwrap_or(1.0);
    let own_axis = format!("AXIS.{axis}");
    let Some(table_axis) = record(&own_axis) else {
        return Err(Error::Incomplete {
            keyword,
            missing: format!("{parameters}.{own_axis}"),
        });
    };
    let transposed = table_axis != axis as f64;
    read_table(file, keyword, kind.extension, version as i64, transposed).map(Some)
}

/// The detector-to-image correction of before 2012: one row of corrections, along one axis.
fn read_old_d2im(file: &FitsFile, axis: f64) -> Result<LookupPair> {
    let keyword = "AXISCORR".to_owned();
    match axis {
        1.0 => Ok(LookupPair::new([
            Some(read_table(file, keyword, D2IM.extension, 1, false)?),
            None,
        ])),
        2.0 => Ok(LookupPair::new([
            None,
            Some(read_table(file, keyword, D2IM.extension, 1, false)?),
        ])),
        other => Err(Error::BadValue {
            keyword,
            found: other.to_string(),
            reason: "the corrected axis is 1 or 2",
        }),
    }
}

fn read_table(
    file: &FitsFile,
    keyword: String,
    name: &str,
    version: i64,
    transposed: bool,
) -> Result<Lookup> {
    let extension = format!("{name},{version}");
    let bad = |reason: String| Error::BadTable {
        keyword: keyword.clone(),
        extension: extension.clone(),
        reason,
    };
    let hdu = file
        .hdu((name, version))
        .map_err(|_| bad("is not in the file".to_owned()))?;
    let image = file.image::<f32>(hdu.index())?;
    let (ny, nx) = image
        .plane()
        .map_err(|error| bad(format!("cannot be used: {error}")))?;
    if ny == 0 || nx == 0 {
        return Err(bad("is empty".to_owned()));
    }
    if nx.max(ny) > i32::MAX as usize {
        return Err(bad("is too large".to_owned()));
    }
    let (size, values) = if transposed {
        let turned = (0..nx).flat_map(|x| (0..ny).map(move |y| (x, y)));
        ([ny, nx], turned.map(|(x, y)| image.data[y * nx + x]).collect())
    } else {
        ([nx, ny], image.data)
    };
    let pair = |stem: &str, default: f64| -> Result<[f64; 2]> {
        let value =
            |axis: usize| Ok::<_, Error>(real(hdu.header(), &format!("{stem}{axis}"))?.unwrap_or(default));
        Ok([value(1)?, value(2)?])
    };
    let step = pair("CDELT", 1.0)?;
    if step.contains(&0.0) {
        return Err(bad("has a CDELT of 0".to_owned()));
    }
    let grid = TableGrid {
        size,
        element: pair("CRPIX", 0.0)?.map(from_fits),
        pixel: pair("CRVAL", 0.0)?.map(from_fits),
        per_pixel: step.map(f64::recip),
    };
    Ok(Lookup {
        grid,
        values: values.into(),
    })
}

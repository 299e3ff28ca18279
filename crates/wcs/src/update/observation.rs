//! What the headers of one chip's image say, each instrument in its own keywords.

use super::science::{ScienceFile, text};
use super::tangent::TangentPlane;
use crate::keywords::real;
use crate::{Error, Result};
use firstlight_fits::Header;

/// An instrument whose world coordinates can be computed anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Instrument {
    AcsWfc,
    /// HRC or SBC.
    AcsOther,
    Wfc3,
    Stis,
    Wfpc2,
}

/// A correction, named as the field names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub enum Correction {
    /// Detector to image, from D2IMFILE.
    #[serde(rename = "DET2IMCorr")]
    Det2Im,
    /// Distortion that changes with time.
    #[serde(rename = "TDDCorr")]
    Tdd,
    /// CRVAL, CRPIX and CD from the pointing and the distortion model.
    MakeWCS,
    /// The polynomial as SIP.
    CompSIP,
    /// Velocity aberration.
    #[serde(rename = "VACorr")]
    Va,
    /// Look-up tables, from NPOLFILE.
    #[serde(rename = "NPOLCorr")]
    Npol,
}

impl std::fmt::Display for Correction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Det2Im => "DET2IMCorr",
            Self::Tdd => "TDDCorr",
            Self::MakeWCS => "MakeWCS",
            Self::CompSIP => "CompSIP",
            Self::Va => "VACorr",
            Self::Npol => "NPOLCorr",
        })
    }
}

impl Instrument {
    /// From INSTRUME and DETECTOR of a primary header.
    pub(super) fn of(primary: &Header) -> Result<Self> {
        let (instrument, detector) = (text(primary, "INSTRUME"), text(primary, "DETECTOR"));
        let upper = |text: &str| text.to_ascii_uppercase();
        match (upper(&instrument).as_str(), upper(&detector).as_str()) {
            ("ACS", "WFC") => Ok(Self::AcsWfc),
            ("ACS", "HRC" | "SBC") => Ok(Self::AcsOther),
            ("WFC3", "UVIS" | "IR") => Ok(Self::Wfc3),
            ("STIS", "CCD") => Ok(Self::Stis),
            ("WFPC2", _) => Ok(Self::Wfpc2),
            _ => Err(Error::UnsupportedInstrument { instrument, detector }),
        }
    }

    /// What is done for this instrument, in the order in which it is done.
    pub(super) fn corrections(self) -> &'static [Correction] {
        use Correction::{CompSIP, Det2Im, MakeWCS, Npol, Tdd, Va};
        match self {
            Self::AcsWfc | Self::AcsOther => &[Det2Im, Tdd, MakeWCS, CompSIP, Va, Npol],
            Self::Wfc3 => &[Det2Im, MakeWCS, CompSIP, Va, Npol],
            Self::Wfpc2 => &[Det2Im, MakeWCS, CompSIP, Va],
            Self::Stis => &[MakeWCS, CompSIP, Va],
        }
    }

    /// How V2 and V3 run against the detector's axes.
    pub(super) fn parity(self) -> [f64; 2] {
        match self {
            Self::AcsWfc => [1.0, -1.0],
            Self::AcsOther | Self::Wfc3 | Self::Stis | Self::Wfpc2 => [-1.0, 1.0],
        }
    }

    /// The chip that the others are laid out from, where there is more than one.
    fn reference_chip(self, primary: &Header) -> Option<i64> {
        match self {
            Self::Wfpc2 => Some(3),
            Self::AcsWfc => Some(2),
            Self::Wfc3 if text(primary, "DETECTOR").eq_ignore_ascii_case("UVIS") => Some(2),
            _ => None,
        }
    }

    /// The chip of an image: CCDCHIP, or DETECTOR for WFPC2; 1 where there is none.
    pub(super) fn chip(self, header: &Header) -> i64 {
        let keyword = if self == Self::Wfpc2 {
            "DETECTOR"
        } else {
            "CCDCHIP"
        };
        header.integer(keyword).unwrap_or(1)
    }

    /// The extension of the reference chip; of a subarray without it, the first image.
    pub(super) fn reference_extension(self, file: &ScienceFile) -> Result<usize> {
        let sci = file.named("SCI");
        let first = sci.first().copied().ok_or_else(|| Error::NoExtension {
            name: "SCI".to_owned(),
        })?;
        let wanted = self.reference_chip(file.primary()?);
        let is_wanted = |&at: &usize| Some(self.chip(&file.hdus[at].header)) == wanted;
        // Of two exposures of the chip in one file the last counts.
        Ok(sci.into_iter().rfind(is_wanted).unwrap_or(first))
    }

    /// The names of the filters or, for STIS, of optical element and filter; those that are clear as `CLEAR`.
    fn filters(self, primary: &Header, image: &Header) -> [String; 2] {
        let keywords = match self {
            Self::AcsWfc | Self::AcsOther => ["FILTER1", "FILTER2"],
            Self::Wfc3 => ["FILTER", ""],
            Self::Stis => ["OPT_ELEM", "FILTER"],
            Self::Wfpc2 => ["FILTNAM1", "FILTNAM2"],
        };
        keywords.map(|keyword| {
            let name = match text(image, keyword) {
                own if self == Self::Stis && !own.is_empty() => own,
                _ => text(primary, keyword),
            };
            if name.is_empty() || name.to_ascii_uppercase().starts_with("CLEAR") {
                "CLEAR".to_owned()
            } else {
                name
            }
        })
    }

    fn binning(self, primary: &Header, image: &Header) -> Result<f64> {
        if self == Self::Wfpc2 {
            let area = text(primary, "MODE").eq_ignore_ascii_case("AREA");
            return Ok(if area { 2.0 } else { 1.0 });
        }
        Ok(real(image, "BINAXIS1")?.filter(|&n| n >= 1.0).unwrap_or(1.0))
    }
}

/// One chip's image: where it points, and how it was taken.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Observation {
    pub plane: TangentPlane,
    pub chip: i64,
    pub filters: [String; 2],
    /// Decimal year of DATE-OBS.
    pub year: f64,
    /// DATE-OBS as it stands.
    pub date: String,
    /// Offset of a subarray, pixels.
    pub ltv: [f64; 2],
    pub binning: f64,
    /// PA_V3, degrees.
    pub roll: f64,
    pub vafactor: f64,
    pub parity: [f64; 2],
    /// `[NAXIS1, NAXIS2]`.
    pub size: [i64; 2],
}

impl Observation {
    pub(super) fn of(instrument: Instrument, primary: &Header, image: &Header) -> Result<Self> {
        let date = match text(image, "DATE-OBS") {
            own if instrument == Instrument::Stis && !own.is_empty() => own,
            _ => text(primary, "DATE-OBS"),
        };
        Ok(Self {
            plane: plane(image)?,
            chip: instrument.chip(image),
            filters: instrument.filters(primary, image),
            year: decimal_year(&date)?,
            date,
            ltv: [
                real(image, "LTV1")?.unwrap_or(0.0),
                real(image, "LTV2")?.unwrap_or(0.0),
            ],
            binning: instrument.binning(primary, image)?,
            roll: primary.require_real("PA_V3")?,
            vafactor: real(image, "VAFACTOR")?.unwrap_or(1.0),
            parity: instrument.parity(),
            size: ["1", "2"].map(|axis| size(image, axis)),
        })
    }
}

/// Length of an axis: of the image itself, of one that is compressed, or of one that is constant.
pub(super) fn size(image: &Header, axis: &str) -> i64 {
    let length = |stem: &str| image.integer(&format!("{stem}{axis}"));
    length("ZNAXIS")
        .or_else(|| length("NAXIS"))
        .or_else(|| length("NPIX"))
        .unwrap_or(0)
}

/// The linear part of the primary description.
pub(super) fn plane(image: &Header) -> Result<TangentPlane> {
    for (keyword, name) in [("CTYPE1", "RA---TAN"), ("CTYPE2", "DEC--TAN")] {
        let found = image.text(keyword).ok_or(Error::NoWcs {
            keyword: keyword.to_owned(),
        })?;
        if !found.starts_with(name) {
            return Err(Error::Unsupported {
                keyword: keyword.to_owned(),
                found,
                reason: "computed anew are coordinates of images in RA---TAN and DEC--TAN",
            });
        }
    }
    let value = |keyword: &str| -> Result<f64> {
        real(image, keyword)?.ok_or_else(|| Error::NoWcs {
            keyword: keyword.to_owned(),
        })
    };
    Ok(TangentPlane {
        crpix: [value("CRPIX1")?, value("CRPIX2")?],
        crval: [value("CRVAL1")?, value("CRVAL2")?],
        cd: super::alternate::matrix(image, "")?,
    })
}

/// `YYYY-MM-DD` as a year with a fraction: the day of the year over 365.25.
fn decimal_year(date: &str) -> Result<f64> {
    let [year, month, day] = calendar_date(date).ok_or_else(|| bad_date(date))?;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let lengths = [
        31,
        if leap { 29 } else { 28 },
        31,
        30,
        31,
        30,
        31,
        31,
        30,
        31,
        30,
        31,
    ];
    let before: i64 = lengths.iter().take(month as usize - 1).sum();
    Ok((before + day) as f64 / 365.25 + year as f64)
}

/// Year, month and day.
pub(super) fn calendar_date(date: &str) -> Option<[i64; 3]> {
    let date = date.trim().split('T').next()?;
    let parts: Vec<i64> = date
        .split('-')
        .map_while(|part| part.trim().parse().ok())
        .collect();
    match parts[..] {
        [year, month, day]
            if (1..=12).contains(&month) && (1..=31).contains(&day) && (0..10_000).contains(&year) =>
        {
            Some([year, month, day])
        }
        _ => None,
    }
}

fn bad_date(date: &str) -> Error {
    Error::BadValue {
        keyword: "DATE-OBS".to_owned(),
        found: if date.is_empty() { "nothing" } else { date }.to_owned(),
        reason: "distortion depends on the date of the exposure, written as YYYY-MM-DD",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_with_fractions() {
        assert!((decimal_year("2006-03-13").unwrap() - (2006.0 + 72.0 / 365.25)).abs() < 1e-12);
        assert!((decimal_year("2004-12-31").unwrap() - (2004.0 + 366.0 / 365.25)).abs() < 1e-12);
        for bad in ["", "2006", "13/03/06", "2006-13-01", "2006-00-10", "2006-03-40"] {
            assert!(decimal_year(bad).is_err(), "{bad}");
        }
    }
}

//! One SCI image of an exposure, with all that the combination has to know of it.

use crate::instrument::Electrons;
use crate::options::instrument::{given, mean};
use crate::sky::{SkyValue, read_rows};
use crate::static_mask::{Signature, StaticReport};
use crate::{BitMask, DrizzleOptions, Error, Result};
use firstlight_fits::{FitsFile, Header};
use firstlight_frame::{Exposure, Imset};
use firstlight_wcs::Wcs;
use firstlight_wcs::output::natural_scale_arcsec;
use rayon::prelude::*;
use std::ops::Range;
use std::sync::Arc;

/// An input to the combination.
#[derive(Debug)]
pub struct Member {
    /// The exposure.
    pub exposure: Exposure,
    /// The flat field it was divided by; needed for weights of type IVM that are made here, 1 everywhere where `None`.
    pub flat: Option<FitsFile>,
    /// A map of inverse variance in place of one that is made: for each SCI image one named IVM, of the same EXTVER
    /// and shape, in the inverse square of the unit that samples are drizzled in before they are divided by the
    /// exposure time. Values that are not above 0, or not finite, give no weight.
    pub ivm: Option<FitsFile>,
    /// Pixels that the sky is not to be measured on, for each SCI image in their order; those beyond the end have none.
    pub sky_masks: Vec<Option<BitMask>>,
}

impl Member {
    /// The coordinates of one of the exposure's images, as the options choose them.
    ///
    /// # Errors
    /// [`Error::BadOption`] for a `wcskey` that is not there; headers that have no coordinates.
    pub fn wcs(&self, imset: &Imset, options: &DrizzleOptions) -> Result<Wcs> {
        let of = &self.exposure;
        let key = wcs_key(of.sci_header(imset.version)?, options, of)?;
        let wcs = Wcs::from_file(of.file(), imset.sci, key)?;
        Ok(if options.coeffs { wcs } else { wcs.linear() })
    }
}

/// One SCI image.
#[derive(Debug)]
pub(crate) struct Chip<'m> {
    pub(crate) member: &'m Member,
    pub(crate) imset: &'m Imset,
    pub(crate) ny: usize,
    pub(crate) nx: usize,
    pub(crate) exptime_s: f64,
    /// BUNIT, or what stands for it where it is absent or a flux density.
    pub(crate) bunit: String,
    pub(crate) wcs: Wcs,
    /// Size of an undistorted pixel.
    pub(crate) natural_scale_arcsec: f64,
    /// Position of its exposure among those that take part.
    pub(crate) exposure: usize,
    /// Its samples in electrons.
    pub(crate) electrons: Electrons,
    /// What is subtracted from its samples, in their unit; `None` where nothing is.
    pub(crate) sky: Option<f64>,
    /// The sky that was subtracted, here or before, in the unit of the samples.
    pub(crate) subtracted_sky: f64,
    /// Pixels that are bad in all exposures of the detector, where they were looked for.
    pub(crate) static_mask: Option<Arc<BitMask>>,
    /// Its cosmic rays, where they were looked for.
    pub(crate) cosmic_rays: Option<BitMask>,
    /// What it gave to the static mask.
    pub(crate) static_report: Option<StaticReport>,
    /// How its sky was found.
    pub(crate) sky_value: Option<SkyValue>,
}

impl<'m> Chip<'m> {
    /// An image of the `exposure`-th exposure that takes part.
    pub(crate) fn new(
        member: &'m Member,
        imset: &'m Imset,
        exposure: usize,
        options: &DrizzleOptions,
    ) -> Result<Self> {
        let of = &member.exposure;
        let (ny, nx) = of.shape(imset.version)?;
        let header = of.sci_header(imset.version)?;
        let wcs = member.wcs(imset, options)?;
        let exptime_s = exptime_s(of, imset, options)?;
        let bunit = bunit(header);
        Ok(Self {
            member,
            imset,
            ny,
            nx,
            exptime_s,
            natural_scale_arcsec: natural_scale_arcsec(&wcs),
            wcs,
            exposure,
            electrons: Electrons::of(of, imset, &options.instrument, (exptime_s, &bunit))?,
            bunit,
            sky: None,
            subtracted_sky: header.real("MDRIZSKY").unwrap_or(0.0),
            static_mask: None,
            cosmic_rays: None,
            static_report: None,
            sky_value: None,
        })
    }

    pub(crate) fn file(&self) -> &FitsFile {
        self.member.exposure.file()
    }

    /// Which of the exposure's SCI images it is, from 0.
    pub(crate) fn place(&self) -> Option<usize> {
        let imsets = self.member.exposure.imsets();
        imsets.iter().position(|imset| imset.sci == self.imset.sci)
    }

    /// The user's mask for the sky.
    pub(crate) fn sky_mask(&self) -> Option<&'m BitMask> {
        self.member.sky_masks.get(self.place()?)?.as_ref()
    }

    /// The SCI header.
    pub(crate) fn header(&self) -> &Header {
        self.file().hdus()[self.imset.sci].header()
    }

    /// Whether the samples are totals rather than rates.
    pub(crate) fn in_counts(&self) -> bool {
        !self.bunit.to_ascii_lowercase().contains("/s")
    }

    /// EXPSTART and EXPEND, MJD; 0 where there are none.
    pub(crate) fn span_mjd(&self) -> (f64, f64) {
        let read = |keyword| {
            self.member
                .exposure
                .real(keyword, self.imset.version)
                .unwrap_or(0.0)
        };
        (read("EXPSTART"), read("EXPEND"))
    }

    /// Position of the DQ image, if there is one with pixels.
    pub(crate) fn dq(&self) -> Option<usize> {
        let has_pixels = |hdu: &usize| self.file().hdus()[*hdu].has_pixels();
        self.imset.dq.filter(has_pixels)
    }

    /// Reads rows of SCI on all threads, in place of what was in `sci`.
    pub(crate) fn read_sci(&self, rows: Range<usize>, sci: &mut Vec<f32>) -> Result<()> {
        /// Rows that a thread reads at a time.
        const PIECE: usize = 64;
        sci.resize(rows.len() * self.nx, 0.0);
        let pieces = sci.par_chunks_mut(PIECE * self.nx.max(1)).enumerate();
        pieces.try_for_each_init(Vec::new, |bytes, (k, piece)| {
            let start = rows.start + k * PIECE;
            self.read_into(start..(start + PIECE).min(rows.end), piece, bytes)
        })
    }

    /// Reads rows of SCI on the calling thread into their place.
    pub(crate) fn read_into(&self, rows: Range<usize>, sci: &mut [f32], bytes: &mut Vec<u8>) -> Result<()> {
        read_rows(self.file(), self.imset.sci, (rows, self.nx), sci, bytes)
    }

    /// Which chips share a static mask with it.
    pub(crate) fn signature(&self) -> Signature {
        Signature {
            detector: self.member.exposure.detector().to_string(),
            shape: (self.ny, self.nx),
            chip: self.imset.version,
        }
    }

    /// IDCSCALE, the size of an undistorted pixel; where there is none, that of the undistorted grid.
    pub(crate) fn idcscale_arcsec(&self) -> f64 {
        self.idcscale().unwrap_or(self.natural_scale_arcsec)
    }

    /// The size of a pixel that blotting goes by: IDCSCALE, or the root of the area of the header's CD matrix.
    pub(crate) fn blot_scale_arcsec(&self) -> f64 {
        let [[a, b], [c, d]] = self.wcs.cd();
        self.idcscale()
            .unwrap_or_else(|| 3600.0 * (a * d - b * c).abs().sqrt())
    }

    fn idcscale(&self) -> Option<f64> {
        self.header().real("IDCSCALE").filter(|scale| *scale > 0.0)
    }
}

/// EXPTIME, or what the user says it is.
pub(crate) fn exptime_s(exposure: &Exposure, imset: &Imset, options: &DrizzleOptions) -> Result<f64> {
    let options = &options.instrument;
    if let Some(text) = given(&options.exptime) {
        return mean("exptime", text);
    }
    Ok(match given(&options.expkeyword) {
        Some(keyword) => exposure.real(keyword, imset.version)?,
        None => exposure.exptime_s(imset.version)?,
    })
}

/// The letter of the solution that is asked for, by itself or by its WCSNAME; `None` for the primary one.
fn wcs_key(header: &Header, options: &DrizzleOptions, exposure: &Exposure) -> Result<Option<char>> {
    let Some(wanted) = given(&options.wcskey) else {
        return Ok(None);
    };
    let mut letters = wanted.chars();
    if let (Some(letter @ 'A'..='Z'), None) = (letters.next(), letters.next()) {
        return Ok(Some(letter));
    }
    let named = |keyword: &str| {
        let name = header.text(keyword);
        name.is_some_and(|name| name.trim().eq_ignore_ascii_case(wanted))
    };
    if named("WCSNAME") {
        return Ok(None);
    }
    let found = ('A'..='Z').find(|letter| named(&format!("WCSNAME{letter}")));
    let nowhere = || format!("no WCSNAME in {} has this value", exposure.path().display());
    found
        .map(Some)
        .ok_or_else(|| Error::bad_option("wcskey", wanted, &nowhere()))
}

/// BUNIT; a flux density says nothing of counts and stands for a rate of electrons, as does nothing at all.
fn bunit(header: &Header) -> String {
    header
        .text("BUNIT")
        .map(|unit| unit.trim().to_owned())
        .filter(|unit| !unit.is_empty() && !unit.contains("ergs"))
        .unwrap_or_else(|| "ELECTRONS/S".to_owned())
}

//! The coordinate system of one image.

use crate::aperture::Aperture;
use crate::keywords::Keywords;
use crate::linear::Linear;
use crate::lookup::LookupPair;
use crate::projection::Projection;
use crate::sip::Sip;
use crate::sphere::{Matrix3, native_to_celestial};
use crate::{Error, Result};
use firstlight_fits::Header;

/// The world coordinate system of a two-dimensional image of the sky.
///
/// From pixels to the sky: detector-to-image correction (D2IM), then the SIP polynomial and the
/// non-polynomial look-up (NPOL, `CPDIS`) added to one another, then the CD matrix, then the
/// projection. Pixels are 0-based `(x, y)` with integers at pixel centres; sky positions are `(ra, dec)`
/// in degrees (or longitude and latitude of the header's system), `0 <= ra < 360`, in that order
/// whatever the order of the header's axes.
#[derive(Debug, Clone, PartialEq)]
pub struct Wcs {
    pub(crate) linear: Linear,
    pub(crate) projection: Projection,
    pub(crate) axis_names: [String; 2],
    /// CRVAL as `[ra, dec]`, degrees.
    pub(crate) reference: [f64; 2],
    pub(crate) lonpole: f64,
    /// Columns: the plane's axes and the reference point, as celestial directions.
    pub(crate) frame: Matrix3,
    pub(crate) sip: Option<Sip>,
    pub(crate) npol: LookupPair,
    pub(crate) d2im: LookupPair,
    pub(crate) shape: Option<(usize, usize)>,
    pub(crate) name: Option<String>,
    pub(crate) reference_frame: Option<String>,
    pub(crate) equinox: Option<f64>,
    pub(crate) aperture: Aperture,
}

impl Wcs {
    /// Reads a header's description; `alternate` is `None` for the primary one, or its letter A–Z.
    ///
    /// A header alone has no look-up tables; where it refers to some, read the file with
    /// [`Wcs::from_file`].
    ///
    /// # Errors
    /// [`Error::NoWcs`] without CTYPE; [`Error::Unsupported`] for axes that are not celestial, for
    /// projections other than [`Projection`]'s and for projection parameters; [`Error::TableNeedsFile`];
    /// [`Error::SingularMatrix`]; keywords with values of the wrong kind.
    pub fn from_header(header: &Header, alternate: Option<char>) -> Result<Self> {
        for keyword in ["CPDIS1", "CPDIS2", "D2IMDIS1", "D2IMDIS2", "AXISCORR"] {
            if header.contains(keyword) {
                return Err(Error::TableNeedsFile {
                    keyword: keyword.to_owned(),
                });
            }
        }
        Self::without_tables(header, alternate)
    }

    /// As [`Wcs::from_header`], leaving out look-up tables even where the header refers to some.
    pub(crate) fn without_tables(header: &Header, alternate: Option<char>) -> Result<Self> {
        let keywords = Keywords::new(header, alternate)?;
        let types = keywords.axis_types()?;
        let units = keywords.units()?;
        let crval = keywords.pair("CRVAL", 0.0)?;
        let latitude = 1 - types.longitude;
        let reference = [
            crval[types.longitude] * units[types.longitude],
            crval[latitude] * units[latitude],
        ];
        let mut matrix = keywords.matrix(types.longitude)?;
        for (row, unit) in matrix.elements.iter_mut().zip(units) {
            *row = row.map(|element| element * unit);
        }
        let sip = keywords.sip()?;
        keywords.refuse_parameters(types.longitude, sip.is_some())?;
        let lonpole = keywords.native_pole(types.longitude, reference[1])?;
        Ok(Self {
            linear: Linear::new(
                keywords.reference_pixel()?,
                matrix.elements,
                types.longitude,
                &matrix.keywords,
            )?,
            projection: types.projection,
            axis_names: types.names,
            frame: frame(reference, lonpole)?,
            reference,
            lonpole,
            sip,
            npol: LookupPair::default(),
            d2im: LookupPair::default(),
            shape: keywords.shape(),
            name: keywords.text("WCSNAME"),
            reference_frame: keywords.text("RADESYS").or_else(|| header.text("RADECSYS")),
            equinox: keywords.real("EQUINOX")?,
            aperture: Aperture::from_extension(header)?,
        })
    }

    /// A gnomonic projection from its parameters: `reference_sky` `(ra, dec)` in degrees at the 0-based
    /// pixel `reference_pixel`, `cd` in degrees per pixel (rows: towards east, towards north),
    /// `shape` `(ny, nx)`.
    ///
    /// # Errors
    /// [`Error::SingularMatrix`]; [`Error::BadValue`] for a reference that is not finite, or a
    /// declination beyond ±90°.
    pub fn tangent(
        reference_sky: (f64, f64),
        reference_pixel: (f64, f64),
        cd: [[f64; 2]; 2],
        shape: Option<(usize, usize)>,
    ) -> Result<Self> {
        let reference = [reference_sky.0, reference_sky.1];
        let lonpole = if reference[1] < 90.0 { 180.0 } else { 0.0 };
        Ok(Self {
            linear: Linear::new(
                [reference_pixel.0, reference_pixel.1],
                cd,
                0,
                "the elements of CD",
            )?,
            projection: Projection::Tan,
            axis_names: ["RA".to_owned(), "DEC".to_owned()],
            frame: frame(reference, lonpole)?,
            reference,
            lonpole,
            sip: None,
            npol: LookupPair::default(),
            d2im: LookupPair::default(),
            shape,
            name: None,
            reference_frame: None,
            equinox: None,
            aperture: Aperture::default(),
        })
    }

    /// Completes what an extension's header leaves to the primary header of a Hubble file: the
    /// reference frame (REFFRAME), and the telescope's roll, which output grids are oriented by.
    ///
    /// # Errors
    /// Keywords with values of the wrong kind.
    pub fn with_primary(mut self, primary: &Header) -> Result<Self> {
        // HST keeps the frame of the guide star catalogue here; "OTHER" says nothing.
        match primary
            .text("REFFRAME")
            .map(|text| text.trim().to_ascii_uppercase())
            .as_deref()
        {
            Some("GSC1") => self.reference_frame = Some("FK5".to_owned()),
            Some("ICRS") => self.reference_frame = Some("ICRS".to_owned()),
            _ => {}
        }
        self.aperture.add_primary(primary)?;
        Ok(self)
    }

    /// The same system without any distortion: CD matrix and projection alone.
    pub fn linear(&self) -> Self {
        let none = LookupPair::default;
        Self {
            sip: None,
            npol: none(),
            d2im: none(),
            ..self.clone()
        }
    }

    /// Whether there is any distortion.
    pub fn has_distortion(&self) -> bool {
        self.sip.is_some() || !self.npol.is_empty() || !self.d2im.is_empty()
    }

    /// `(ny, nx)` of the image, where the header gives it.
    pub fn shape(&self) -> Option<(usize, usize)> {
        self.shape
    }

    /// `(ra, dec)` of the reference point (CRVAL), degrees.
    pub fn reference_sky(&self) -> (f64, f64) {
        (self.reference[0], self.reference[1])
    }

    /// The 0-based reference pixel (CRPIX − 1).
    pub fn reference_pixel(&self) -> (f64, f64) {
        (self.linear.origin[0], self.linear.origin[1])
    }

    /// The CD matrix in degrees per pixel, rows in the order right ascension, declination.
    pub fn cd(&self) -> [[f64; 2]; 2] {
        self.linear.cd
    }

    /// The projection.
    pub fn projection(&self) -> Projection {
        self.projection
    }

    /// WCSNAME, if it has one.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Size of a pixel along the image's first axis, arcsec: `√(CD1_1² + CD2_1²)`.
    pub fn pixel_scale_arcsec(&self) -> f64 {
        let cd = self.linear.cd;
        (cd[0][0] * cd[0][0] + cd[1][0] * cd[1][0]).sqrt() * 3600.0
    }

    /// Position angle of the image's second axis, degrees east of north: `atan2(CD1_2, CD2_2)`.
    pub fn orientation_deg(&self) -> f64 {
        let cd = self.linear.cd;
        cd[0][1].atan2(cd[1][1]).to_degrees()
    }
}

pub(crate) fn frame(reference: [f64; 2], lonpole: f64) -> Result<Matrix3> {
    let bad = |keyword: &str, value: f64, reason| {
        Err(Error::BadValue {
            keyword: keyword.to_owned(),
            found: value.to_string(),
            reason,
        })
    };
    if !reference[0].is_finite() {
        return bad("CRVAL of right ascension", reference[0], "it is not finite");
    }
    if !(-90.0..=90.0).contains(&reference[1]) {
        return bad(
            "CRVAL of declination",
            reference[1],
            "a declination lies between -90 and 90 degrees",
        );
    }
    if !lonpole.is_finite() {
        return bad("LONPOLE", lonpole, "it is not finite");
    }
    Ok(native_to_celestial(reference[0], reference[1], lonpole))
}

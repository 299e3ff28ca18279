//! What a Hubble header says of the aperture, which decides scale and orientation of output grids.

use crate::Result;
use crate::keywords::real;
use firstlight_fits::Header;

/// Keywords that updatewcs takes from the IDCTAB, the telescope's roll, and the detector's parity.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Aperture {
    /// IDCSCALE: the undistorted pixel, arcsec.
    pub scale_arcsec: Option<f64>,
    /// IDCV2REF, arcsec.
    pub v2_arcsec: Option<f64>,
    /// IDCV3REF, arcsec.
    pub v3_arcsec: Option<f64>,
    /// IDCTHETA: from V3 to the detector's y axis, degrees.
    pub theta_deg: Option<f64>,
    /// PA_V3, degrees, of the primary header.
    pub roll_deg: Option<f64>,
    /// Signs of the detector's axes in the telescope's frame.
    pub parity: Parity,
}

/// Which of the detector's axes runs against the telescope's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Parity {
    /// x along, y against: ACS/WFC, and what is not known.
    #[default]
    YReversed,
    /// x against, y along: every other HST camera.
    XReversed,
}

impl Parity {
    /// The diagonal of the parity matrix.
    pub(crate) fn signs(self) -> [f64; 2] {
        match self {
            Parity::YReversed => [1.0, -1.0],
            Parity::XReversed => [-1.0, 1.0],
        }
    }
}

impl Aperture {
    pub(crate) fn from_extension(header: &Header) -> Result<Self> {
        Ok(Self {
            scale_arcsec: real(header, "IDCSCALE")?.filter(|&scale| scale > 0.0),
            v2_arcsec: real(header, "IDCV2REF")?,
            v3_arcsec: real(header, "IDCV3REF")?,
            theta_deg: real(header, "IDCTHETA")?,
            roll_deg: None,
            parity: Parity::default(),
        })
    }

    pub(crate) fn add_primary(&mut self, primary: &Header) -> Result<()> {
        self.roll_deg = real(primary, "PA_V3")?;
        let instrument = primary.text("INSTRUME").unwrap_or_default();
        let detector = primary.text("DETECTOR").unwrap_or_default();
        self.parity = match (instrument.trim(), detector.trim()) {
            ("ACS", "HRC" | "SBC") | ("WFC3", "UVIS" | "IR") | ("WFPC2" | "NICMOS" | "STIS", _) => {
                Parity::XReversed
            }
            _ => Parity::YReversed,
        };
        Ok(())
    }
}

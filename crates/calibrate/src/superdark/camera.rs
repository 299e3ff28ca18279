//! What is different from camera to camera: of each a file here says how its darks are opened, what their noise is, and what
//! the header of its superdark holds.

use super::frames::DarkFrames;
use super::header::Kind;
use super::{Darks, SuperdarkReport, acs, any, stis};
use crate::stis::ocrreject::{InitialGuess, OcrrejectOptions, SkySubtraction};
use crate::{Error, Observation, Result};
use firstlight_frame::fits::Header;
use firstlight_frame::{Detector, Frame};

/// The cameras that superdarks are made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Camera {
    /// The CCD of STIS.
    Stis,
    /// The CCDs of ACS: WFC and HRC.
    Acs,
    /// A CCD that no other is for, as those on the ground.
    Ccd,
}

impl Camera {
    /// That of a dark `name`, by its primary header.
    ///
    /// # Errors
    /// [`Error::NotSupported`] for detectors that count photons.
    pub fn of(name: &str, primary: &Header) -> Result<Self> {
        let detector = Detector::from_header(primary);
        match detector {
            Detector::StisCcd => Ok(Camera::Stis),
            Detector::AcsWfc | Detector::AcsHrc => Ok(Camera::Acs),
            Detector::Other { .. } => Ok(Camera::Ccd),
            Detector::AcsSbc | Detector::StisFuv | Detector::StisNuv => Err(Error::NotSupported {
                name: name.to_owned(),
                what: format!("a superdark of {detector}, which counts photons"),
                way_out: "superdarks are made of the frames of CCDs",
            }),
        }
    }

    /// How cosmic rays are rejected: as the user says, else as CRREJTAB does. Without a table, which darks of STIS alone
    /// always have, as darks without sky and with nothing but noise ask for.
    pub(super) fn rejection(self, said: &OcrrejectOptions, has_table: bool) -> OcrrejectOptions {
        if has_table || self == Camera::Stis {
            return said.clone();
        }
        said.or(OcrrejectOptions {
            crmask: Some(false),
            scalense: Some(0.0),
            initgues: Some(InitialGuess::Minimum),
            skysub: Some(SkySubtraction::None),
            crsigmas: Some("6.5,5.5,4.5".to_owned()),
            crradius: Some(1.5),
            crthresh: Some(0.6),
            badinpdq: Some(0),
        })
    }

    /// The unit of its superdarks' samples.
    pub(super) fn unit(self, first: &DarkFrames) -> String {
        match self {
            Camera::Stis | Camera::Acs => "electron/s".to_owned(),
            Camera::Ccd => any::unit(first),
        }
    }

    /// The superdark with its headers, of one frame for each chip.
    pub(super) fn product(
        self,
        darks: &Darks,
        frames: Vec<Frame>,
        kind: Kind<'_>,
        report: &SuperdarkReport,
    ) -> Result<Observation> {
        let mut chips = darks.chips.iter().zip(frames);
        match (self, chips.next()) {
            (_, None) => Err(Error::NoDarks),
            (Camera::Stis, Some((darks, frame))) => stis::header::product(darks, frame, kind, report),
            (Camera::Acs, Some(first)) => acs::product(std::iter::once(first).chain(chips), kind, report),
            (Camera::Ccd, Some((darks, frame))) => any::product(darks, frame, kind, report),
        }
    }
}

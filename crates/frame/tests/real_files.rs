//! Exposures and associations as Hubble's archive delivers them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    missing_docs
)]

use firstlight_frame::{Association, Detector, Error, Exposure};
use std::path::PathBuf;

/// The folder of real frames, or `None` with a word on standard error.
fn data() -> Option<PathBuf> {
    let folder = std::env::var_os("FIRSTLIGHT_DATA").map(PathBuf::from);
    if folder.is_none() {
        eprintln!("SKIPPED: FIRSTLIGHT_DATA is not set, so there are no real frames to test with");
    }
    folder
}

#[test]
fn an_sbc_raw_has_one_imset_whose_err_and_dq_are_constant_arrays() {
    let Some(data) = data() else { return };
    let exposure = Exposure::open(data.join("hst/acs_sbc/jcrx01iiq_raw.fits")).unwrap();
    assert_eq!(exposure.detector(), &Detector::AcsSbc);
    assert!(exposure.detector().is_photon_counting());
    assert_eq!(exposure.rootname(), "jcrx01iiq");
    assert_eq!(exposure.exptime_s(1).unwrap(), 1000.0);
    assert_eq!(exposure.real("MDECODT1", 1).unwrap(), 17.2041);
    let frame = exposure.load(1).unwrap();
    assert_eq!(frame.sci.shape(), (1024, 1024));
    let rows = (650..850).map(|y| frame.sci.row(y)[580..780].iter().sum::<f32>());
    assert_eq!(rows.sum::<f32>(), 300.0);
    assert!(frame.err.as_slice().iter().all(|&e| e == 0.0));
    assert!(frame.dq.as_slice().iter().all(|&d| d == 0));
}

#[test]
fn a_stis_raw_has_exposure_times_per_imset() {
    let Some(data) = data() else { return };
    let exposure = Exposure::open(data.join("hst/stis_acq/o4sp040b0_raw.fits")).unwrap();
    assert_eq!(exposure.detector(), &Detector::StisCcd);
    let versions: Vec<i64> = exposure.imsets().iter().map(|i| i.version).collect();
    assert_eq!(versions, [1, 2]);
    assert_eq!(exposure.exptime_s(2).unwrap(), 30.0);
    assert_eq!(exposure.load(2).unwrap().sci.shape(), (44, 62));
    assert!(matches!(exposure.load(7), Err(Error::NoImset { version: 7, .. })));
}

#[test]
fn a_ground_based_frame_is_an_exposure_of_one_imset() {
    let Some(data) = data() else { return };
    let exposure = Exposure::open(data.join("ground/nickel/raw/d1001.fits")).unwrap();
    assert_eq!(exposure.imsets().len(), 1);
    assert!(matches!(exposure.detector(), Detector::Other { .. }));
    let frame = exposure.load(1).unwrap();
    assert_eq!(frame.sci.shape(), exposure.shape(1).unwrap());
    assert_eq!(frame.dq.shape(), frame.sci.shape());
}

#[test]
fn headers_without_pixels_are_no_image() {
    let Some(data) = data() else { return };
    let exposure = Exposure::open(data.join("hst/acs_hrc/j8bt06nyq_sip_flt.fits")).unwrap();
    assert!(matches!(exposure.load(1), Err(Error::NotTwoDimensional { .. })));
}

#[test]
fn an_association_lists_its_members_and_says_which_file_is_missing() {
    let Some(data) = data() else { return };
    let association = Association::open(data.join("hst/acs_sbc/jcmc11010_asn.fits")).unwrap();
    assert_eq!(association.id, "jcmc11010");
    let exposures: Vec<&str> = association.exposures().map(|m| m.name.as_str()).collect();
    assert_eq!(exposures, ["jcmc11ctq", "jcmc11e6q"]);
    assert_eq!(association.product(), Some("jcmc11010"));
    let error = association.member_files(&["flc", "flt"]).unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("jcmc11ctq") && text.contains("_flc|flt.fits"),
        "{text}"
    );
}

#[test]
fn a_raw_file_is_no_association() {
    let Some(data) = data() else { return };
    let error = Association::open(data.join("hst/acs_sbc/jcrx01iiq_raw.fits")).unwrap_err();
    assert!(matches!(error, Error::NotAnAssociation { .. }));
}

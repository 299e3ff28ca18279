//! Association tables made by hand.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use firstlight_frame::fits::{Column, FitsWriter, Header, Overwrite, Table};
use firstlight_frame::{Association, Error};
use std::path::{Path, PathBuf};

fn table(folder: &Path, instrument: &str, kinds: &[&str]) -> PathBuf {
    let path = folder.join("jx0101010_asn.fits");
    let mut primary = Header::new();
    primary.set("INSTRUME", instrument, None).unwrap();
    let names: Vec<String> = (0..kinds.len()).map(|row| format!("JX0101{row:02}Q")).collect();
    let rows = Table::new()
        .with(Column::text("MEMNAME", names))
        .unwrap()
        .with(Column::text("MEMTYPE", kinds.iter().copied()))
        .unwrap();
    let mut header = Header::new();
    header.set("EXTNAME", "ASN", None).unwrap();
    let mut writer = FitsWriter::create(&path, Overwrite::Replace).unwrap();
    writer.empty_primary(&primary).unwrap();
    writer.table(&header, &rows).unwrap();
    writer.finish().unwrap();
    path
}

#[test]
fn a_row_that_is_neither_exposure_nor_product_is_named() {
    let folder = tempfile::tempdir().unwrap();
    for kind in ["FOO", "", "EXPOSURE"] {
        let path = table(folder.path(), "ACS", &["EXP-DTH", kind, "PROD-DTH"]);
        let error = Association::open(&path).unwrap_err();
        assert!(matches!(&error, Error::MemberType { found, .. } if found == kind));
        let text = error.to_string();
        let told = format!("the row of jx010101q has MEMTYPE '{kind}'");
        for part in [path.to_str().unwrap(), &told, "EXP-CRJ", "PROD-"] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
}

#[test]
fn types_may_be_written_with_underscores_and_those_of_other_instruments_are_taken() {
    let folder = tempfile::tempdir().unwrap();
    let exposures = |instrument, kinds: &[&str]| {
        let association = Association::open(table(folder.path(), instrument, kinds)).unwrap();
        association.exposures().count()
    };
    assert_eq!(
        exposures("ACS", &["exp_cr2", "EXP-RPT", "EXP-DTH", "prod_dth"]),
        3
    );
    assert_eq!(exposures("COS", &["EXP-FP", "EXP-AWAVE", "PROD-FP"]), 2);
    assert_eq!(exposures("STIS", &["CRSPLIT", "AUTO-WAVECAL", "PRODUCT"]), 2);
}

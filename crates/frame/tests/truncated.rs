//! A file that was cut off is not taken for a whole one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use firstlight_fits::{Array, FitsWriter, Header, Overwrite};
use firstlight_frame::{Error, Exposure};
use std::path::Path;

fn write(path: &Path) {
    let mut writer = FitsWriter::create(path, Overwrite::Refuse).unwrap();
    writer.empty_primary(&Header::new()).unwrap();
    for name in ["SCI", "ERR"] {
        let mut header = Header::new();
        header.set("EXTNAME", name, None).unwrap();
        let samples = Array {
            shape: vec![100, 100],
            data: vec![1.0_f32; 100 * 100],
        };
        writer.image(&header, &samples).unwrap();
    }
    writer.finish().unwrap();
}

#[test]
fn a_file_cut_off_in_err_is_no_exposure_without_dq() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x_flt.fits");
    write(&path);
    assert_eq!(Exposure::open(&path).unwrap().imsets().len(), 1);
    let bytes = std::fs::read(&path).unwrap();
    // The last HDU begins with a header of one block and holds 40000 bytes.
    std::fs::write(&path, &bytes[..bytes.len() - 30_000]).unwrap();
    let error = Exposure::open(&path).unwrap_err();
    assert!(
        matches!(&error, Error::Fits(inner) if inner.to_string().contains("truncated")),
        "{error}"
    );
    // Padding that is missing takes nothing away.
    std::fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
    assert!(Exposure::open(&path).is_ok());
}

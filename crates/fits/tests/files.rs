//! Reading and writing whole files.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use firstlight_fits::{Array, Error, FitsFile, FitsWriter, HduKind, Header, Overwrite, read_header};

#[test]
fn images_come_back_as_they_were_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.fits");
    let science = Array::new(vec![3, 4], (0..12).map(|v| v as f32 / 4.0).collect()).unwrap();
    let quality = Array::new(vec![3, 4], (0..12).map(|v| v * 5000).collect::<Vec<u16>>()).unwrap();
    let mut primary = Header::new();
    primary.set("TELESCOP", "HST", Some("telescope")).unwrap();
    let mut extension = Header::new();
    extension.set("EXTNAME", "SCI", None).unwrap();
    extension.set("EXTVER", 2, None).unwrap();

    let mut writer = FitsWriter::create(&path, Overwrite::Refuse).unwrap();
    writer.empty_primary(&primary).unwrap();
    writer.image(&extension, &science).unwrap();
    extension.set("EXTNAME", "DQ", None).unwrap();
    writer
        .image(&extension, (quality.data.as_slice(), (3, 4)))
        .unwrap();
    assert!(!path.exists(), "nothing is there before finish");
    writer.finish().unwrap();

    let file = FitsFile::open(&path).unwrap();
    assert_eq!(file.hdus().len(), 3);
    assert_eq!(file.primary().header().text("TELESCOP").as_deref(), Some("HST"));
    assert_eq!(file.hdu("sci,2").unwrap().dimensions(), [4, 3]);
    assert_eq!(file.image::<f32>(("SCI", 2)).unwrap(), science);
    assert_eq!(file.image::<u16>("DQ").unwrap(), quality);
    assert_eq!(file.image_rows::<u16>(2, 1..3).unwrap().data, quality.data[4..]);
    assert_eq!(file.pixels("DQ").unwrap().type_name(), "uint16");
    assert!(matches!(
        file.image::<i16>("DQ").unwrap_err().situation(),
        Error::OutOfRange { index: 7, .. }
    ));
    assert!(matches!(file.hdu(("SCI", 1)), Err(Error::NoSuchHdu { .. })));
    assert!(matches!(
        FitsWriter::create(&path, Overwrite::Refuse),
        Err(Error::Exists { .. })
    ));
    assert_eq!(
        read_header(&path, "DQ").unwrap().text("EXTNAME").as_deref(),
        Some("DQ")
    );
}

#[test]
fn what_is_not_fits_says_what_it_is() {
    let reason = |bytes: &[u8]| {
        FitsFile::from_bytes("x.fits", bytes.to_vec())
            .unwrap_err()
            .to_string()
    };
    assert!(reason(b"").contains("it is empty"));
    assert!(reason(b"<!DOCTYPE html><html><body>404 Not Found").contains("looks like an HTML page"));
    assert!(reason(&[0; 2880]).contains("zeros"));
    assert!(reason(b"SIMPLE  =                    T").contains("no END card"));
}

#[test]
fn every_real_file_opens() {
    let Ok(data) = std::env::var("FIRSTLIGHT_DATA") else {
        eprintln!("SKIPPED: FIRSTLIGHT_DATA is not set, so no real files were opened");
        return;
    };
    let mut folders = vec![std::path::PathBuf::from(data)];
    let mut opened = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().contains(".fits") {
                let file = FitsFile::open(&path).unwrap();
                opened += 1;
                for hdu in file.hdus().iter().filter(|h| !h.is_truncated()) {
                    if hdu.has_pixels() {
                        file.pixels(hdu.index()).unwrap();
                    } else if hdu.kind() == HduKind::BinTable {
                        assert_eq!(file.table(hdu.index()).unwrap().rows(), hdu.dimensions()[1]);
                    }
                }
            }
        }
    }
    assert!(opened > 100, "only {opened} files");
}

//! Frames of a CCD in files: what is read, what is refused, and what is written.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use firstlight::ccd::{self, CcdFile, CcdFrame, CcdOpenOptions, CcdPlanes, CcdUnit, CcdWriter};
use firstlight::fits::{Card, FitsFile, FitsWriter, Header, Overwrite};
use firstlight::frame::Image;
use firstlight::{Error, ErrorClass};
use std::path::{Path, PathBuf};

fn open(path: &Path) -> firstlight::Result<CcdFile> {
    CcdFile::open(path, &CcdOpenOptions::default())
}

/// A file of bare bytes: cards, and samples as they stand in a file.
fn bare(path: &Path, cards: &[&str], data: &[u8]) {
    let mut bytes = Vec::new();
    for card in cards.iter().chain(&["END"]) {
        bytes.extend_from_slice(format!("{card:<80}").as_bytes());
    }
    bytes.resize(bytes.len().next_multiple_of(2880), b' ');
    bytes.extend_from_slice(data);
    bytes.resize(bytes.len().next_multiple_of(2880), 0);
    std::fs::write(path, bytes).unwrap();
}

fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("frame.fits");
    (folder, path)
}

#[test]
fn unsigned_samples_with_blank_become_a_frame_with_a_mask() {
    let (_folder, path) = folder();
    // As an amateur's camera writes it: few cards, a loose comment, no BUNIT. -32768 is 0, and 5 is BLANK.
    let data: Vec<u8> = [-32768i16, 0, 32767, 5, -1, 1]
        .iter()
        .flat_map(|v| v.to_be_bytes())
        .collect();
    bare(
        &path,
        &[
            "SIMPLE  =                    T",
            "BITPIX  =                   16 /16 bits",
            "NAXIS   = 2",
            "NAXIS1  = 3",
            "NAXIS2  = 2",
            "BZERO   = 32768.0",
            "BLANK   = 5",
            "THIS CARD IS NO CARD AT ALL",
            "EXPTIME = 60.",
        ],
        &data,
    );
    let file = open(&path).unwrap();
    assert_eq!(file.shape(), (2, 3));
    assert_eq!(file.unit(), &CcdUnit::Adu);
    assert!(file.is_exact_in_f32() && file.has_dq() && !file.has_err());
    let frame: CcdFrame<f32> = file.read().unwrap();
    assert_eq!(frame.sci.as_slice()[..3], [0.0, 32768.0, 65535.0]);
    assert!(frame.sci[(1, 0)].is_nan());
    assert_eq!(frame.dq.unwrap().as_slice(), [0, 0, 0, 16, 0, 0]);
    let second: CcdFrame<f64> = file.read_rows(1..2).unwrap();
    assert_eq!(second.sci.as_slice()[1..], [32767.0, 32769.0]);
    assert!(!file.header().contains("BZERO") && file.header().real("EXPTIME") == Some(60.0));
}

#[test]
fn what_was_written_by_rows_is_read_again() {
    let (_folder, path) = folder();
    let mut header = Header::new();
    header.set("EXPTIME", 12.5, None).unwrap();
    header.set("FILTER", "V", Some("as named on the wheel")).unwrap();
    let frame = CcdFrame {
        sci: Image::from_fn(4, 3, |x, y| (10 * y + x) as f32),
        err: Some(Image::filled(4, 3, 0.5f32)),
        dq: Some(Image::from_fn(4, 3, |x, y| if (x, y) == (1, 2) { 36 } else { 0 })),
        unit: CcdUnit::Electron,
    };
    let planes = CcdPlanes { err: true, dq: true };
    let mut writer = CcdWriter::create(&path, frame.shape(), (&header, &frame.unit), planes, false).unwrap();
    let used = writer.extra::<u16>("NUSED", frame.shape()).unwrap();
    for rows in [2..4, 0..2] {
        writer
            .rows(rows.start, &frame.cut(rows.clone(), 0..3).unwrap())
            .unwrap();
        writer.extra_rows(&used, rows.start, &[7u16; 6]).unwrap();
    }
    assert!(!path.exists());
    writer.finish().unwrap();
    let file = open(&path).unwrap();
    assert_eq!(file.read::<f32>().unwrap(), frame);
    assert_eq!(file.header().text("FILTER").as_deref(), Some("V"));
    let raw = FitsFile::open(&path).unwrap();
    assert_eq!(raw.primary().header().text("BUNIT").as_deref(), Some("electron"));
    assert_eq!(
        raw.hdu("UNCERT").unwrap().header().text("UTYPE").as_deref(),
        Some("StdDevUncertainty")
    );
    assert_eq!(raw.image::<u16>("NUSED").unwrap().data, [7; 12]);

    assert!(matches!(
        ccd::write(&path, &frame, &header, false),
        Err(Error::OutputExists { .. })
    ));
    ccd::write(&path, &frame, &header, true).unwrap();
    let compressed = path.with_extension("fits.gz");
    assert!(matches!(
        ccd::write(&compressed, &frame, &header, false),
        Err(Error::Usage(_))
    ));
}

#[test]
fn an_image_in_an_extension_has_the_cards_of_both_headers() {
    let (_folder, path) = folder();
    let mut primary = Header::new();
    primary.push(Card::new("EXPTIME", 30.0, None).unwrap());
    primary.push(Card::new("OBJECT", "sky", None).unwrap());
    let mut image = Header::new();
    image.push(Card::new("OBJECT", "M13", None).unwrap());
    image.push(Card::new("BUNIT", "ELECTRONS", None).unwrap());
    let mut variance = Header::new();
    variance.push(Card::new("EXTNAME", "UNCERT", None).unwrap());
    variance.push(Card::new("UTYPE", "VarianceUncertainty", None).unwrap());
    let mut writer = FitsWriter::create(&path, Overwrite::Refuse).unwrap();
    writer.empty_primary(&primary).unwrap();
    writer.image(&image, (&[1i32, 2, 3, 4][..], (2, 2))).unwrap();
    writer
        .image(&variance, (&[4f64, 9.0, 16.0, 25.0][..], (2, 2)))
        .unwrap();
    writer.finish().unwrap();
    let file = open(&path).unwrap();
    assert_eq!(file.header().text("OBJECT").as_deref(), Some("M13"));
    assert_eq!(file.header().real("EXPTIME"), Some(30.0));
    assert_eq!(file.unit(), &CcdUnit::Electron);
    assert!(!file.is_exact_in_f32());
    let frame: CcdFrame<f32> = file.read().unwrap();
    assert_eq!(frame.err.unwrap().as_slice(), [2.0, 3.0, 4.0, 5.0]);
    let named = CcdOpenOptions {
        ext: Some("0".into()),
        unit: Some("adu".into()),
    };
    assert_eq!(
        CcdFile::open(&path, &named).unwrap_err().class(),
        ErrorClass::Input
    );
}

#[test]
fn what_is_no_frame_is_refused_with_the_reason() {
    let (folder, path) = folder();
    let refused = |path: &Path| open(path).unwrap_err();
    let mut writer = FitsWriter::create(&path, Overwrite::Refuse).unwrap();
    writer
        .image(
            &Header::new(),
            firstlight::fits::ArrayView::new(&[3, 2, 2], &[0i16; 12]).unwrap(),
        )
        .unwrap();
    writer.finish().unwrap();
    assert!(
        refused(&path).to_string().contains("3 axes"),
        "{}",
        refused(&path)
    );

    let mut writer = FitsWriter::create(&path, Overwrite::Replace).unwrap();
    writer
        .image(&Header::new(), (&[0f32; 600][..], (20, 30)))
        .unwrap();
    let mut mask = Header::new();
    mask.set("EXTNAME", "MASK", None).unwrap();
    writer.image(&mask, (&[0u8; 500][..], (20, 25))).unwrap();
    writer.finish().unwrap();
    assert!(
        refused(&path).to_string().contains("MASK has shape (20, 25)"),
        "{}",
        refused(&path)
    );

    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..4000]).unwrap();
    assert!(
        refused(&path).to_string().contains("truncated"),
        "{}",
        refused(&path)
    );
    std::fs::write(&path, b"<html>not found</html>").unwrap();
    assert_eq!(refused(&path).class(), ErrorClass::Input);
    assert_eq!(
        refused(&folder.path().join("absent.fits")).class(),
        ErrorClass::Missing
    );
}

//! A camera with every distortion, as a file.
#![allow(dead_code, reason = "each test file uses what it needs")]

use firstlight_fits::{Array, ArrayView, FitsFile, FitsWriter, Header, Overwrite};
use firstlight_wcs::Wcs;
use std::path::Path;

/// Which look-up tables the camera's file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tables {
    None,
    /// Both kinds every 64 pixels, as in ACS/WFC files.
    Smooth,
    /// D2IM steps from column to column, NPOL every 16 pixels.
    Rough,
    /// D2IM of several pixels, which no first-order correction can follow.
    Huge,
}

/// 2048×1024 pixels of 0.05″ with a SIP polynomial of ACS's size.
pub fn camera(tables: Tables) -> Wcs {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("camera.fits");
    write(&path, tables);
    let file = FitsFile::open(&path).unwrap();
    Wcs::from_file(&file, ("SCI", 1), None).unwrap()
}

/// Its science header, without the keywords of tables.
pub fn header() -> Header {
    let mut header = Header::new();
    for (keyword, text) in [
        ("EXTNAME", "SCI"),
        ("CTYPE1", "RA---TAN-SIP"),
        ("CTYPE2", "DEC--TAN-SIP"),
    ] {
        header.set(keyword, text, None).unwrap();
    }
    let numbers = [
        ("CRPIX1", 1024.0),
        ("CRPIX2", 512.0),
        ("CRVAL1", 150.0),
        ("CRVAL2", 2.2),
        ("CD1_1", 1.2e-5),
        ("CD1_2", 6.9e-6),
        ("CD2_1", 7.3e-6),
        ("CD2_2", -1.15e-5),
        ("A_ORDER", 4.0),
        ("B_ORDER", 4.0),
        ("A_2_0", 8.1e-6),
        ("A_1_1", -5.2e-6),
        ("A_0_2", 2.2e-6),
        ("A_3_0", 1.4e-11),
        ("A_0_4", 1.1e-14),
        ("B_2_0", -3.0e-6),
        ("B_1_1", 6.2e-6),
        ("B_0_2", -7.2e-6),
        ("B_1_2", -2e-11),
        ("B_4_0", 9e-15),
    ];
    for (keyword, value) in numbers {
        header.set(keyword, value, None).unwrap();
    }
    header
}

/// The keywords that refer to table `version` of `kind` (`CPDIS`/`DP` or `D2IMDIS`/`D2IM`) for an axis.
pub fn refer(header: &mut Header, switch: &str, parameters: &str, axis: usize, version: usize) {
    use firstlight_fits::Card;
    let mut push = |keyword: String, text: String| header.push(Card::new(&keyword, text, None).unwrap());
    push(format!("{switch}{axis}"), "Lookup".to_owned());
    let records = [("EXTVER", version), ("NAXES", 2), ("AXIS.1", 1), ("AXIS.2", 2)];
    for (field, value) in records {
        push(format!("{parameters}{axis}"), format!("{field}: {value}"));
    }
}

/// A table of `nx` by `ny` elements, `step` pixels apart.
pub fn table(
    writer: &mut FitsWriter,
    (name, version): (&str, usize),
    (nx, ny): (usize, usize),
    step: (f64, f64),
    value: impl Fn(usize, usize) -> f32,
) {
    let mut header = Header::new();
    header.set("EXTNAME", name, None).unwrap();
    header.set("EXTVER", version, None).unwrap();
    for (keyword, value) in [("CRPIX1", 0.0), ("CRPIX2", 0.0), ("CRVAL1", 0.0), ("CRVAL2", 0.0)] {
        header.set(keyword, value, None).unwrap();
    }
    header.set("CDELT1", step.0, None).unwrap();
    header.set("CDELT2", step.1, None).unwrap();
    let data = (0..ny)
        .flat_map(|j| (0..nx).map(move |i| (i, j)))
        .map(|(i, j)| value(i, j))
        .collect();
    let array = Array::new(vec![ny, nx], data).unwrap();
    writer.image(&header, &array).unwrap();
}

/// Scattered values between -1 and 1, the same every time.
fn scattered(i: usize, j: usize) -> f32 {
    let mixed = (i as u32).wrapping_mul(2_654_435_761) ^ (j as u32).wrapping_mul(2_246_822_519);
    ((mixed.wrapping_mul(3_266_489_917) >> 8) as f32) / 8_388_608.0 - 1.0
}

pub fn write(path: &Path, tables: Tables) {
    let mut writer = FitsWriter::create(path, Overwrite::Replace).unwrap();
    writer.empty_primary(&Header::new()).unwrap();
    let mut science = header();
    if tables != Tables::None {
        for axis in [1, 2] {
            refer(&mut science, "CPDIS", "DP", axis, axis);
            refer(&mut science, "D2IMDIS", "D2IM", axis, axis);
        }
    }
    let pixels = vec![0u8; 2048 * 1024];
    writer
        .image(&science, ArrayView::new(&[1024, 2048], &pixels).unwrap())
        .unwrap();
    for axis in [1, 2] {
        match tables {
            Tables::None => {}
            Tables::Smooth => {
                let size = (33, 17);
                let wave = |i: usize, j: usize| ((i + 3 * axis) as f32 * 0.4 - j as f32 * 0.7).sin();
                table(&mut writer, ("WCSDVARR", axis), size, (64.0, 64.0), |i, j| {
                    0.1 * wave(i, j)
                });
                table(&mut writer, ("D2IMARR", axis), size, (64.0, 64.0), |i, j| {
                    0.05 * wave(j, i)
                });
            }
            Tables::Rough => {
                let npol = |i, j| 0.1 * scattered(i + axis, j);
                table(&mut writer, ("WCSDVARR", axis), (129, 65), (16.0, 16.0), npol);
                let steps = |i, _| 0.05 * scattered(i, axis);
                table(&mut writer, ("D2IMARR", axis), (2048, 1), (1.0, 1.0), steps);
            }
            Tables::Huge => {
                table(&mut writer, ("WCSDVARR", axis), (33, 17), (64.0, 64.0), |i, j| {
                    4.0 * scattered(i, j)
                });
                table(&mut writer, ("D2IMARR", axis), (33, 17), (64.0, 64.0), |i, j| {
                    4.0 * scattered(j, i)
                });
            }
        }
    }
    writer.finish().unwrap();
}

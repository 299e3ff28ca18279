//! Figures of spectra, file to file.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use firstlight::fits::{Column, ColumnData, FitsWriter, Header, Overwrite, Table};
use firstlight::progress::Silent;
use firstlight::spectrum::{SpectrumOptions, plot_spectrum};
use std::path::{Path, PathBuf};

/// Two orders of a spectrum, each of four samples.
fn spectrum(folder: &Path, name: &str, factor: f32) -> PathBuf {
    let path = folder.join(name);
    let array = |name: &str, data| Column::array(name, vec![4], data).unwrap();
    let wavelength = ColumnData::F64(vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]);
    let flux: Vec<f32> = (1..9).map(|k| factor * k as f32).collect();
    let table = Table::new()
        .with(array("WAVELENGTH", wavelength).unit("Angstroms"))
        .and_then(|table| table.with(array("FLUX", ColumnData::F32(flux)).unit("mJy")))
        .and_then(|table| table.with(array("DQ", ColumnData::I16(vec![0, 0, 0, 4, 0, 0, i16::MIN, 0]))))
        .unwrap();
    let mut writer = FitsWriter::create(&path, Overwrite::Refuse).unwrap();
    writer.table(&Header::new(), &table).unwrap();
    writer.finish().unwrap();
    path
}

#[test]
fn orders_flags_and_comparisons() {
    let folder = tempfile::tempdir().unwrap();
    let inputs = [
        spectrum(folder.path(), "a_x1d.fits", 1.0),
        spectrum(folder.path(), "b_x1d.fits", 3.0),
    ];
    let options = SpectrumOptions {
        ratio: true,
        difference: true,
        sdqflags: 0x8004,
        wmax: Some(7.5),
        ..SpectrumOptions::default()
    };
    let output = folder.path().join("both.svg");
    let report = plot_spectrum(&inputs, &output, false, &options, &Silent).unwrap();
    let [first, second] = report.spectra.as_slice() else {
        panic!("two spectra")
    };
    // Of eight, one is beyond 7.5 and two are flagged.
    assert_eq!((first.samples, first.flagged), (5, 2));
    assert_eq!(first.wavelengths, Some((1.0, 6.0)));
    assert_eq!(first.median, Some(3.0));
    assert_eq!((first.median_ratio, second.median_ratio), (None, Some(3.0)));
    let rms = (4.0 * (1.0 + 4.0 + 9.0 + 25.0 + 36.0_f64) / 5.0).sqrt();
    assert!((second.rms_difference.unwrap() - rms).abs() < 1e-6);
    let svg = std::fs::read_to_string(&output).unwrap();
    for text in ["wavelength (Angstroms)", "flux (mJy)", "ratio to a_x1d.fits"] {
        assert!(svg.contains(text), "{text}");
    }
}

#[test]
fn spectra_of_the_same_name_are_told_apart_by_their_folders() {
    let folder = tempfile::tempdir().unwrap();
    let inputs = ["default", "week"].map(|of| {
        std::fs::create_dir(folder.path().join(of)).unwrap();
        spectrum(&folder.path().join(of), "o_sx1.fits", 1.0)
    });
    let options = SpectrumOptions {
        ratio: true,
        ..SpectrumOptions::default()
    };
    let output = folder.path().join("both.svg");
    let report = plot_spectrum(&inputs, &output, false, &options, &Silent).unwrap();
    let labels: Vec<&str> = report.spectra.iter().map(|of| of.label.as_str()).collect();
    assert_eq!(labels, ["default/o_sx1.fits", "week/o_sx1.fits"]);
    let svg = std::fs::read_to_string(&output).unwrap();
    for text in [">week/o_sx1.fits<", ">ratio to default/o_sx1.fits<"] {
        assert!(svg.contains(text), "{text}");
    }
}

#[test]
fn a_page_has_the_numbers_and_stands_without_a_script() {
    let folder = tempfile::tempdir().unwrap();
    let inputs = [spectrum(folder.path(), "a_x1d.fits", 1.0)];
    let output = folder.path().join("page.html");
    plot_spectrum(&inputs, &output, false, &SpectrumOptions::default(), &Silent).unwrap();
    let page = std::fs::read_to_string(&output).unwrap();
    let (_, json) = page.split_once("<script type=\"application/json\">").unwrap();
    let json: serde_json::Value = serde_json::from_str(json.split_once("</script>").unwrap().0).unwrap();
    let series = &json[0]["series"][0];
    // The orders are apart.
    assert_eq!(series["x"].as_array().unwrap().len(), 9);
    assert!(series["x"][4].is_null());
    assert_eq!(series["y"][8], 8.0);
    assert!(page.contains("<svg") && page.contains("figure.explorer"));
    assert!(plot_spectrum(&inputs, &output, false, &SpectrumOptions::default(), &Silent).is_err());
}

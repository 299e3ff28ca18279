//! Images, which have no wavelengths but photometric keywords.

use crate::world::{World, primary};
use firstlight::ErrorClass;
use firstlight::calibrate::calibrate;
use firstlight::fits::{Column, FitsWriter, Header, Overwrite, Table};
use firstlight::frame::Exposure;
use firstlight::progress::Silent;
use std::path::Path;

const VALUES: [(&str, f64); 3] = [("PHOTFLAM", 1.0e-19), ("PHOTPLAM", 5850.0), ("PHOTBW", 1800.0)];

fn write_imphttab(path: &Path) {
    let mut writer = FitsWriter::create(path, Overwrite::Replace).unwrap();
    let mut header = Header::new();
    header.set("PHOTZPT", -21.1, None).unwrap();
    header.set("PEDIGREE", "INFLIGHT", None).unwrap();
    writer.empty_primary(&header).unwrap();
    for (name, value) in VALUES {
        let mut table = Table::new();
        for column in [
            Column::text("OBSMODE", ["stis,50ccd,mirror,ccd"]),
            Column::text("DATACOL", [name]),
            Column::f64(name, vec![value]),
            Column::text("PEDIGREE", ["INFLIGHT"]),
            Column::text("DESCRIP", [""]),
        ] {
            table.push(column).unwrap();
        }
        let mut header = Header::new();
        header.set("EXTNAME", name, None).unwrap();
        writer.table(&header, &table).unwrap();
    }
    writer.finish().unwrap();
}

/// An image through the whole of the CCD.
fn image() -> Header {
    let mut header = primary("SIM-STAR");
    for (keyword, value) in [
        ("OBSTYPE", "IMAGING"),
        ("OPT_ELEM", "MIRVIS"),
        ("APERTURE", "50CCD"),
    ] {
        header.set(keyword, value, None).unwrap();
    }
    for switch in [
        "WAVECORR", "X2DCORR", "X1DCORR", "BACKCORR", "DISPCORR", "HELCORR", "FLUXCORR",
    ] {
        header.set(switch, "OMIT", None).unwrap();
    }
    header.set("PHOTCORR", "PERFORM", None).unwrap();
    header.set("IMPHTTAB", "oref$imphttab.fits", None).unwrap();
    header
}

#[test]
fn an_image_in_parts_gets_photometric_keywords_once() {
    let world = World::new();
    world.write_raw(&world.raw, &image(), 24.0);
    let options = world.options("out");
    let error = calibrate(std::slice::from_ref(&world.raw), &options, &Silent).unwrap_err();
    assert_eq!(error.class(), ErrorClass::Missing);
    assert!(error.to_string().contains("PHOTCORR needs IMPHTTAB"), "{error}");
    write_imphttab(&world.files.folder.path().join("imphttab.fits"));
    let report = calibrate(std::slice::from_ref(&world.raw), &options, &Silent).unwrap();
    let kinds: Vec<&str> = report.products.iter().map(|product| product.kind).collect();
    assert_eq!(kinds, ["flt", "crj"]);
    for product in &report.products {
        let exposure = Exposure::open(&product.path).unwrap();
        let header = exposure.primary();
        let gain = header.real("ATODGAIN").unwrap();
        let found = header.real("PHOTFLAM").unwrap();
        assert!((found / (1.0e-19 * gain) - 1.0).abs() < 1e-6, "{found}");
        assert_eq!(header.real("PHOTPLAM"), Some(5850.0));
        assert_eq!(header.text("PHOTCORR").as_deref(), Some("COMPLETE"));
        let told = header
            .cards()
            .iter()
            .filter(|card| card.keyword() == "HISTORY" && card.commentary_text().contains("PHOTCORR"));
        assert_eq!(told.count(), 1);
    }
}

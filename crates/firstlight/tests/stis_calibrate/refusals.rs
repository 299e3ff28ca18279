//! What is refused before any work, and what is said of it.

use crate::made::{NX, NY};
use crate::world::{World, lamp_primary, primary};
use firstlight::calibrate::{CalibrateOptions, calibrate};
use firstlight::fits::edit;
use firstlight::progress::Silent;
use firstlight::{Error, ErrorClass};

/// What is refused; nothing is written.
fn refused(world: &World, options: &CalibrateOptions) -> Error {
    let error = calibrate(std::slice::from_ref(&world.raw), options, &Silent).unwrap_err();
    assert_eq!(world.listed("out"), Vec::<String>::new(), "{error}");
    error
}

fn says(error: &Error, parts: &[&str]) {
    let text = error.to_string();
    for part in parts {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn a_wavecal_of_another_setting_or_without_a_lamp_is_refused() {
    let world = World::new();
    let options = world.options("out");
    for (keyword, value, parts) in [
        ("OPT_ELEM", "G750L", ["OPT_ELEM is G750L, not G430L", "--wavecal"]),
        (
            "SCLAMP",
            "NONE",
            ["shows no lamp: SCLAMP is NONE", "WAVECORR=OMIT"],
        ),
        ("DETECTOR", "NUV-MAMA", ["MAMA", "only spectra"]),
    ] {
        let mut header = lamp_primary();
        header.set(keyword, value, None).unwrap();
        world.write_wavecal(&header);
        says(&refused(&world, &options), &parts);
    }
    let mut header = lamp_primary();
    header.set("CENWAVE", 4961i64, None).unwrap();
    world.write_wavecal(&header);
    says(&refused(&world, &options), &["CENWAVE is 4961, not 4300"]);
    world.write_wavecal(&lamp_primary());
    edit(&world.wavecal, |edit| edit.set("SCI", "EXPTIME", 0.0, None)).unwrap();
    says(&refused(&world, &options), &["EXPTIME is 0 s"]);
    world.write_wavecal(&lamp_primary());
    edit(&world.wavecal, |edit| edit.set(0, "TEXPSTRT", 51000.0, None)).unwrap();
    let error = refused(&world, &options);
    says(&error, &["51126", "WAVECORR=OMIT"]);
    assert_eq!(error.class(), ErrorClass::Unsupported);
    std::fs::remove_file(&world.wavecal).unwrap();
    says(
        &refused(&world, &options),
        &["otest_wav.fits", "is not in", "--wavecal"],
    );
    edit(&world.raw, |edit| edit.set(0, "WAVECAL", "N/A", None)).unwrap();
    says(&refused(&world, &options), &["WAVECAL names no file"]);
}

#[test]
fn a_file_that_is_no_wavecal_is_refused() {
    let world = World::new();
    edit(&world.wavecal, |edit| {
        edit.set("SCI", "ASN_MTYP", "SCIENCE", None)
    })
    .unwrap();
    says(
        &refused(&world, &world.options("out")),
        &["ASN_MTYP", "wavecal", "SCIENCE"],
    );
}

#[test]
fn a_lamp_that_did_not_light_leaves_the_spectrum_in_its_place() {
    let world = World::new();
    edit(&world.wavecal, |edit| {
        let dark: Vec<f32> = (0..NX * NY).map(|i| (i % 7) as f32).collect();
        edit.pixels("SCI", (dark.as_slice(), (NY, NX)))
    })
    .unwrap();
    let report = calibrate(std::slice::from_ref(&world.raw), &world.options("out"), &Silent).unwrap();
    let measured = report.products[1].stis.as_ref().unwrap();
    assert_eq!(measured.shifts[0], (0.0, 0.0));
    for parts in [
        ["otest_wav.fits [SCI,1]: SHIFTA1 is undefined", "--wavecal"],
        ["otest_wav.fits [SCI,1]: SHIFTA2 is undefined", "WAVECORR=OMIT"],
    ] {
        let said = |note: &String| parts.iter().all(|part| note.contains(part));
        assert!(report.notes.iter().any(said), "{:?}", report.notes);
    }
}

#[test]
fn all_missing_reference_files_are_named_with_their_switches() {
    let world = World::new();
    let folder = world.files.folder.path();
    for name in ["darkfile.fits", "lamptab.fits", "phottab.fits"] {
        std::fs::remove_file(folder.join(name)).unwrap();
    }
    let options = CalibrateOptions {
        switch: vec!["FLATCORR=PERFORM".parse().unwrap()],
        ..world.options("out")
    };
    let error = refused(&world, &options);
    assert_eq!(error.class(), ErrorClass::Missing);
    let parts = [
        "4 reference files are missing",
        "DARKCORR needs DARKFILE",
        "WAVECORR needs LAMPTAB",
        "FLUXCORR needs PHOTTAB",
        "FLATCORR needs PFLTFILE, which names no file",
    ];
    says(&error, &parts);
}

#[test]
fn what_is_not_there_or_makes_no_sense_is_refused() {
    let world = World::new();
    for (switch, part) in [
        ("GEOCORR", "drizzle"),
        ("SGEOCORR", "SGEOCORR=OMIT"),
        ("PCTECORR", "has no PCTECORR"),
    ] {
        let setting = format!("{switch}=PERFORM");
        let options = CalibrateOptions {
            switch: vec![setting.parse().unwrap()],
            ..world.options("out")
        };
        says(&refused(&world, &options), &[part]);
    }
    let off = ["DQICORR", "DARKCORR", "CRCORR"].map(|switch| format!("{switch}=OMIT").parse().unwrap());
    let options = CalibrateOptions {
        switch: off.to_vec(),
        ..world.options("out")
    };
    says(&refused(&world, &options), &["there is nothing to calibrate"]);
    for (keyword, value) in [("OPT_ELEM", "E140M"), ("DETECTOR", "FUV-MAMA")] {
        let mut header = primary("SIM-STAR");
        header.set(keyword, value, None).unwrap();
        world.write_raw(&world.raw, &header, 24.0);
        let error = refused(&world, &world.options("out"));
        says(&error, &[value]);
        assert_eq!(error.class(), ErrorClass::Unsupported, "{error}");
    }
}

#[test]
fn options_that_do_not_fit_the_inputs_are_refused() {
    let world = World::new();
    let mut options = world.options("out");
    options.stis.outroot = Some("one".to_owned());
    let other = world.raw.with_file_name("osecond_raw.fits");
    world.write_raw(&other, &primary("SIM-STAR"), 24.0);
    let error = calibrate(&[world.raw.clone(), other], &options, &Silent).unwrap_err();
    says(&error, &["outroot names the products of one exposure", "slash"]);
    let twice = calibrate(
        &[world.raw.clone(), world.raw.clone()],
        &world.options("out"),
        &Silent,
    );
    says(&twice.unwrap_err(), &["have the same products"]);
    let table = world.raw.with_file_name("otest_asn.fits");
    std::fs::copy(&world.raw, &table).unwrap();
    let error = calibrate(&[table], &world.options("out"), &Silent).unwrap_err();
    says(&error, &["association of STIS", "otest_raw.fits"]);
    // A product that is there is not replaced.
    calibrate(std::slice::from_ref(&world.raw), &world.options("there"), &Silent).unwrap();
    let error = calibrate(std::slice::from_ref(&world.raw), &world.options("there"), &Silent).unwrap_err();
    assert!(matches!(error, Error::OutputExists { .. }), "{error}");
}

#[test]
fn a_row_that_is_missing_is_named_with_those_there_are() {
    let mut world = World::new();
    world.files.add("XTRACTAB", &[], {
        let mut columns = crate::made::boxes("UNWEIGHTED", 15);
        columns.retain(|column| column.name() != "CENWAVE");
        columns.push(firstlight::fits::Column::i32("CENWAVE", vec![7751]));
        columns
    });
    let error = refused(&world, &world.options("out"));
    assert_eq!(error.class(), ErrorClass::Missing);
    says(&error, &["XTRACTAB", "CENWAVE 4300", "it has", "7751"]);
}

#[test]
fn images_are_there_though_no_spectrum_is_found() {
    let world = World::new();
    // The trace lies off the rows that are searched: the brightest is the last.
    world.write_raw(&world.raw, &primary("SIM-STAR"), 46.0);
    let report = calibrate(std::slice::from_ref(&world.raw), &world.options("out"), &Silent).unwrap();
    let kinds: Vec<&str> = report.products.iter().map(|product| product.kind).collect();
    assert_eq!(kinds, ["flt", "crj", "sx2"]);
    let failure = &report.failed[0].error;
    assert!(
        failure.contains("no spectrum was found within") && failure.contains("end of the search"),
        "{failure}"
    );
    // Of nothing but noise it is told where the spectrum was taken to be.
    world.write_raw(&world.raw, &primary("SIM-STAR"), -400.0);
    edit(&world.raw, |edit| {
        let noise = |i: usize| ((i * 7919 + (i / 64) * 104_729) % 101) as f32 / 10.0;
        let pixels: Vec<f32> = (0..NX * NY).map(noise).collect();
        for version in [1, 2] {
            edit.pixels(("SCI", version), (pixels.as_slice(), (NY, NX)))?;
        }
        Ok(())
    })
    .unwrap();
    let report = calibrate(std::slice::from_ref(&world.raw), &world.options("faint"), &Silent).unwrap();
    let said = report.notes.join("\n") + &report.failed.iter().map(|f| f.error.clone()).collect::<String>();
    assert!(said.contains("line"), "{said}");
}

#[test]
fn files_of_the_wrong_kind_or_that_are_not_there_are_told_of() {
    let world = World::new();
    let mut options = world.options("out");
    let folder = world.files.folder.path().to_owned();
    options.stis.darkfile = Some(folder.join("nope.fits"));
    let error = refused(&world, &options);
    says(&error, &["nope.fits"]);
    assert_eq!(error.class(), ErrorClass::Missing);
    let bias = folder.join("some_bia.fits");
    std::fs::copy(folder.join("darkfile.fits"), &bias).unwrap();
    options.stis.darkfile = Some(bias.clone());
    // One that does not say what it is is taken.
    calibrate(std::slice::from_ref(&world.raw), &options, &Silent).unwrap();
    let mut options = world.options("other");
    options.stis.darkfile = Some(bias.clone());
    edit(&bias, |edit| edit.set(0, "FILETYPE", "CCD BIAS IMAGE", None)).unwrap();
    let error = calibrate(std::slice::from_ref(&world.raw), &options, &Silent).unwrap_err();
    says(&error, &["some_bia.fits", "no dark image", "CCD BIAS IMAGE"]);
    assert!(world.listed("other").is_empty());
    // An input that is not there is no exposure of another instrument.
    let mut options = world.options("other");
    options.stis.outroot = Some("one".to_owned());
    let error = calibrate(&[folder.join("nosuch_raw.fits")], &options, &Silent).unwrap_err();
    says(&error, &["nosuch_raw.fits"]);
    assert_eq!(error.class(), ErrorClass::Missing, "{error}");
}

#[test]
fn a_dark_is_no_wavecal() {
    let world = World::new();
    let mut header = lamp_primary();
    for (keyword, value) in [("OBSTYPE", "IMAGING"), ("TARGNAME", "DARK"), ("SCLAMP", "NONE")] {
        header.set(keyword, value, None).unwrap();
    }
    world.write_wavecal(&header);
    let error = refused(&world, &world.options("out"));
    says(
        &error,
        &[
            "otest_wav.fits is no wavecal of",
            "OBSTYPE is IMAGING (TARGNAME DARK",
            "--wavecal",
        ],
    );
}

#[test]
fn an_exposure_with_one_usable_imset_is_named_with_the_way_out() {
    let world = World::new();
    edit(&world.raw, |edit| edit.set(("SCI", 2), "EXPTIME", 0.0, None)).unwrap();
    let error = refused(&world, &world.options("out"));
    says(
        &error,
        &["otest_raw.fits", "imset 2", "EXPTIME 0 s", "--switch CRCORR=OMIT"],
    );
}

#[test]
fn velocities_without_wavelengths_are_refused_with_the_switches_to_set() {
    let world = World::new();
    edit(&world.raw, |edit| edit.set(0, "DISPCORR", "OMIT", None)).unwrap();
    let error = refused(&world, &world.options("out"));
    says(
        &error,
        &[
            "otest_raw.fits",
            "DISPCORR should be PERFORM",
            "HELCORR=OMIT",
            "but is 'OMIT'",
        ],
    );
    assert_eq!(error.class(), ErrorClass::Input);
}

//! updatewcs on headers and tables made here: what must hold whatever the numbers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use firstlight_fits::{Array, Column, Header, Table, Value};
use firstlight_wcs::Wcs;
use firstlight_wcs::update::{
    Content, Correction, Idctab, LookupTables, References, ScienceFile, UpdateOptions, letters, updatewcs,
};

fn header(cards: &[(&str, Value)]) -> Header {
    let mut header = Header::new();
    for (keyword, value) in cards {
        header.set(keyword, value.clone(), None).unwrap();
    }
    header
}

fn primary() -> Header {
    header(&[
        ("INSTRUME", "ACS".into()),
        ("DETECTOR", "WFC".into()),
        ("ROOTNAME", "jtst00q".into()),
        ("FILTER1", "F606W".into()),
        ("FILTER2", "CLEAR2L".into()),
        ("DATE-OBS", "2012-03-13".into()),
        ("PA_V3", 60.0.into()),
        ("IDCTAB", "jref$a_idc.fits".into()),
    ])
}

fn image(version: i64, corner: Option<(i64, i64)>) -> Header {
    let (x0, y0) = corner.unwrap_or((0, 0));
    let (nx, ny) = if corner.is_some() {
        (512, 256)
    } else {
        (4096, 2048)
    };
    let mut image = header(&[
        ("XTENSION", "IMAGE".into()),
        ("BITPIX", (-32).into()),
        ("NAXIS", 2.into()),
        ("NAXIS1", nx.into()),
        ("NAXIS2", ny.into()),
        ("EXTNAME", "SCI".into()),
        ("EXTVER", version.into()),
        ("CCDCHIP", (3 - version).into()),
        ("CRPIX1", (2048.0 - x0 as f64).into()),
        ("CRPIX2", (1024.0 - y0 as f64).into()),
        ("CRVAL1", 6.0.into()),
        ("CRVAL2", (-72.0 + 0.02 * (version - 1) as f64).into()),
        ("CTYPE1", "RA---TAN".into()),
        ("CTYPE2", "DEC--TAN".into()),
        ("CD1_1", 7.5e-6.into()),
        ("CD1_2", (-1.17e-5).into()),
        ("CD2_1", (-1.17e-5).into()),
        ("CD2_2", (-7.5e-6).into()),
        ("VAFACTOR", 1.0.into()),
    ]);
    if corner.is_some() {
        image.set("LTV1", -(x0 as f64), None).unwrap();
        image.set("LTV2", -(y0 as f64), None).unwrap();
    }
    image.push_commentary("HISTORY", "calibrated").unwrap();
    image
}

fn plane(name: &str, version: i64) -> Header {
    header(&[
        ("XTENSION", "IMAGE".into()),
        ("BITPIX", 16.into()),
        ("NAXIS", 0.into()),
        ("EXTNAME", name.into()),
        ("EXTVER", version.into()),
    ])
}

fn two_chips() -> ScienceFile {
    ScienceFile::from_headers(vec![
        primary(),
        image(1, None),
        plane("ERR", 1),
        image(2, None),
        plane("DQ", 2),
    ])
}

const V2: [f64; 2] = [260.87, 256.60];
const V3: [f64; 2] = [198.36, 302.25];

fn idctab() -> Idctab {
    let two = |first: f64, second: f64| vec![first, second];
    let mut table = Table::new();
    table.push(Column::i16("DETCHIP", vec![1, 2])).unwrap();
    table
        .push(Column::text("DIRECTION", ["FORWARD", "FORWARD"]))
        .unwrap();
    table.push(Column::text("FILTER1", ["F606W", "F606W"])).unwrap();
    table
        .push(Column::text("FILTER2", ["CLEAR2L", "CLEAR2L"]))
        .unwrap();
    let columns = [
        ("XSIZE", two(4096.0, 4096.0)),
        ("YSIZE", two(2048.0, 2048.0)),
        ("XREF", two(2048.0, 2048.0)),
        ("YREF", two(1024.0, 1024.0)),
        ("V2REF", V2.to_vec()),
        ("V3REF", V3.to_vec()),
        ("SCALE", two(0.05, 0.05)),
        ("CX10", two(0.0022, 0.0019)),
        ("CX11", two(0.0492, 0.0498)),
        ("CY10", two(0.0486, 0.0503)),
        ("CY11", two(0.0021, 0.0015)),
    ];
    for (name, values) in columns {
        table.push(Column::f64(name, values)).unwrap();
    }
    for (n, size) in [(2, 1e-7), (3, 1e-11)] {
        for m in 0..=n {
            for stem in ["CX", "CY"] {
                let term = size * f64::from(m + 1) * if stem == "CX" { 1.0 } else { -0.7 };
                table
                    .push(Column::f64(format!("{stem}{n}{m}"), two(term, term * 1.1)))
                    .unwrap();
            }
        }
    }
    let about = header(&[
        ("INSTRUME", "ACS".into()),
        ("DETECTOR", "WFC".into()),
        ("NORDER", 3.into()),
        ("TDD_DATE", 2004.5.into()),
        ("TDD_CTB1", 1.8e-6.into()),
        ("TDD_CTB2", 1.7e-6.into()),
    ]);
    Idctab::new("jref$a_idc.fits", about, table)
}

fn tables(name: &str) -> LookupTables {
    let mut all = Vec::new();
    for chip in [1, 2] {
        for axis in ["DX", "DY"] {
            let about = header(&[
                ("EXTNAME", axis.into()),
                ("CCDCHIP", chip.into()),
                ("CDELT1", 64.0.into()),
                ("CDELT2", 64.0.into()),
            ]);
            let data = (0..64 * 32).map(|n| (n % 7) as f32 * 0.01 - 0.02).collect();
            all.push((about, Array::new(vec![32, 64], data).unwrap()));
        }
    }
    LookupTables::new(name, Header::new(), all)
}

fn references() -> References {
    References {
        idctab: Some(idctab()),
        ..References::default()
    }
}

fn update(file: &mut ScienceFile, references: &References) -> Vec<Correction> {
    updatewcs(file, references, &UpdateOptions::default(), "firstlight test")
        .unwrap()
        .corrections
}

fn sky(header: &Header, x: f64, y: f64) -> (f64, f64) {
    Wcs::from_header(header, None).unwrap().pixel_to_sky(x, y)
}

/// Arcseconds between two positions.
fn apart(a: (f64, f64), b: (f64, f64)) -> f64 {
    let dec = (0.5 * (a.1 + b.1)).to_radians();
    ((a.0 - b.0) * dec.cos()).hypot(a.1 - b.1) * 3600.0
}

#[test]
fn the_pointing_is_kept_and_chips_lie_where_v2_and_v3_put_them() {
    let mut file = two_chips();
    let made = update(&mut file, &references());
    assert_eq!(
        made,
        [
            Correction::Tdd,
            Correction::MakeWCS,
            Correction::CompSIP,
            Correction::Va
        ]
    );
    let (chip2, chip1) = (&file.hdus[1].header, &file.hdus[3].header);
    assert!(apart(sky(chip2, 2047.0, 1023.0), (6.0, -72.0)) < 1e-8);
    let expected = (V2[0] - V2[1]).hypot(V3[0] - V3[1]);
    let found = apart(sky(chip2, 2047.0, 1023.0), sky(chip1, 2047.0, 1023.0));
    assert!((found - expected).abs() < 1e-3, "{found} {expected}");
    // A step of one pixel along y is as long as the linear terms say, with the rate of seven and a half years.
    let step = apart(sky(chip2, 2047.0, 1022.5), sky(chip2, 2047.0, 1023.5));
    assert!((step - 0.0019f64.hypot(0.0503)).abs() < 1e-7, "{step}");
    let across = apart(sky(chip2, 2046.5, 1023.0), sky(chip2, 2047.5, 1023.0));
    let years = 2012.0 + 73.0 / 365.25 - 2004.5;
    assert!(
        (across - 0.0498f64.hypot(0.0015 + 1.7e-6 * years)).abs() < 1e-7,
        "{across}"
    );
}

#[test]
fn a_subarray_sees_the_same_sky() {
    let mut whole = two_chips();
    update(&mut whole, &references());
    let mut part = ScienceFile::from_headers(vec![primary(), image(1, Some((700, 300)))]);
    update(&mut part, &references());
    for (x, y) in [(0.0, 0.0), (511.0, 0.0), (200.5, 255.0)] {
        let distance = apart(
            sky(&part.hdus[1].header, x, y),
            sky(&whole.hdus[1].header, x + 700.0, y + 300.0),
        );
        assert!(distance < 2e-6, "{distance} arcsec at {x}, {y}");
    }
}

#[test]
fn a_second_run_changes_no_card() {
    let references = References {
        npol: Some(tables("jref$a_npl.fits")),
        d2im: Some(tables("jref$a_d2i.fits")),
        ..references()
    };
    let mut file = two_chips();
    file.hdus[0]
        .header
        .set("NPOLFILE", "jref$a_npl.fits", None)
        .unwrap();
    file.hdus[0]
        .header
        .set("D2IMFILE", "jref$a_d2i.fits", None)
        .unwrap();
    // Known to more digits than CD.
    let cd = |of: &str| file.hdus[1].header.real(of).unwrap();
    let angle = cd("CD1_2").atan2(cd("CD2_2")).to_degrees() + 1e-12;
    file.hdus[1].header.set("ORIENTAT", angle, None).unwrap();
    update(&mut file, &references);
    assert_eq!(
        (file.named("WCSDVARR").len(), file.named("D2IMARR").len()),
        (4, 4)
    );
    assert_eq!(file.hdus[0].header.integer("NEXTEND"), Some(12));
    let mut again = file.clone();
    let report = updatewcs(
        &mut again,
        &references,
        &UpdateOptions::default(),
        "firstlight test",
    )
    .unwrap();
    assert_eq!(report.left_out.len(), 2);
    assert!(file == again);
    // Another file's tables take the places of the old ones.
    let other = References {
        npol: Some(tables("jref$b_npl.fits")),
        ..references
    };
    update(&mut file, &other);
    assert_eq!(file.named("WCSDVARR").len(), 4);
    assert_eq!(
        file.hdus[1].header.text("NPOLEXT").as_deref(),
        Some("jref$b_npl.fits")
    );
    // And none are to be there where the header says so.
    file.hdus[0].header.set("NPOLFILE", "N/A", None).unwrap();
    let none = References { npol: None, ..other };
    update(&mut file, &none);
    assert!(file.named("WCSDVARR").is_empty() && !file.hdus[1].header.contains("CPDIS1"));
    assert!(!file.hdus[1].header.contains("DP1") && file.hdus[1].header.contains("D2IM1"));
}

#[test]
fn new_cards_stand_before_history_and_old_ones_stay() {
    let mut file = two_chips();
    let before = file.hdus[1].header.clone();
    update(&mut file, &references());
    let after = &file.hdus[1].header;
    assert_eq!(after.cards().last(), before.cards().last());
    assert_eq!(after.card("CCDCHIP"), before.card("CCDCHIP"));
    assert_eq!(letters(after), ["O"]);
    assert_eq!(after.real("CRVAL2O"), before.real("CRVAL2"));
    assert_eq!(after.text("WCSNAME").as_deref(), Some("IDC_a"));
    let err = &file.hdus[2].header;
    assert_eq!(err.text("CTYPE1").as_deref(), Some("RA---TAN"));
    assert_eq!(err.real("CD1_1"), after.real("CD1_1"));
    let primary = &file.hdus[0].header;
    assert_eq!(
        primary.text("DISTNAME").as_deref(),
        Some("jtst00q_a-NOMODEL-NOMODEL")
    );
    assert_eq!(primary.text("UPWCSVER").as_deref(), Some("firstlight test"));
    assert!(
        file.hdus
            .iter()
            .all(|hdu| matches!(hdu.content, Content::Kept(_)))
    );
}

#[test]
fn another_idctab_ends_the_descriptions_made_with_the_old_one() {
    let mut file = two_chips();
    update(&mut file, &references());
    for at in [1, 3] {
        let header = &mut file.hdus[at].header;
        for keyword in ["CRVAL1A", "CRVAL2A", "CRPIX1A", "CRPIX2A", "CD1_1A", "CD2_2A"] {
            header.set(keyword, 1.0, None).unwrap();
        }
        header.set("CTYPE1A", "RA---TAN", None).unwrap();
        header.set("WCSNAMEA", "TWEAK", None).unwrap();
    }
    update(&mut file, &references());
    assert_eq!(letters(&file.hdus[1].header), ["A", "O"]);
    file.hdus[0]
        .header
        .set("IDCTAB", "jref$b_idc.fits", None)
        .unwrap();
    update(&mut file, &references());
    assert_eq!(letters(&file.hdus[1].header), ["O"]);
}

#[test]
fn aberration_stretches_about_the_reference() {
    let mut plain = two_chips();
    update(&mut plain, &references());
    let mut moving = two_chips();
    for at in [1, 3] {
        moving.hdus[at].header.set("VAFACTOR", 1.0001, None).unwrap();
    }
    update(&mut moving, &references());
    let centre = sky(&plain.hdus[1].header, 2047.0, 1023.0);
    for at in [1, 3] {
        for (x, y) in [(100.0, 1900.0), (4000.0, 30.0)] {
            let still = apart(centre, sky(&plain.hdus[at].header, x, y));
            let moved = apart(centre, sky(&moving.hdus[at].header, x, y));
            assert!((moved / still - 1.0001).abs() < 2e-6, "{}", moved / still);
        }
    }
    let options = UpdateOptions {
        vacorr: false,
        ..UpdateOptions::default()
    };
    let mut off = two_chips();
    off.hdus[1].header.set("VAFACTOR", 1.0001, None).unwrap();
    updatewcs(&mut off, &references(), &options, "test").unwrap();
    assert_eq!(
        off.hdus[1].header.real("CD1_1"),
        plain.hdus[1].header.real("CD1_1")
    );
}

#[test]
fn what_cannot_be_done_is_told() {
    let error = |change: &dyn Fn(&mut ScienceFile)| {
        let mut file = two_chips();
        change(&mut file);
        updatewcs(&mut file, &references(), &UpdateOptions::default(), "test")
            .unwrap_err()
            .to_string()
    };
    let set = |keyword: &'static str, value: &'static str| {
        move |file: &mut ScienceFile| file.hdus[0].header.set(keyword, value, None).unwrap()
    };
    assert!(error(&set("INSTRUME", "FOS")).contains("FOS"));
    assert!(error(&set("FILTER1", "F435W")).contains("F435W"));
    assert!(error(&set("DATE-OBS", "yesterday")).contains("DATE-OBS"));
    assert!(error(&|file| assert!(file.hdus[0].header.remove("PA_V3"))).contains("PA_V3"));
    assert!(error(&|file| assert!(file.hdus[1].header.remove("CRVAL1"))).contains("CRVAL1"));
    assert!(error(&|file| file.hdus.truncate(1)).contains("SCI"));
    let mut nothing = ScienceFile::from_headers(Vec::new());
    assert!(updatewcs(&mut nothing, &references(), &UpdateOptions::default(), "test").is_err());
}

//! Headerlets: made of an exposure, attached to it, applied to another state of it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use firstlight_fits::{Array, FitsFile, FitsWriter, Header, Overwrite, Value};
use firstlight_wcs::Wcs;
use firstlight_wcs::update::headerlet::{
    ApplyOptions, CreateOptions, Headerlet, Tables, apply_as_alternate, apply_as_primary, attach, attached,
    create, delete,
};
use firstlight_wcs::update::{Content, ScienceFile, letters, wcscorr};

fn header(cards: &[(&str, Value)]) -> Header {
    let mut header = Header::new();
    for (keyword, value) in cards {
        header.set(keyword, value.clone(), None).unwrap();
    }
    header
}

/// An exposure of two chips with SIP, its tables at the end.
fn exposure(dec: f64) -> (ScienceFile, Tables) {
    let mut headers = vec![header(&[
        ("INSTRUME", "ACS".into()),
        ("ROOTNAME", "jtst00q".into()),
        ("IDCTAB", "jref$a_idc.fits".into()),
        ("NPOLFILE", "jref$a_npl.fits".into()),
        ("DISTNAME", "jtst00q_a-a-NOMODEL".into()),
        ("SIPNAME", "jtst00q_a".into()),
    ])];
    for version in 1..=2 {
        let mut image = header(&[
            ("EXTNAME", "SCI".into()),
            ("EXTVER", version.into()),
            ("CRPIX1", 100.0.into()),
            ("CRPIX2", 50.0.into()),
            ("CRVAL1", 10.0.into()),
            ("CRVAL2", (dec + 0.01 * version as f64).into()),
            ("CTYPE1", "RA---TAN-SIP".into()),
            ("CTYPE2", "DEC--TAN-SIP".into()),
            ("CD1_1", 1.4e-5.into()),
            ("CD1_2", 1e-7.into()),
            ("CD2_1", 2e-7.into()),
            ("CD2_2", 1.4e-5.into()),
            ("A_ORDER", 2.into()),
            ("B_ORDER", 2.into()),
            ("A_2_0", 1e-6.into()),
            ("B_0_2", (-2e-6).into()),
            ("WCSNAME", "IDC_a".into()),
            ("CPDIS1", "Lookup".into()),
            ("DP1", format!("EXTVER: {version}").into()),
            ("WCSNAMEO", "OPUS".into()),
            ("CTYPE1O", "RA---TAN".into()),
            ("CTYPE2O", "DEC--TAN".into()),
            ("CRPIX1O", 100.0.into()),
            ("CRPIX2O", 50.0.into()),
            ("CRVAL1O", 10.0.into()),
            ("CRVAL2O", dec.into()),
            ("CD1_1O", 1.4e-5.into()),
            ("CD2_2O", 1.4e-5.into()),
        ]);
        image.set_record("DP1", "AXIS.1", 1.0, None).unwrap();
        headers.push(image);
    }
    for version in 1..=2 {
        headers.push(header(&[
            ("EXTNAME", "WCSDVARR".into()),
            ("EXTVER", version.into()),
        ]));
    }
    let table = |value: f32| Array::new(vec![2, 3], vec![value; 6]).unwrap();
    let tables = Tables::from([(3, table(0.25)), (4, table(0.5))]);
    (ScienceFile::from_headers(headers), tables)
}

/// As it is when it has been written and read.
fn through_a_file(headerlet: &Headerlet) -> (Headerlet, Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a_hlet.fits");
    let mut writer = FitsWriter::create(&path, Overwrite::Refuse).unwrap();
    for hdu in headerlet.hdus() {
        match &hdu.content {
            Content::Image(image) => writer.image(&hdu.header, image).unwrap(),
            _ => writer.empty_primary(&hdu.header).unwrap(),
        }
    }
    writer.finish().unwrap();
    let bytes = std::fs::read(&path).unwrap();
    (Headerlet::read(&FitsFile::open(&path).unwrap()).unwrap(), bytes)
}

fn made(options: &CreateOptions) -> (Headerlet, Vec<u8>) {
    let (file, tables) = exposure(-30.0);
    through_a_file(&create(&file, &tables, options, "2026-01-02").unwrap())
}

fn sky(file: &ScienceFile, at: usize) -> (f64, f64) {
    let mut header = file.hdus[at].header.clone();
    header.remove("CPDIS1");
    Wcs::from_header(&header, None).unwrap().pixel_to_sky(10.0, 150.0)
}

#[test]
fn applied_as_the_one_that_counts() {
    let options = CreateOptions {
        hdrname: Some("MINE".to_owned()),
        descrip: Some("by hand".to_owned()),
        ..CreateOptions::default()
    };
    let (headerlet, _) = made(&options);
    assert_eq!(
        (headerlet.name().as_str(), headerlet.destination().as_str()),
        ("MINE", "jtst00q")
    );
    let (original, _) = exposure(-30.0);
    let (mut moved, _) = exposure(-29.0);
    for at in [1, 2] {
        moved.hdus[at].header.set("WCSNAME", "TWEAK", None).unwrap();
        moved.hdus[at].header.set("A_0_2", 3e-6, None).unwrap();
    }
    apply_as_primary(&mut moved, &headerlet, &ApplyOptions::default()).unwrap();
    for at in [1, 2] {
        assert_eq!(sky(&moved, at), sky(&original, at));
        let header = &moved.hdus[at].header;
        assert!(!header.contains("A_0_2"));
        assert_eq!(letters(header), ["A", "O"]);
        assert_eq!(header.text("WCSNAMEA").as_deref(), Some("TWEAK"));
        assert_eq!(header.text("HDRNAME").as_deref(), Some("MINE"));
        assert_eq!(header.record("DP1", "EXTVER"), Some(at as f64));
    }
    let tables = moved.named("WCSDVARR");
    assert_eq!(tables.len(), 2);
    let Content::Image(table) = &moved.hdus[tables[1]].content else {
        panic!("no table");
    };
    assert_eq!(table.data, [0.5; 6]);
    let Content::Table(known) = &moved.hdus[moved.named("WCSCORR")[0]].content else {
        panic!("no WCSCORR");
    };
    let names = known.texts("WCS_ID").unwrap();
    assert_eq!(&names[..6], ["OPUS", "OPUS", "TWEAK", "TWEAK", "IDC_a", "IDC_a"]);
    assert_eq!(known.reals("CRVAL2").unwrap()[2], -29.0 + 0.01);
    assert_eq!(known.texts("DESCRIP").unwrap()[5], "by hand");
}

#[test]
fn what_counts_is_recorded_once_for_each_image() {
    let (mut file, _) = exposure(-30.0);
    wcscorr::begin(&mut file).unwrap();
    for at in [1, 2] {
        let header = &mut file.hdus[at].header;
        header.set("WCSNAME", "TWEAK", None).unwrap();
        header.set("CRVAL2", -29.0, None).unwrap();
        header.set("NMATCH", 7, None).unwrap();
        header.set("CRDER1", 1e-7, None).unwrap();
    }
    wcscorr::record(&mut file).unwrap();
    wcscorr::record(&mut file).unwrap();
    wcscorr::begin(&mut file).unwrap();
    let at = file.named("WCSCORR");
    assert_eq!(at.len(), 1);
    assert_eq!(file.hdus[at[0]].header.integer("TROWS"), Some(6));
    let Content::Table(known) = &file.hdus[at[0]].content else {
        panic!("no table");
    };
    let names = known.texts("WCS_ID").unwrap();
    assert_eq!(
        &names[..7],
        ["OPUS", "OPUS", "IDC_a", "IDC_a", "TWEAK", "TWEAK", ""]
    );
    assert_eq!(
        known.column("EXTVER").unwrap().integers().unwrap()[..6],
        [1, 2, 1, 2, 1, 2]
    );
    assert_eq!(known.reals("CRVAL2").unwrap()[3..5], [-29.98, -29.0]);
    assert_eq!(known.reals("RMS_RA").unwrap()[5], 1e-7);
    assert_eq!(known.texts("SIPNAME").unwrap()[4], "jtst00q_a");
}

#[test]
fn applied_as_a_further_one() {
    let (headerlet, _) = made(&CreateOptions::default());
    let (mut moved, _) = exposure(-29.0);
    let before = sky(&moved, 1);
    apply_as_alternate(&mut moved, &headerlet, &ApplyOptions::default()).unwrap();
    let header = &moved.hdus[1].header;
    assert_eq!(header.text("WCSNAMEA").as_deref(), Some("IDC_a"));
    assert_eq!(header.real("CRVAL2A"), Some(-30.0 + 0.01));
    assert_eq!(sky(&moved, 1), before);
    let options = ApplyOptions {
        wcskey: Some('A'),
        ..ApplyOptions::default()
    };
    assert!(apply_as_alternate(&mut moved, &headerlet, &options).is_err());
}

#[test]
fn attached_and_taken_out() {
    let (headerlet, bytes) = made(&CreateOptions::default());
    let (mut file, _) = exposure(-30.0);
    attach(&mut file, &headerlet, bytes.clone()).unwrap();
    let known = attached(&file);
    assert_eq!(
        (known.len(), known[0].hdrname.as_str(), known[0].version),
        (1, "IDC_a", 1)
    );
    assert_eq!(
        file.hdus[known[0].extension].content,
        Content::Bytes(bytes.clone())
    );
    assert!(attach(&mut file, &headerlet, bytes).is_err());
    assert_eq!(delete(&mut file, "idc_a").unwrap(), 1);
    assert_eq!(delete(&mut file, "idc_a").unwrap(), 0);
    assert!(attached(&file).is_empty());
}

#[test]
fn what_does_not_fit_is_told() {
    let (headerlet, _) = made(&CreateOptions::default());
    let error = |keyword: &str, value: &str, options: &ApplyOptions| {
        let (mut file, _) = exposure(-29.0);
        file.hdus[0].header.set(keyword, value, None).unwrap();
        apply_as_primary(&mut file, &headerlet, options)
            .err()
            .map(|error| error.to_string())
    };
    let options = ApplyOptions::default();
    assert!(error("ROOTNAME", "other", &options).unwrap().contains("other"));
    assert!(
        error("DISTNAME", "jtst00q_b-a-NOMODEL", &options)
            .unwrap()
            .contains("--force")
    );
    let force = ApplyOptions {
        force: true,
        ..options
    };
    assert_eq!(error("DISTNAME", "jtst00q_b-a-NOMODEL", &force), None);
    let (file, tables) = exposure(-30.0);
    for (wcskey, wcsname) in [
        (Some('B'), None),
        (Some('O'), None),
        (None, Some("NONE".to_owned())),
    ] {
        let options = CreateOptions {
            wcskey,
            wcsname,
            ..CreateOptions::default()
        };
        assert!(create(&file, &tables, &options, "").is_err());
    }
    assert!(create(&file, &Tables::new(), &CreateOptions::default(), "").is_err());
}

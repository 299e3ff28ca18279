//! Observations and reference files, small, in a folder of their own.

use firstlight_calibrate::acs::acs2d::{Acs2dOptions, Acs2dReport, acs2d};
use firstlight_calibrate::acs::{Chip, Observation, Reference, References};
use firstlight_calibrate::{Error, Result};
use firstlight_frame::fits::{Column, FitsWriter, Header, Overwrite, Table, Value};
use firstlight_frame::{Frame, Image};
use tempfile::TempDir;

/// Reference files, and the folder that they are in.
pub struct World {
    folder: TempDir,
    pub references: References,
}

/// One image of a reference file.
pub struct Plane {
    pub chip: i64,
    pub ltv: (f64, f64),
    pub ltm: f64,
    pub frame: Frame,
}

impl Plane {
    pub fn of(chip: i64, frame: Frame) -> Self {
        Self {
            chip,
            ltv: (0.0, 0.0),
            ltm: 1.0,
            frame,
        }
    }
}

/// A frame by functions of the position.
pub fn frame(
    (ny, nx): (usize, usize),
    sci: impl Fn(usize, usize) -> f32,
    err: f32,
    dq: impl Fn(usize, usize) -> u16,
) -> Frame {
    Frame {
        sci: Image::from_fn(ny, nx, sci),
        err: Image::filled(ny, nx, err),
        dq: Image::from_fn(ny, nx, dq),
    }
}

/// A header of these cards.
pub fn header(cards: &[(&str, Value)]) -> Header {
    let mut header = Header::new();
    for (keyword, value) in cards {
        header.set(keyword, value.clone(), Some("as it was")).unwrap();
    }
    header
}

pub fn text(text: &str) -> Value {
    Value::from(text)
}

impl World {
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            references: References::new(),
        }
    }

    /// A reference image, with cards of its primary header besides or instead of the usual ones.
    pub fn image(&mut self, keyword: &str, planes: &[Plane], cards: &[(&str, Value)]) {
        let path = self
            .folder
            .path()
            .join(format!("{}.fits", keyword.to_lowercase()));
        let mut writer = FitsWriter::create(&path, Overwrite::Replace).unwrap();
        writer
            .empty_primary(&primary_of_reference(keyword, cards))
            .unwrap();
        for (version, plane) in (1..).zip(planes) {
            let named = |name: &str| {
                header(&[
                    ("EXTNAME", text(name)),
                    ("EXTVER", Value::from(version)),
                    ("CCDCHIP", Value::from(plane.chip)),
                    ("LTV1", Value::from(plane.ltv.0)),
                    ("LTV2", Value::from(plane.ltv.1)),
                    ("LTM1_1", Value::from(plane.ltm)),
                    ("LTM2_2", Value::from(plane.ltm)),
                ])
            };
            let shape = plane.frame.sci.shape();
            writer
                .image(&named("SCI"), (plane.frame.sci.as_slice(), shape))
                .unwrap();
            writer
                .image(&named("ERR"), (plane.frame.err.as_slice(), shape))
                .unwrap();
            let dq: Vec<i16> = plane
                .frame
                .dq
                .as_slice()
                .iter()
                .map(|&bits| bits as i16)
                .collect();
            writer.image(&named("DQ"), (dq.as_slice(), shape)).unwrap();
        }
        writer.finish().unwrap();
        let named = format!("jref${}.fits", keyword.to_lowercase());
        self.references
            .add(Reference::open(keyword, &named, &path).unwrap());
    }

    /// A reference table of one or more HDUs.
    pub fn tables(&mut self, keyword: &str, tables: &[(&str, Table)], cards: &[(&str, Value)]) {
        let path = self
            .folder
            .path()
            .join(format!("{}.fits", keyword.to_lowercase()));
        let mut writer = FitsWriter::create(&path, Overwrite::Replace).unwrap();
        writer
            .empty_primary(&primary_of_reference(keyword, cards))
            .unwrap();
        for (name, table) in tables {
            writer.table(&header(&[("EXTNAME", text(name))]), table).unwrap();
        }
        writer.finish().unwrap();
        let named = format!("jref${}.fits", keyword.to_lowercase());
        self.references
            .add(Reference::open(keyword, &named, &path).unwrap());
    }

    pub fn run(&self, observation: &mut Observation) -> Result<Acs2dReport> {
        acs2d(observation, &self.references, &Acs2dOptions::default())
    }

    /// What is said of an observation that must not be calibrated.
    pub fn refused(&self, observation: &mut Observation) -> (Error, String) {
        let error = self.run(observation).unwrap_err();
        let words = error.to_string();
        (error, words)
    }

    /// CCDTAB with a row for each chip.
    pub fn ccdtab(&mut self, ccdamp: &str, chips: &[i64]) {
        let all = |value: f64| vec![value; chips.len()];
        let mut table = Table::new();
        let mut push = |column: Column| table.push(column).unwrap();
        push(Column::text("CCDAMP", chips.iter().map(|_| ccdamp)));
        push(Column::f64(
            "CCDCHIP",
            chips.iter().map(|&chip| chip as f64).collect(),
        ));
        push(Column::f64("CCDGAIN", all(2.0)));
        for name in ["CCDOFSTA", "CCDOFSTB", "CCDOFSTC", "CCDOFSTD"] {
            push(Column::f64(name, all(3.0)));
        }
        for (letter, number) in ["A", "B", "C", "D"].into_iter().zip(1..) {
            push(Column::f64(
                format!("ATODGN{letter}"),
                all(2.0 + 0.01 * f64::from(number)),
            ));
            push(Column::f64(
                format!("READNSE{letter}"),
                all(4.0 + 0.1 * f64::from(number)),
            ));
            push(Column::f64(format!("CCDBIAS{letter}"), all(2500.0)));
        }
        for (name, value) in [
            ("AMPX", 2072.0),
            ("AMPY", 0.0),
            ("SATURATE", 84700.0),
            ("ATODSAT", 65535.0),
            ("OVRHFLS", 3.0),
            ("OVRHUFLS", 1.0),
        ] {
            push(Column::f64(name, all(value)));
        }
        push(Column::text("PEDIGREE", chips.iter().map(|_| "GROUND")));
        push(Column::text(
            "DESCRIP",
            chips.iter().map(|_| "parameters of a chip"),
        ));
        self.tables("CCDTAB", &[("CCD", table)], &[]);
    }
}

fn primary_of_reference(keyword: &str, cards: &[(&str, Value)]) -> Header {
    let mut primary = header(&[
        ("INSTRUME", text("ACS")),
        ("PEDIGREE", text("INFLIGHT 01/03/2006 01/04/2006")),
        ("DESCRIP", text(&format!("made as {keyword}"))),
    ]);
    for (keyword, value) in cards {
        primary.set(keyword, value.clone(), None).unwrap();
    }
    primary
}

/// A frame of a CCD as acsccd leaves it; `switches` are PERFORM.
pub fn ccd(detector: &str, ccdamp: &str, chips: Vec<Chip>, switches: &[&str]) -> Observation {
    let mut primary = header(&[
        ("TELESCOP", text("HST")),
        ("INSTRUME", text("ACS")),
        ("DETECTOR", text(detector)),
        ("CCDAMP", text(ccdamp)),
        ("CCDGAIN", Value::from(2.0)),
        ("FILTER1", text("F606W")),
        ("FILTER2", text("CLEAR2L")),
        ("OBSTYPE", text("IMAGING")),
        ("DATE-OBS", text("2006-03-13")),
        ("EXPSTART", Value::from(53807.1)),
        ("EXPEND", Value::from(53807.2)),
        ("EXPTIME", Value::from(350.0)),
        ("DARKTIME", Value::from(400.0)),
        ("FLASHDUR", Value::from(0.0)),
        ("BLEVCORR", text("COMPLETE")),
    ]);
    for switch in switches {
        primary.set(switch, "PERFORM", Some("a switch")).unwrap();
    }
    Observation {
        name: "small_blv.fits".to_owned(),
        primary,
        chips,
    }
}

/// A chip whose first pixel is pixel `corner` `(x, y)` of the detector.
pub fn chip(number: i64, version: i64, corner: (f64, f64), frame: Frame) -> Chip {
    let named = |name: &str| {
        header(&[
            ("EXTNAME", text(name)),
            ("EXTVER", Value::from(version)),
            ("CCDCHIP", Value::from(number)),
            ("BUNIT", text("ELECTRONS")),
            ("LTV1", Value::from(-corner.0)),
            ("LTV2", Value::from(-corner.1)),
            ("SDQFLAGS", Value::from(31743)),
        ])
    };
    Chip {
        version,
        frame,
        sci: named("SCI"),
        err: named("ERR"),
        dq: named("DQ"),
    }
}

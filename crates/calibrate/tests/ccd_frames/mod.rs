//! Small frames of the CCDs with the reference files they need, made from numbers that the tests choose.
#![allow(dead_code)]

use firstlight_calibrate::acs::{Chip, Observation, Reference, References};
use firstlight_frame::fits::{Array, Column, ColumnData, FitsWriter, Header, Overwrite, Table, Value};
use firstlight_frame::{Frame, Image};
use std::path::PathBuf;
use tempfile::TempDir;

/// Gains of the amplifiers, e/DN, and their readout noise, e.
pub const GAIN: [f32; 4] = [1.25, 0.75, 1.5, 0.5];
pub const READNOISE: [f32; 4] = [5.0, 4.0, 3.0, 6.0];
pub const DEFAULT_BIAS_DN: [f32; 4] = [1000.0, 1100.0, 1200.0, 1300.0];
pub const ATOD_SATURATE: i32 = 60000;
pub const FULL_WELL_E: f32 = 30000.0;

/// One chip's place and size.
#[derive(Clone, Copy)]
pub struct Layout {
    pub number: i64,
    pub shape: (usize, usize),
    pub ltv: (f64, f64),
    pub trim_x: [i32; 2],
    pub trim_y: [i32; 2],
    pub section_a: [i32; 2],
    pub section_b: [i32; 2],
    pub virtual_x: [i32; 2],
    pub virtual_y: [i32; 2],
    pub ampx: i32,
}

impl Layout {
    /// Chip 1 of WFC in small: 6 columns of overscan at both sides, 4 rows of it below.
    pub fn upper() -> Self {
        Self {
            number: 1,
            shape: (44, 72),
            ltv: (6.0, 4.0),
            trim_x: [6, 6],
            trim_y: [4, 0],
            section_a: [2, 5],
            section_b: [68, 71],
            virtual_x: [0, 0],
            virtual_y: [0, 0],
            ampx: 30,
        }
    }

    /// Chip 2 in small, with its virtual overscan above.
    pub fn lower() -> Self {
        Self {
            number: 2,
            ltv: (6.0, 0.0),
            trim_y: [0, 4],
            ..Self::upper()
        }
    }
}

/// A folder of reference files.
pub struct Files {
    pub folder: TempDir,
    pub references: References,
}

impl Files {
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            references: References::new(),
        }
    }

    /// All that the steps ask for, for chips of these layouts.
    pub fn of(detector: &str, ccdamp: &str, chips: &[Layout]) -> Self {
        let mut files = Self::new();
        files.ccdtab(detector, ccdamp, chips);
        files.oscntab(detector, ccdamp, chips);
        files.bpixtab(detector, &[]);
        files.image("BIASFILE", detector, chips, |_, _, _| (0.0, 0.0, 0));
        files.image("SATUFILE", detector, chips, |_, _, _| (FULL_WELL_E, 0.0, 0));
        files
    }

    pub fn path(&self, keyword: &str) -> PathBuf {
        self.folder
            .path()
            .join(format!("{}.fits", keyword.to_lowercase()))
    }

    pub fn primary(detector: &str, pedigree: &str) -> Header {
        let mut primary = Header::new();
        for (keyword, value) in [
            ("INSTRUME", "ACS"),
            ("DETECTOR", detector),
            ("PEDIGREE", pedigree),
            ("DESCRIP", "made for a test"),
        ] {
            primary.set(keyword, value, None).unwrap();
        }
        primary
    }

    fn open(&mut self, keyword: &str) {
        let named = format!("jref${}.fits", keyword.to_lowercase());
        let reference = Reference::open(keyword, &named, &self.path(keyword)).unwrap();
        self.references.add(reference);
    }

    pub fn table(&mut self, keyword: &str, primary: &Header, columns: Vec<Column>) {
        let mut table = Table::new();
        columns.into_iter().for_each(|column| table.push(column).unwrap());
        let mut writer = FitsWriter::create(self.path(keyword), Overwrite::Replace).unwrap();
        writer.empty_primary(primary).unwrap();
        writer.table(&Header::new(), &table).unwrap();
        writer.finish().unwrap();
        self.open(keyword);
    }

    pub fn ccdtab(&mut self, detector: &str, ccdamp: &str, chips: &[Layout]) {
        let n = chips.len();
        let mut columns = vec![
            Column::text("CCDAMP", vec![ccdamp; n]),
            Column::i16("CCDCHIP", chips.iter().map(|chip| chip.number as i16).collect()),
            Column::f32("CCDGAIN", vec![2.0; n]),
        ];
        for letter in ["A", "B", "C", "D"] {
            columns.push(Column::i16(format!("CCDOFST{letter}"), vec![3; n]));
        }
        for (stem, values) in [
            ("CCDBIAS", DEFAULT_BIAS_DN),
            ("ATODGN", GAIN),
            ("READNSE", READNOISE),
        ] {
            for (letter, value) in ["A", "B", "C", "D"].into_iter().zip(values) {
                columns.push(Column::f32(format!("{stem}{letter}"), vec![value; n]));
            }
        }
        columns.push(Column::i16(
            "AMPX",
            chips.iter().map(|chip| chip.ampx as i16).collect(),
        ));
        columns.push(Column::i16("AMPY", vec![0; n]));
        columns.push(Column::i32("ATODSAT", vec![ATOD_SATURATE; n]));
        for (name, value) in [("SATURATE", 80000.0), ("OVRHFLS", 4.5), ("OVRHUFLS", 3.0)] {
            columns.push(Column::f32(name, vec![value; n]));
        }
        columns.push(Column::text("PEDIGREE", vec!["GROUND of the row"; n]));
        columns.push(Column::text("DESCRIP", vec!["descrip of the row"; n]));
        self.table("CCDTAB", &Self::primary(detector, "GROUND"), columns);
    }

    pub fn oscntab(&mut self, detector: &str, ccdamp: &str, chips: &[Layout]) {
        let primary = Self::primary(detector, "GROUND");
        self.oscntab_of(&primary, ccdamp, chips);
    }

    pub fn oscntab_of(&mut self, primary: &Header, ccdamp: &str, chips: &[Layout]) {
        let of = |name: &str, value: &dyn Fn(&Layout) -> i32| {
            Column::i16(name, chips.iter().map(|chip| value(chip) as i16).collect())
        };
        let columns = vec![
            Column::text("CCDAMP", vec![ccdamp; chips.len()]),
            of("CCDCHIP", &|chip| chip.number as i32),
            of("BINX", &|_| 1),
            of("BINY", &|_| 1),
            of("NX", &|chip| chip.shape.1 as i32),
            of("NY", &|chip| chip.shape.0 as i32),
            of("TRIMX1", &|chip| chip.trim_x[0]),
            of("TRIMX2", &|chip| chip.trim_x[1]),
            of("TRIMY1", &|chip| chip.trim_y[0]),
            of("TRIMY2", &|chip| chip.trim_y[1]),
            of("VX1", &|chip| chip.virtual_x[0]),
            of("VX2", &|chip| chip.virtual_x[1]),
            of("VY1", &|chip| chip.virtual_y[0]),
            of("VY2", &|chip| chip.virtual_y[1]),
            of("BIASSECTA1", &|chip| chip.section_a[0]),
            of("BIASSECTA2", &|chip| chip.section_a[1]),
            of("BIASSECTB1", &|chip| chip.section_b[0]),
            of("BIASSECTB2", &|chip| chip.section_b[1]),
        ];
        self.table("OSCNTAB", primary, columns);
    }

    /// Rows of CCDAMP, CCDCHIP, PIX1, PIX2, LENGTH, AXIS, VALUE.
    pub fn bpixtab(&mut self, detector: &str, rows: &[(&str, i16, i16, i16, i16, i16, i16)]) {
        self.bpixtab_of(&Self::primary(detector, "GROUND"), rows);
    }

    pub fn bpixtab_of(&mut self, primary: &Header, rows: &[(&str, i16, i16, i16, i16, i16, i16)]) {
        let columns = vec![
            Column::text("CCDAMP", rows.iter().map(|row| row.0)),
            Column::i16("CCDCHIP", rows.iter().map(|row| row.1).collect()),
            Column::i16("CCDGAIN", vec![-999; rows.len()]),
            Column::i16("PIX1", rows.iter().map(|row| row.2).collect()),
            Column::i16("PIX2", rows.iter().map(|row| row.3).collect()),
            Column::i16("LENGTH", rows.iter().map(|row| row.4).collect()),
            Column::i16("AXIS", rows.iter().map(|row| row.5).collect()),
            Column::i16("VALUE", rows.iter().map(|row| row.6).collect()),
        ];
        self.table("BPIXTAB", primary, columns);
    }

    /// One row, for gain 2: `values` for the samples 0, 1, ….
    pub fn atodtab(&mut self, detector: &str, ccdamp: &str, values: &[f32]) {
        let atod = ColumnData::F32(values.to_vec());
        let columns = vec![
            Column::text("CCDAMP", [ccdamp]),
            Column::f32("CCDGAIN", vec![2.0]),
            Column::text("REF_KEY", ["EXPSTART"]),
            Column::f64("REF_KEY_VALUE", vec![53000.0]),
            Column::i32("NELEM", vec![values.len() as i32]),
            Column::array("ATOD", vec![values.len()], atod).unwrap(),
        ];
        self.table("ATODTAB", &Self::primary(detector, "GROUND"), columns);
    }

    /// An image of each chip, sample by sample from `(x, y, number)`.
    pub fn image(
        &mut self,
        keyword: &str,
        detector: &str,
        chips: &[Layout],
        sample: impl Fn(usize, usize, i64) -> (f32, f32, u16),
    ) {
        self.image_of(keyword, &Self::primary(detector, "GROUND"), chips, sample);
    }

    pub fn image_of(
        &mut self,
        keyword: &str,
        primary: &Header,
        chips: &[Layout],
        sample: impl Fn(usize, usize, i64) -> (f32, f32, u16),
    ) {
        let mut writer = FitsWriter::create(self.path(keyword), Overwrite::Replace).unwrap();
        writer.empty_primary(primary).unwrap();
        for (version, chip) in (1i64..).zip(chips) {
            let (ny, nx) = chip.shape;
            let at = |i: usize| sample(i % nx, i / nx, chip.number);
            let header = |name: &str| extension(name, version, chip);
            let shape = vec![ny, nx];
            let data = (0..nx * ny).map(|i| at(i).0).collect::<Vec<f32>>();
            let sci = Array {
                shape: shape.clone(),
                data,
            };
            writer.image(&header("SCI"), &sci).unwrap();
            let data = (0..nx * ny).map(|i| at(i).1).collect::<Vec<f32>>();
            let err = Array {
                shape: shape.clone(),
                data,
            };
            writer.image(&header("ERR"), &err).unwrap();
            let data = (0..nx * ny).map(|i| at(i).2 as i16).collect::<Vec<i16>>();
            writer.image(&header("DQ"), &Array { shape, data }).unwrap();
        }
        writer.finish().unwrap();
        self.open(keyword);
    }
}

pub fn extension(name: &str, version: i64, chip: &Layout) -> Header {
    let mut header = Header::new();
    header.set("EXTNAME", name, None).unwrap();
    header.set("EXTVER", version, None).unwrap();
    header.set("CCDCHIP", chip.number, None).unwrap();
    for (keyword, value) in [
        ("LTV1", chip.ltv.0),
        ("LTV2", chip.ltv.1),
        ("LTM1_1", 1.0),
        ("LTM2_2", 1.0),
    ] {
        header.set(keyword, value, None).unwrap();
    }
    header
}

/// A raw exposure, DN from `(x, y, number)`; all switches of the stage but ATODCORR and SINKCORR are PERFORM.
pub fn raw(
    detector: &str,
    ccdamp: &str,
    chips: &[Layout],
    dn: impl Fn(usize, usize, i64) -> f32,
) -> Observation {
    let mut primary = Header::new();
    let mut set = |keyword: &str, value: Value| primary.set(keyword, value, Some("a comment")).unwrap();
    for (keyword, text) in [
        ("INSTRUME", "ACS"),
        ("DETECTOR", detector),
        ("CCDAMP", ccdamp),
        ("TARGNAME", "47TUC"),
        ("APERTURE", "WFC"),
        ("DQICORR", "PERFORM"),
        ("ATODCORR", "OMIT"),
        ("BIASCORR", "PERFORM"),
        ("BLEVCORR", "PERFORM"),
        ("SINKCORR", "OMIT"),
    ] {
        set(keyword, text.into());
    }
    for (keyword, number) in [
        ("EXPTIME", 100.0),
        ("EXPSTART", 53807.1),
        ("EXPEND", 53807.2),
        ("CCDGAIN", 2.0),
        ("DARKTIME", 101.0),
        ("BIASLEVA", 0.0),
        ("BIASLEVB", 0.0),
        ("BIASLEVC", 0.0),
        ("BIASLEVD", 0.0),
    ] {
        set(keyword, number.into());
    }
    set("SUBARRAY", false.into());
    let chips = (1i64..).zip(chips).map(|(version, chip)| {
        let (ny, nx) = chip.shape;
        let mut sci = extension("SCI", version, chip);
        sci.set("SDQFLAGS", 31743, None).unwrap();
        sci.set("CRPIX1", 36.0, None).unwrap();
        sci.set("BUNIT", "COUNTS", None).unwrap();
        let mut err = extension("ERR", version, chip);
        err.set("BUNIT", "COUNTS", None).unwrap();
        Chip {
            version,
            frame: Frame {
                sci: Image::from_fn(ny, nx, |x, y| dn(x, y, chip.number)),
                err: Image::filled(ny, nx, 0.0),
                dq: Image::filled(ny, nx, 0),
            },
            sci,
            err,
            dq: extension("DQ", version, chip),
        }
    });
    Observation {
        name: "test_raw.fits".to_owned(),
        chips: chips.collect(),
        primary,
    }
}

/// The index of the amplifier that reads column `x` of a chip of two amplifiers, 0 for A.
pub fn amplifier(chip: &Layout, x: usize) -> usize {
    let is_right = x >= (chip.ampx as usize) + chip.ltv.0 as usize;
    (if chip.number == 1 { 0 } else { 2 }) + usize::from(is_right)
}

/// Whether a pixel lies in the imaging area.
pub fn is_imaging(chip: &Layout, x: usize, y: usize) -> bool {
    let within = |at: usize, [before, behind]: [i32; 2], length: usize| {
        at >= before as usize && at < length - behind as usize
    };
    within(x, chip.trim_x, chip.shape.1) && within(y, chip.trim_y, chip.shape.0)
}

pub fn history(observation: &Observation) -> Vec<String> {
    let lines = observation.primary.commentary("HISTORY").into_iter();
    lines.map(|line| line.trim_end().to_owned()).collect()
}

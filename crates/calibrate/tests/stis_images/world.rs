//! Reference files in a folder of their own, and frames of the CCD.

use firstlight_calibrate::{Chip, Observation, Reference, References};
use firstlight_frame::fits::{Column, FitsWriter, Header, Overwrite, Table, Value};
use firstlight_frame::{Frame, Image};
use tempfile::TempDir;

pub struct World {
    folder: TempDir,
    pub references: References,
}

pub fn header(cards: &[(&str, Value)]) -> Header {
    let mut header = Header::new();
    for (keyword, value) in cards {
        header.set(keyword, value.clone(), None).unwrap();
    }
    header
}

pub fn table(columns: Vec<Column>) -> Table {
    let mut table = Table::new();
    columns.into_iter().for_each(|column| table.push(column).unwrap());
    table
}

impl World {
    /// With a CCDTAB of gain 4 and amplifier D.
    pub fn new() -> Self {
        let mut world = Self {
            folder: tempfile::tempdir().unwrap(),
            references: References::new(),
        };
        world.ccdtab(1);
        world
    }

    /// CCDTAB of one row, for pixels of `bin`.
    pub fn ccdtab(&mut self, bin: i64) {
        let real = |name: &str, value: f64| Column::f64(name, vec![value]);
        let whole = |name: &str, value: i64| Column::i16(name, vec![value as i16]);
        let mut columns = vec![
            Column::text("CCDAMP", ["D"]),
            whole("CCDGAIN", 4),
            whole("CCDOFFST", 3),
            whole("BINAXIS1", bin),
            whole("BINAXIS2", bin),
        ];
        columns.extend([
            real("ATODGAIN", 4.016),
            real("CCDBIAS", 1500.0),
            real("READNSE", 8.0),
            real("SATURATE", 33000.0),
        ]);
        self.tables("CCDTAB", &[("CCDTAB", table(columns))], &[]);
    }

    /// A reference image by its LTM and LTV.
    pub fn image(&mut self, keyword: &str, frame: Frame, (ltm, ltv): (f64, (f64, f64))) {
        let path = self
            .folder
            .path()
            .join(format!("{}.fits", keyword.to_lowercase()));
        let mut writer = FitsWriter::create(&path, Overwrite::Replace).unwrap();
        let primary = header(&[("PEDIGREE", "INFLIGHT".into()), ("INSTRUME", "STIS".into())]);
        writer.empty_primary(&primary).unwrap();
        let named = |name: &str| {
            header(&[
                ("EXTNAME", name.into()),
                ("EXTVER", 1i64.into()),
                ("LTM1_1", ltm.into()),
                ("LTM2_2", ltm.into()),
                ("LTV1", ltv.0.into()),
                ("LTV2", ltv.1.into()),
            ])
        };
        let shape = frame.sci.shape();
        writer
            .image(&named("SCI"), (frame.sci.as_slice(), shape))
            .unwrap();
        writer
            .image(&named("ERR"), (frame.err.as_slice(), shape))
            .unwrap();
        let dq: Vec<i16> = frame.dq.as_slice().iter().map(|&bits| bits as i16).collect();
        writer.image(&named("DQ"), (dq.as_slice(), shape)).unwrap();
        writer.finish().unwrap();
        let named = format!("oref${}.fits", keyword.to_lowercase());
        self.references
            .add(Reference::open(keyword, &named, &path).unwrap());
    }

    pub fn tables(&mut self, keyword: &str, tables: &[(&str, Table)], cards: &[(&str, Value)]) {
        let path = self
            .folder
            .path()
            .join(format!("{}.fits", keyword.to_lowercase()));
        let mut writer = FitsWriter::create(&path, Overwrite::Replace).unwrap();
        let mut primary = header(&[("PEDIGREE", "INFLIGHT".into()), ("INSTRUME", "STIS".into())]);
        for (keyword, value) in cards {
            primary.set(keyword, value.clone(), None).unwrap();
        }
        writer.empty_primary(&primary).unwrap();
        for (name, table) in tables {
            let name = header(&[("EXTNAME", (*name).into())]);
            writer.table(&name, table).unwrap();
        }
        writer.finish().unwrap();
        let named = format!("oref${}.fits", keyword.to_lowercase());
        self.references
            .add(Reference::open(keyword, &named, &path).unwrap());
    }
}

/// An image through 50CCD without overscan, PHOTCORR to be done.
pub fn image(mjd: f64, celsius: f64) -> Observation {
    let primary = header(&[
        ("INSTRUME", "STIS".into()),
        ("DETECTOR", "CCD".into()),
        ("CCDAMP", "D".into()),
        ("CCDGAIN", 4i64.into()),
        ("CCDOFFST", 3i64.into()),
        ("OBSTYPE", "IMAGING".into()),
        ("OPT_ELEM", "MIRVIS".into()),
        ("APERTURE", "50CCD".into()),
        ("TARGNAME", "STAR".into()),
        ("PHOTCORR", "PERFORM".into()),
    ]);
    let sci = header(&[
        ("EXPTIME", 100.0.into()),
        ("EXPSTART", mjd.into()),
        ("EXPEND", (mjd + 0.01).into()),
        ("OCCDHTAV", celsius.into()),
    ]);
    let chip = Chip {
        version: 1,
        frame: Frame {
            sci: Image::from_fn(8, 8, |x, y| (1600 + x + y) as f32),
            err: Image::filled(8, 8, 1.0),
            dq: Image::filled(8, 8, 0),
        },
        sci,
        err: Header::new(),
        dq: Header::new(),
    };
    Observation {
        name: "made by hand".to_owned(),
        primary,
        chips: vec![chip],
    }
}

//! Small exposures for the tests.

use firstlight_fits::{ArrayView, FitsWriter, Header, Overwrite, Value};
use firstlight_frame::Exposure;
use firstlight_mosaic::Member;
use std::path::{Path, PathBuf};

pub const NX: usize = 24;
pub const NY: usize = 20;

/// An exposure to be written; every field can be changed before.
pub struct Made {
    pub name: &'static str,
    pub exptime_s: f64,
    pub bunit: &'static str,
    pub sci: Vec<f32>,
    pub err: Option<Vec<f32>>,
    pub dq: Vec<i16>,
    /// Pixels that the pointing is moved by.
    pub shift: (f64, f64),
    pub chips: i64,
    pub wcs: bool,
    pub more: Vec<(&'static str, Value)>,
}

impl Default for Made {
    fn default() -> Self {
        Self {
            name: "one",
            exptime_s: 100.0,
            bunit: "ELECTRONS",
            sci: (0..NX * NY).map(|i| (i % 7) as f32 * 100.0).collect(),
            err: Some(vec![10.0; NX * NY]),
            dq: vec![0; NX * NY],
            shift: (0.0, 0.0),
            chips: 1,
            wcs: true,
            more: Vec::new(),
        }
    }
}

impl Made {
    pub fn write(&self, folder: &Path) -> PathBuf {
        let path = folder.join(format!("{}_flt.fits", self.name));
        let mut writer = FitsWriter::create(&path, Overwrite::Replace).unwrap();
        let mut primary = Header::new();
        let text = |text: &str| Value::Text(text.to_owned());
        let mut cards = vec![
            ("INSTRUME", text("ACS")),
            ("DETECTOR", text("HRC")),
            ("ROOTNAME", text(self.name)),
            ("EXPTIME", Value::Real(self.exptime_s)),
            ("EXPSTART", Value::Real(50_000.0)),
            ("EXPEND", Value::Real(50_000.0 + self.exptime_s / 86_400.0)),
            ("READNSEA", Value::Real(5.0)),
            ("DRIZCORR", text("PERFORM")),
        ];
        cards.extend(self.more.iter().cloned());
        for (keyword, value) in cards {
            primary.set(keyword, value, None).unwrap();
        }
        writer.empty_primary(&primary).unwrap();
        for chip in 1..=self.chips {
            self.write_chip(&mut writer, chip);
        }
        writer.finish().unwrap();
        path
    }

    fn write_chip(&self, writer: &mut FitsWriter, chip: i64) {
        let mut header = Header::new();
        let mut set = |keyword: &str, value: Value| header.set(keyword, value, None).unwrap();
        set("EXTNAME", Value::Text("SCI".to_owned()));
        set("EXTVER", Value::Integer(chip));
        set("EXPNAME", Value::Text(self.name.to_owned()));
        set("BUNIT", Value::Text(self.bunit.to_owned()));
        set("NGOODPIX", Value::Integer((NX * NY) as i64));
        if self.wcs {
            let scale = 0.05 / 3600.0;
            set("CTYPE1", Value::Text("RA---TAN".to_owned()));
            set("CTYPE2", Value::Text("DEC--TAN".to_owned()));
            set("CRVAL1", Value::Real(10.0));
            set("CRVAL2", Value::Real(20.0));
            // A second chip lies above the first.
            set("CRPIX1", Value::Real(12.0 - self.shift.0));
            set(
                "CRPIX2",
                Value::Real(10.0 - self.shift.1 - (chip - 1) as f64 * (NY + 2) as f64),
            );
            set("CD1_1", Value::Real(-scale));
            set("CD1_2", Value::Real(0.0));
            set("CD2_1", Value::Real(0.0));
            set("CD2_2", Value::Real(scale));
        }
        let shape = [NY, NX];
        writer
            .image(&header, ArrayView::new(&shape, &self.sci).unwrap())
            .unwrap();
        let named = |name: &str| {
            let mut header = Header::new();
            header.set("EXTNAME", name, None).unwrap();
            header.set("EXTVER", chip, None).unwrap();
            header
        };
        if let Some(err) = &self.err {
            let rows = err.len() / NX;
            writer
                .image(&named("ERR"), ArrayView::new(&[rows, NX], err).unwrap())
                .unwrap();
        }
        writer
            .image(&named("DQ"), ArrayView::new(&shape, &self.dq).unwrap())
            .unwrap();
    }

    pub fn member(&self, folder: &Path) -> Member {
        Member {
            exposure: Exposure::open(self.write(folder)).unwrap(),
            flat: None,
            ivm: None,
            sky_masks: Vec::new(),
        }
    }
}

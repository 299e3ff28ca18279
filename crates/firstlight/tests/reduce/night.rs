//! Frames without noise: a bias with columns, a dark with hot pixels, flats that fall off, and a sky with a star.

use firstlight::ccd::{CcdFile, CcdOpenOptions};
use firstlight::fits::{ArrayView, FitsWriter, Header, Overwrite};
use firstlight::frame::Image;
use firstlight::progress::Silent;
use firstlight::reduce::{ReduceOptions, ReduceReport, reduce};
use std::path::{Path, PathBuf};

pub const SHAPE: (usize, usize) = (24, 30);

/// A folder with a night, and where its products go.
pub struct Night {
    folder: tempfile::TempDir,
}

/// What stands in a header.
pub struct Cards {
    pub kind: i64,
    pub filter: &'static str,
    pub exptime: f64,
    pub temperature: f64,
    pub date: String,
}

impl Cards {
    pub fn new(kind: i64, filter: &'static str, exptime: f64) -> Self {
        Self {
            kind,
            filter,
            exptime,
            temperature: -5.0,
            date: "2018-03-09T02:00:00".to_owned(),
        }
    }

    pub fn at(mut self, temperature: f64) -> Self {
        self.temperature = temperature;
        self
    }

    pub fn on(mut self, date: &str) -> Self {
        self.date = date.to_owned();
        self
    }

    pub fn header(&self) -> Header {
        let mut header = Header::new();
        header.set("PICTTYPE", self.kind, None).unwrap();
        if !self.filter.is_empty() {
            header.set("FILTER", self.filter, None).unwrap();
        }
        header.set("EXPTIME", self.exptime, None).unwrap();
        header.set("CCD-TEMP", self.temperature, None).unwrap();
        header.set("DATE-OBS", self.date.as_str(), None).unwrap();
        header.set("OBJECT", "NGC 3201", None).unwrap();
        header
    }
}

pub fn bias(x: usize) -> f64 {
    110.0 + (x % 5) as f64
}

/// Counts in 600 s.
pub fn dark(x: usize, y: usize) -> f64 {
    if (x * 7 + y * 3).is_multiple_of(41) {
        4000.0
    } else {
        20.0
    }
}

/// 1 on the average.
pub fn flat(x: usize, filter: &str) -> f64 {
    let slope = if filter == "V" { 0.01 } else { 0.02 };
    1.0 + slope * (x as f64 - 14.5)
}

/// Counts in 60 s.
pub fn sky(x: usize, y: usize) -> f64 {
    if (9..12).contains(&x) && (5..8).contains(&y) {
        20_000.0
    } else {
        1000.0
    }
}

pub fn raw(cards: &Cards, x: usize, y: usize) -> u16 {
    let dark = dark(x, y) * cards.exptime / 600.0;
    let light = match cards.kind {
        1 => flat(x, cards.filter) * sky(x, y) * cards.exptime / 60.0,
        4 => flat(x, cards.filter) * 30_000.0,
        _ => 0.0,
    };
    let time = if cards.kind == 2 { 0.0 } else { dark };
    (bias(x) + time + light).round() as u16
}

pub fn write(path: &Path, header: &Header, data: &Image<u16>) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut writer = FitsWriter::create(path, Overwrite::Replace).unwrap();
    let view = ArrayView::new(&[data.ny(), data.nx()], data.as_slice()).unwrap();
    writer.image(header, view).unwrap();
    writer.finish().unwrap();
}

impl Night {
    pub fn empty() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// Three biases, two darks, two flats and two frames of the sky in V and in B.
    pub fn usual() -> Self {
        let night = Self::empty();
        for n in 0..3 {
            night.put(&format!("bias{n}.fits"), &Cards::new(2, "", 0.0));
        }
        for n in 0..2 {
            night.put(&format!("dark{n}.fits"), &Cards::new(3, "", 600.0));
        }
        for filter in ["V", "B"] {
            for n in 0..2 {
                night.put(&format!("flat_{filter}{n}.fits"), &Cards::new(4, filter, 6.0));
                night.put(&format!("ngc_{filter}_{n}.fits"), &Cards::new(1, filter, 60.0));
            }
        }
        night
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("raw").join(name)
    }

    pub fn put(&self, name: &str, cards: &Cards) {
        let (ny, nx) = SHAPE;
        let data = Image::from_fn(ny, nx, |x, y| raw(cards, x, y));
        write(&self.path(name), &cards.header(), &data);
    }

    pub fn out(&self) -> PathBuf {
        self.folder.path().join("out")
    }

    pub fn input(&self) -> Vec<String> {
        vec![self.folder.path().join("raw").to_string_lossy().into_owned()]
    }

    pub fn reduce(&self, options: &ReduceOptions) -> firstlight::Result<ReduceReport> {
        reduce(&self.input(), &self.out(), options, &Silent)
    }

    pub fn product(&self, name: &str) -> Image<f32> {
        samples(&self.out().join("reduced").join(name))
    }
}

pub fn samples(path: &Path) -> Image<f32> {
    let file = CcdFile::open(path, &CcdOpenOptions::default()).unwrap();
    file.read::<f32>().unwrap().sci
}

pub fn without_page() -> ReduceOptions {
    ReduceOptions {
        no_page: true,
        ..ReduceOptions::default()
    }
}

/// What the report says of a frame that failed.
pub fn why(report: &ReduceReport, name: &str) -> String {
    let failed = report.failed.iter().find(|failure| failure.file.ends_with(name));
    failed
        .unwrap_or_else(|| panic!("{name} did not fail: {:?}", report.failed))
        .error
        .clone()
}

pub fn names(report: &ReduceReport) -> Vec<String> {
    let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    report.reduced.iter().map(|frame| name(&frame.path)).collect()
}

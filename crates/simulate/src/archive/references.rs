//! The reference files: what the simulated detector is like, in the form in which calibration wants it.

use crate::sbc::optics::{IDCSCALE, OCX10, OCX11, OCY10, OCY11, SIP};
use crate::sbc::{BANDS, DarkState, Detector};
use crate::{Error, Extension, Random, Result, SimulatedFile};
use firstlight_fits::{Card, Column, ColumnData, Header, Table, Value};

/// Which exposures a reference file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// All.
    Always,
    /// Those of the sky.
    Science,
}

/// A reference file, as the rules know it.
#[derive(Debug, Clone, Copy)]
pub struct Reference {
    /// Header keyword.
    pub keyword: &'static str,
    /// File name.
    pub name: &'static str,
    /// `FILETYPE`.
    filetype: &'static str,
    /// `USEAFTER`, and the same as rules write it.
    useafter: &'static str,
    /// See `useafter`.
    pub useafter_iso: &'static str,
    /// When the rule matters: an expression over header keywords.
    pub relevance: &'static str,
    /// Which exposures it is for.
    pub used: Use,
    /// Whether the first context has it; otherwise only the newest.
    pub first: bool,
}

/// Since when a file is used.
struct Since {
    /// As in `USEAFTER`.
    header: &'static str,
    /// As in a rule.
    rule: &'static str,
    /// Whether the first context has what is used since then.
    first: bool,
}

/// The camera's installation.
const INSTALLED: Since = Since {
    header: "Mar 01 2002 00:00:00",
    rule: "2002-03-01 00:00:00",
    first: true,
};
/// Shortly before the visit.
const RECENT: Since = Since {
    header: "Jan 01 2015 00:00:00",
    rule: "2015-01-01 00:00:00",
    first: false,
};

const fn reference(
    (keyword, name, filetype): (&'static str, &'static str, &'static str),
    since: Since,
    relevance: &'static str,
    used: Use,
) -> Reference {
    Reference {
        keyword,
        name,
        filetype,
        useafter: since.header,
        useafter_iso: since.rule,
        relevance,
        used,
        first: since.first,
    }
}

/// All of them. Names are those of the archive: nine characters of which the last tells the instrument.
pub const ALL: [Reference; 7] = [
    reference(
        ("BPIXTAB", "sim10001j_bpx.fits", "BAD PIXELS"),
        INSTALLED,
        "(DQICORR != \"OMIT\")",
        Use::Always,
    ),
    reference(
        ("DARKFILE", "sim10002j_drk.fits", "DARK"),
        INSTALLED,
        "ALWAYS",
        Use::Always,
    ),
    reference(
        ("DARKFILE", "sim20001j_drk.fits", "DARK"),
        RECENT,
        "ALWAYS",
        Use::Always,
    ),
    reference(
        ("IDCTAB", "sim10003j_idc.fits", "DISTORTION COEFFICIENTS"),
        INSTALLED,
        "ALWAYS",
        Use::Always,
    ),
    reference(
        ("IMPHTTAB", "sim10004j_imp.fits", "IMAGE PHOTOMETRY TABLE"),
        INSTALLED,
        "(PHOTCORR != \"OMIT\")",
        Use::Science,
    ),
    reference(
        ("MLINTAB", "sim10005j_lin.fits", "LINEARITY"),
        INSTALLED,
        "((DETECTOR == \"SBC\") and (GLINCORR != \"OMIT\"))",
        Use::Always,
    ),
    reference(
        ("PFLTFILE", "sim10006j_pfl.fits", "PIXEL-TO-PIXEL FLAT"),
        INSTALLED,
        "((OBSTYPE != \"INTERNAL\") and (FLATCORR != \"OMIT\"))",
        Use::Science,
    ),
];

/// Temperatures of the two darks, °C: a cold detector, and one near the limit of the glow.
const DARK_TEMPERATURES_C: [f64; 2] = [18.0, 24.0];

/// The detector that the files describe.
#[derive(Debug, Clone)]
pub struct References {
    detector: Detector,
    seed: u64,
}

impl References {
    pub fn new(detector: Detector, seed: u64) -> Self {
        Self { detector, seed }
    }

    /// All files, in the order of [`ALL`].
    pub fn files(&self) -> Result<Vec<SimulatedFile>> {
        ALL.iter().map(|reference| self.file(reference)).collect()
    }

    fn file(&self, reference: &Reference) -> Result<SimulatedFile> {
        let extensions = match reference.keyword {
            "BPIXTAB" => vec![table("BPX", self.bad_pixels()?)?],
            "DARKFILE" => self.planes(self.dark(reference.first), "COUNTS/S")?,
            "PFLTFILE" => self.planes(self.detector.flat_field(), "UNITLESS")?,
            "IDCTAB" => vec![table("IDC", self.distortion()?)?],
            "MLINTAB" => vec![table("LIN", linearity()?)?],
            _ => photometry()?,
        };
        Ok(SimulatedFile {
            name: reference.name.to_owned(),
            primary: primary(reference, extensions.len())?,
            extensions,
        })
    }

    /// Counts/s of each pixel.
    fn dark(&self, first: bool) -> Vec<f32> {
        let mut random = Random::new(self.seed, if first { 5000 } else { 5001 });
        let state = DarkState::at(DARK_TEMPERATURES_C[usize::from(!first)], 1.0, &mut random);
        let size = self.detector.size;
        let pixels = (0..size).flat_map(|y| (0..size).map(move |x| (x, y)));
        pixels
            .map(|(x, y)| self.detector.dark_rate(&state, x, y) as f32)
            .collect()
    }

    /// SCI, an ERR of zeros and the detector's DQ.
    fn planes(&self, sci: Vec<f32>, unit: &str) -> Result<Vec<Extension>> {
        let shape = self.detector.shape();
        let errors = vec![0.0; sci.len()];
        let header = |name: &str, unit: &str| extension(name, &[("BUNIT", unit.into(), "brightness units")]);
        Ok(vec![
            Extension::Real(header("SCI", unit)?, shape, sci),
            Extension::Real(header("ERR", unit)?, shape, errors),
            Extension::Integer(header("DQ", "UNITLESS")?, shape, self.detector.data_quality()),
        ])
    }

    /// Runs of flagged pixels, first pixel 1, along x.
    fn bad_pixels(&self) -> Result<Table> {
        let (flags, size) = (self.detector.data_quality(), self.detector.size);
        let mut runs: Vec<[i16; 4]> = Vec::new();
        for (y, row) in flags.chunks(size).enumerate() {
            let mut x = 0;
            while x < size {
                let length = row[x..].iter().take_while(|&&flag| flag == row[x]).count();
                if row[x] != 0 {
                    runs.push([(x + 1) as i16, (y + 1) as i16, length as i16, row[x]]);
                }
                x += length;
            }
        }
        let of = |index: usize| runs.iter().map(|run| run[index]).collect();
        let same = |value: i16| ColumnData::I16(vec![value; runs.len()]);
        columns(vec![
            Column::text("CCDAMP", runs.iter().map(|_| "N/A"))
                .width(4)
                .display("A4"),
            Column::scalar("CCDCHIP", same(-999)).display("I4"),
            Column::scalar("CCDGAIN", same(-999)).display("I4"),
            Column::scalar("PIX1", ColumnData::I16(of(0)))
                .unit("pixel")
                .display("I4"),
            Column::scalar("PIX2", ColumnData::I16(of(1)))
                .unit("pixel")
                .display("I4"),
            Column::scalar("LENGTH", ColumnData::I16(of(2)))
                .unit("pixel")
                .display("I4"),
            Column::scalar("AXIS", same(1)).display("I1"),
            Column::scalar("VALUE", ColumnData::I16(of(3))).display("I5"),
        ])
    }

    /// Distortion coefficients: X = Σ CXij x^j y^(i-j), arcsec, for x, y in pixels from the reference pixel.
    fn distortion(&self) -> Result<Table> {
        const FILTERS: [&str; 6] = ["F115LP", "F122M", "F125LP", "F140LP", "F150LP", "F165LP"];
        let real =
            |name: &str, value: f64| Column::scalar(name, ColumnData::F32(vec![value as f32; FILTERS.len()]));
        let size = || ColumnData::I32(vec![self.detector.size as i32; FILTERS.len()]);
        let reference = self.detector.reference_pixel();
        let text = |name: &str, of: &dyn Fn(usize) -> String| {
            Column::text(name, (0..FILTERS.len()).map(of))
                .width(8)
                .display("A8")
        };
        let mut all = vec![
            Column::scalar("DETCHIP", ColumnData::I16(vec![1; FILTERS.len()]))
                .unit("chip")
                .display("I4"),
            text("DIRECTION", &|_| "FORWARD".to_owned()),
            text("FILTER1", &|row| FILTERS[row].to_owned()),
            text("FILTER2", &|_| "N/A".to_owned()),
            Column::scalar("XSIZE", size()).display("I8"),
            Column::scalar("YSIZE", size()).display("I8"),
            real("XREF", reference).display("F10.2"),
            real("YREF", reference).display("F10.2"),
            real("V2REF", 205.0).display("F12.6"),
            real("V3REF", 467.0).display("F12.6"),
            real("SCALE", IDCSCALE).unit("arcsec").display("F12.4"),
        ];
        for (axis, along_x, along_y) in [("CX", OCX11, OCX10), ("CY", OCY11, OCY10)] {
            for order in 1..=3_u32 {
                for power in 0..=order {
                    let value = match (order, power) {
                        (1, 0) => along_y,
                        (1, _) => along_x,
                        _ => SIP
                            .iter()
                            .filter(|(p, q, ..)| (*p, *q) == (power, order - power))
                            .map(|(_, _, a, b)| along_x * a + along_y * b)
                            .sum(),
                    };
                    all.push(real(&format!("{axis}{order}{power}"), value).display("E20.7"));
                }
            }
        }
        columns(all)
    }
}

/// No non-linearity: the simulated detector has none.
fn linearity() -> Result<Table> {
    let real = |name: &str, value: f64| Column::scalar(name, ColumnData::F64(vec![value]));
    columns(vec![
        real("GLOBAL_LIMIT", 360_000.0).unit("counts/s"),
        real("LOCAL_LIMIT", 80.0).unit("counts/s/pixel"),
        real("TAU", 0.0).unit("s"),
        real("EXPAND", 2.0).unit("pixel"),
    ])
}

/// Inverse sensitivity, pivot wavelength and bandwidth of each band.
fn photometry() -> Result<Vec<Extension>> {
    let of = |name: &str, unit: &str, value: &dyn Fn(usize) -> f64| -> Result<Extension> {
        let rows = 0..BANDS.len();
        let text = |name: &str, width: usize, of: &dyn Fn(usize) -> String| {
            Column::text(name, rows.clone().map(of)).width(width)
        };
        let values = ColumnData::F64(rows.clone().map(value).collect());
        table(
            name,
            columns(vec![
                text("OBSMODE", 40, &|row| {
                    format!("acs,sbc,{}", BANDS[row].filter.to_lowercase())
                }),
                text("DATACOL", 12, &|_| name.to_owned()),
                Column::scalar(name, values).unit(unit),
                text("PEDIGREE", 30, &|_| "MODEL".to_owned()),
                text("DESCRIP", 110, &|_| "Simulated by firstlight".to_owned()),
            ])?,
        )
    };
    Ok(vec![
        of("PHOTFLAM", "flam", &|row| BANDS[row].photflam)?,
        of("PHOTPLAM", "angstrom", &|row| BANDS[row].pivot_a)?,
        of("PHOTBW", "angstrom", &|row| BANDS[row].bandwidth_a)?,
    ])
}

fn columns(columns: Vec<Column>) -> Result<Table> {
    let mut table = Table::new();
    for column in columns {
        table.push(column).map_err(Error::Header)?;
    }
    Ok(table)
}

fn table(name: &str, table: Table) -> Result<Extension> {
    Ok(Extension::Table(extension(name, &[])?, table))
}

fn cards(all: &[(&str, Value, &str)]) -> Result<Header> {
    let mut header = Header::new();
    for (keyword, value, comment) in all {
        let card = Card::new(keyword, value.clone(), Some(comment)).map_err(Error::Header)?;
        header.push(card);
    }
    Ok(header)
}

fn extension(name: &str, more: &[(&str, Value, &str)]) -> Result<Header> {
    let mut all = vec![
        ("EXTNAME", Value::from(name), "extension name"),
        ("EXTVER", 1.into(), "extension version number"),
    ];
    all.extend_from_slice(more);
    cards(&all)
}

fn primary(reference: &Reference, extensions: usize) -> Result<Header> {
    let mut all = vec![
        (
            "NEXTEND",
            Value::from(extensions as i64),
            "Number of standard extensions",
        ),
        (
            "DATE",
            "2015-06-01".into(),
            "date this file was written (yyyy-mm-dd)",
        ),
        ("FILENAME", reference.name.into(), "name of file"),
        (
            "FILETYPE",
            reference.filetype.into(),
            "type of data found in data file",
        ),
        ("TELESCOP", "HST".into(), "telescope used to acquire data"),
        (
            "INSTRUME",
            "ACS".into(),
            "identifier for instrument used to acquire data",
        ),
        ("DETECTOR", "SBC".into(), "detector in use: WFC, HRC, or SBC"),
        (
            "USEAFTER",
            reference.useafter.into(),
            "date after which this file is used",
        ),
        ("PEDIGREE", "MODEL".into(), "type of source of the data"),
        (
            "DESCRIP",
            "Simulated---------------------------------------------------------".into(),
            "",
        ),
    ];
    match reference.keyword {
        "PFLTFILE" => all.extend([
            (
                "FILTER1",
                Value::from("ANY"),
                "element selected from filter wheel 1",
            ),
            ("FILTER2", "N/A".into(), "element selected from filter wheel 2"),
            ("OBSTYPE", "IMAGING".into(), "observation type"),
        ]),
        "IDCTAB" => all.push(("NORDER", 3.into(), "order of the polynomials")),
        "IMPHTTAB" => all.extend([
            ("PARNUM", Value::from(0), "number of parameterised variables"),
            ("PHOTZPT", (-21.1).into(), "photometric zero point of STMAG"),
            ("DBTABLE", "IMPHTTAB".into(), "kind of table"),
        ]),
        _ => {}
    }
    let mut header = cards(&all)?;
    header
        .push_commentary(
            "HISTORY",
            "Simulated by firstlight: it describes a detector that there is not.",
        )
        .map_err(Error::Header)?;
    Ok(header)
}

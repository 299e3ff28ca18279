//! A detector of 64 columns and 48 rows: 2.5 Å a column from 4000 Å, a trace that climbs by a fiftieth of a row a column.

use firstlight_calibrate::acs::{Reference, References};
use firstlight_frame::fits::{Column, ColumnData, FitsWriter, Header, Overwrite, Table, Value};
use firstlight_frame::{Frame, Image};
use tempfile::TempDir;

pub const NX: usize = 64;
pub const NY: usize = 48;
pub const CLIMB: f64 = 0.02;
pub const SENSITIVITY: f64 = 0.1;
pub const THROUGHPUT: f64 = 0.5;
pub const EXPTIME: f64 = 100.0;

/// The wavelength of a column, Å, as observed.
pub fn wavelength(x: usize) -> f64 {
    4000.0 + 2.5 * x as f64
}

/// Reference files in a folder.
pub struct Files {
    pub folder: TempDir,
    pub references: References,
}

impl Files {
    /// All tables.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let references = References::new();
        let mut files = Self { folder, references };
        files.add("APDESTAB", &[], apertures("52X0.2"));
        files.add("SPTRCTAB", &[], traces());
        files.add("XTRACTAB", &[], boxes("UNWEIGHTED", 15));
        files.add("DISPTAB", &[], dispersion());
        files.add("INANGTAB", &[], incidence());
        files.add("SDCTAB", &[], grid_of(NX as i32, 60));
        files.add("PHOTTAB", &[], sensitivity("INFLIGHT"));
        let through = vec![text("APERTURE", "52X0.2"), pedigree("INFLIGHT")];
        files.add("APERTAB", &[], curve(through, THROUGHPUT));
        files.add("PCTAB", &[("MAXHGHT", Value::Integer(600))], heights("52X0.2"));
        files.add("CCDTAB", &[], ccd());
        files
    }

    /// Writes a table and takes it in place of the one of the same keyword.
    pub fn add(&mut self, keyword: &str, cards: &[(&str, Value)], columns: Vec<Column>) {
        let path = self
            .folder
            .path()
            .join(format!("{}.fits", keyword.to_lowercase()));
        let mut primary = Header::new();
        for (card, value) in cards {
            primary.set(card, value.clone(), None).unwrap();
        }
        let mut table = Table::new();
        for column in columns {
            table.push(column).unwrap();
        }
        let mut writer = FitsWriter::create(&path, Overwrite::Replace).unwrap();
        writer.empty_primary(&primary).unwrap();
        writer.table(&Header::new(), &table).unwrap();
        writer.finish().unwrap();
        self.references
            .add(Reference::open(keyword, keyword, &path).unwrap());
    }
}

fn text(name: &str, value: &str) -> Column {
    Column::text(name, [value])
}

fn pedigree(value: &str) -> Column {
    text("PEDIGREE", value)
}

fn mode(rows: usize) -> Vec<Column> {
    vec![
        Column::text("OPT_ELEM", vec!["G430L"; rows]),
        Column::i32("CENWAVE", vec![4300; rows]),
        Column::i32("SPORDER", vec![1; rows]),
    ]
}

fn array(name: &str, length: usize, values: Vec<f64>) -> Column {
    Column::array(name, vec![length], ColumnData::F64(values)).unwrap()
}

fn curve(mut columns: Vec<Column>, level: f64) -> Vec<Column> {
    columns.push(Column::i32("NELEM", vec![3]));
    columns.push(array("WAVELENGTH", 4, vec![3900.0, 4100.0, 4300.0, 0.0]));
    columns.push(array("THROUGHPUT", 4, vec![level, level, level, 0.0]));
    columns
}

pub fn sensitivity(of: &str) -> Vec<Column> {
    let mut columns = mode(1);
    columns.push(pedigree(of));
    curve(columns, SENSITIVITY)
}

pub fn apertures(name: &str) -> Vec<Column> {
    let mut columns = vec![text("APERTURE", name), Column::i32("NBARS", vec![2])];
    let values = [
        ("WIDTH1", 0.2),
        ("WIDTH2", 52.0),
        ("ANGLE", 0.315),
        ("OFFSET1", 0.0),
        ("OFFSET2", 0.0),
        ("BAR1LOCN", -0.5),
        ("BAR1WIDTH", 0.2),
        ("BAR2LOCN", 0.65),
        ("BAR2WIDTH", 0.3),
        ("BAR3LOCN", 0.0),
        ("BAR3WIDTH", 0.0),
    ];
    columns.extend(values.map(|(name, value)| Column::f64(name, vec![value])));
    columns
}

fn traces() -> Vec<Column> {
    let climb: Vec<f64> = (0..NX).map(|x| CLIMB * x as f64).collect();
    let mut columns = mode(2);
    columns.push(Column::f64("A2CENTER", vec![41.0, 21.0]));
    columns.push(Column::i32("NELEM", vec![NX as i32; 2]));
    columns.push(array("A2DISPL", NX, [climb.clone(), climb].concat()));
    columns
}

pub fn boxes(algorithm: &str, maxsrch: i32) -> Vec<Column> {
    let mut columns = mode(1);
    columns.push(text("APERTURE", "ANY"));
    columns.push(text("XTRACALG", algorithm));
    let sizes = [
        ("EXTRSIZE", 7.0),
        ("BK1SIZE", 5.0),
        ("BK2SIZE", 5.0),
        ("BK1OFFST", -10.0),
        ("BK2OFFST", 10.0),
    ];
    columns.extend(sizes.map(|(name, value)| Column::f64(name, vec![value])));
    columns.push(Column::i32("NCOEFFBK", vec![1]));
    columns.push(array("BKTCOEFF", 2, vec![0.0, 0.0]));
    columns.push(Column::i32("BACKORD", vec![0]));
    columns.push(Column::i32("MAXSRCH", vec![maxsrch]));
    columns
}

fn dispersion() -> Vec<Column> {
    // Columns are counted from 1: x + 1 = c0 + c1 λ, and x = (λ - 4000) / 2.5.
    let coefficients = vec![1.0 - 1600.0, 0.4, 0.0];
    let mut columns = mode(2);
    columns.push(Column::f64("A2CENTER", vec![1.0, 48.0]));
    columns.push(Column::text("REF_APER", ["52X0.2", "52X0.2"]));
    columns.push(Column::i32("NCOEFF", vec![3, 3]));
    columns.push(array("COEFF", 3, [coefficients.clone(), coefficients].concat()));
    columns
}

fn incidence() -> Vec<Column> {
    let mut columns = mode(1);
    columns.push(Column::i32("NCOEFF1", vec![0]));
    columns.push(array("COEFF1", 1, vec![0.0]));
    columns.push(Column::i32("NCOEFF2", vec![2]));
    columns.push(array("COEFF2", 2, vec![19.05, 0.8]));
    columns
}

pub fn grid_of(nx: i32, ny: i32) -> Vec<Column> {
    let mut columns = mode(1);
    columns.push(Column::i32("NPIX1", vec![nx]));
    columns.push(Column::i32("NPIX2", vec![ny]));
    let values = [
        ("A2CENTER", 24.0),
        ("CRPIX1", 1.0),
        ("CRPIX2", 30.0),
        ("CRVAL1", 4000.0),
        ("CRVAL2", 0.0),
        ("CDELT1", 2.5),
        ("CDELT2", 0.05),
    ];
    columns.extend(values.map(|(name, value)| Column::f64(name, vec![value])));
    columns
}

pub fn heights(aperture: &str) -> Vec<Column> {
    let nodes = [3900.0, 4100.0, 4300.0];
    vec![
        Column::text("APERTURE", vec![aperture; 2]),
        Column::i32("CENWAVE", vec![4300; 2]),
        Column::i32("EXTRHEIGHT", vec![7, 600]),
        Column::i32("NELEM", vec![3; 2]),
        array("WAVELENGTH", 3, [nodes, nodes].concat()),
        // All the light is a quarter more than that in seven lines.
        array("THROUGHPUT", 3, vec![1.0, 1.0, 1.0, 1.25, 1.25, 1.25]),
    ]
}

pub fn ccd() -> Vec<Column> {
    let mut columns = vec![text("CCDAMP", "D")];
    columns.extend(["CCDGAIN", "CCDOFFST", "BINAXIS1", "BINAXIS2"].map(|name| Column::i32(name, vec![-1])));
    // No charge is lost.
    let values = [
        ("CTINORM", 0.0),
        ("CTIGPOWER", 0.82),
        ("CTIBGFAC", -3.0),
        ("CTIBGPOWER", 0.18),
        ("CTITIMFAC", 0.2),
        ("CTIREFMJD", 51765.25),
        ("SPURCHARGE", 0.5),
        ("ATODGAIN", 1.0),
        ("CCDBIAS", 0.0),
        ("READNSE", 5.0),
        ("SATURATE", 33000.0),
    ];
    columns.extend(values.map(|(name, value)| Column::f64(name, vec![value])));
    columns
}

/// The primary header of a spectrum.
pub fn primary() -> Header {
    let mut header = Header::new();
    let texts = [
        ("ROOTNAME", "otest"),
        ("INSTRUME", "STIS"),
        ("DETECTOR", "CCD"),
        ("OBSTYPE", "SPECTROSCOPIC"),
        ("OPT_ELEM", "G430L"),
        ("APERTURE", "52X0.2"),
        ("CCDAMP", "D"),
        ("SCLAMP", "NONE"),
    ];
    for (keyword, value) in texts {
        header.set(keyword, value, None).unwrap();
    }
    header.set("CENWAVE", 4300i64, None).unwrap();
    header.set("CCDGAIN", 1i64, None).unwrap();
    for (keyword, value) in [
        ("ATODGAIN", 1.0),
        ("READNSE", 5.0),
        ("RA_TARG", 150.0),
        ("DEC_TARG", 20.0),
    ] {
        header.set(keyword, value, None).unwrap();
    }
    header
}

/// The header of its SCI.
pub fn sci() -> Header {
    let mut header = Header::new();
    let values = [
        ("EXPTIME", EXPTIME),
        ("EXPSTART", 57117.4),
        ("EXPEND", 57117.41),
        ("CD1_1", 2.5),
        ("CD2_2", 0.05 / 3600.0),
        ("CRPIX1", 1.0),
        ("CRPIX2", 24.0),
        ("CRVAL1", 4000.0),
        ("SHIFTA2", 1.0),
        ("MEANDARK", 2.0),
    ];
    for (keyword, value) in values {
        header.set(keyword, value, None).unwrap();
    }
    header.set("SDQFLAGS", 31743i64, None).unwrap();
    header.set("NCOMBINE", 2i64, None).unwrap();
    header.set("CTYPE1", "LAMBDA", None).unwrap();
    header
}

/// Light of 2000 DN a column in a Gaussian about the trace at `line` (0-based), on a background of 3 DN.
pub fn starlit(line: f64) -> Frame {
    Frame {
        sci: Image::from_fn(NY, NX, |x, y| {
            let d = y as f64 - (line + CLIMB * x as f64);
            (3.0 + 2000.0 * (-d * d / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt()) as f32
        }),
        err: Image::filled(NY, NX, 4.0),
        dq: Image::filled(NY, NX, 0),
    }
}

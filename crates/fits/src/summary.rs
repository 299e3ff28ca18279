//! The line that a table of a file's contents has for each HDU.

use crate::{FitsFile, Hdu, HduKind};

/// What there is to say of an HDU in one line, in the words of `astropy.io.fits.info`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// 0-based position.
    pub index: usize,
    /// EXTNAME, or PRIMARY.
    pub name: String,
    /// EXTVER.
    pub version: i64,
    /// `PrimaryHDU`, `ImageHDU`, `CompImageHDU`, `BinTableHDU`, `TableHDU`, ….
    pub kind: &'static str,
    /// Number of cards, END not counted; a string with its CONTINUE records is one.
    pub cards: usize,
    /// `(1024, 1024)` in the order of NAXIS1, NAXIS2; `12R x 3C`.
    pub dimensions: String,
    /// `int16 (rescales to uint16)`, `float32`; `[I, 14A]`.
    pub format: String,
}

impl FitsFile {
    /// One line for each HDU.
    pub fn summaries(&self) -> Vec<Summary> {
        self.hdus().iter().map(Hdu::summary).collect()
    }
}

impl Hdu {
    /// What there is to say of it in one line.
    pub fn summary(&self) -> Summary {
        let (dimensions, format) = match self.kind() {
            HduKind::Image | HduKind::CompressedImage => (axes(self.dimensions()), image_format(self)),
            HduKind::BinTable | HduKind::AsciiTable => {
                let rows = self.dimensions().get(1).copied().unwrap_or(0);
                let forms = table_forms(self);
                (
                    format!("{rows}R x {}C", forms.len()),
                    format!("[{}]", forms.join(", ")),
                )
            }
            HduKind::Groups => (axes(self.dimensions()), image_format(self)),
            HduKind::Other => (format!("({},)", self.data_bytes()), String::new()),
        };
        Summary {
            index: self.index(),
            name: self.name().to_owned(),
            version: self.version(),
            kind: self.class_name(),
            cards: self.header().cards().len(),
            dimensions,
            format,
        }
    }

    fn class_name(&self) -> &'static str {
        match self.kind() {
            HduKind::Groups => "GroupsHDU",
            _ if self.index() == 0 => "PrimaryHDU",
            HduKind::Image => "ImageHDU",
            HduKind::CompressedImage => "CompImageHDU",
            HduKind::BinTable => "BinTableHDU",
            HduKind::AsciiTable => "TableHDU",
            HduKind::Other => "NonstandardExtHDU",
        }
    }
}

fn axes(lengths: &[usize]) -> String {
    match lengths {
        [one] => format!("({one},)"),
        many => format!(
            "({})",
            many.iter().map(usize::to_string).collect::<Vec<_>>().join(", ")
        ),
    }
}

fn image_format(hdu: &Hdu) -> String {
    if hdu.dimensions().is_empty() || hdu.dimensions().contains(&0) {
        return String::new();
    }
    let header = hdu.header();
    let stored = match header.integer("BITPIX") {
        Some(8) => "uint8",
        Some(16) => "int16",
        Some(32) => "int32",
        Some(64) => "int64",
        Some(-32) => "float32",
        Some(-64) => "float64",
        _ => return String::new(),
    };
    let (scale, zero) = (
        header.real("BSCALE").unwrap_or(1.0),
        header.real("BZERO").unwrap_or(0.0),
    );
    if scale == 1.0 && zero == 0.0 {
        return stored.to_owned();
    }
    let rescaled = match (stored, zero) {
        ("float32" | "float64", _) => return stored.to_owned(),
        ("uint8", -128.0) if scale == 1.0 => "int8",
        ("int16", 32768.0) if scale == 1.0 => "uint16",
        ("int32", 2147483648.0) if scale == 1.0 => "uint32",
        ("int64", 9223372036854775808.0) if scale == 1.0 => "uint64",
        ("uint8" | "int16", _) => "float32",
        _ => "float64",
    };
    format!("{stored} (rescales to {rescaled})")
}

fn table_forms(hdu: &Hdu) -> Vec<String> {
    let header = hdu.header();
    let count = header.integer("TFIELDS").unwrap_or(0).clamp(0, 999);
    (1..=count)
        .map(|column| header.text(&format!("TFORM{column}")).unwrap_or_default())
        .collect()
}

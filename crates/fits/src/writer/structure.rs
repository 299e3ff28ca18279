//! The cards that a header owes to its data and its place in the file.

use crate::{Card, Header, Result, Value};

/// Whether an HDU is the first of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Primary,
    Extension,
}

/// What the first cards of a header have to say.
#[derive(Debug)]
pub(crate) struct Structure {
    extension: &'static str,
    bitpix: i64,
    axes: Vec<usize>,
    pcount: usize,
    /// BZERO of other-signed integers; 0 for none.
    bzero: f64,
    keep_scaling: bool,
}

impl Structure {
    pub(crate) fn image(bitpix: i64, axes: &[usize], bzero: f64) -> Self {
        let axes = axes.to_vec();
        Self {
            extension: "IMAGE",
            bitpix,
            axes,
            pcount: 0,
            bzero,
            keep_scaling: false,
        }
    }

    /// An image whose stored values, and with them BSCALE, BZERO and BLANK, stay as they are.
    pub(crate) fn stored_image(bitpix: i64, axes: &[usize]) -> Self {
        Self {
            keep_scaling: true,
            ..Self::image(bitpix, axes, 0.0)
        }
    }

    pub(crate) fn table(row_bytes: usize, rows: usize, heap: usize) -> Self {
        let axes = vec![row_bytes, rows];
        Self {
            extension: "BINTABLE",
            bitpix: 8,
            axes,
            pcount: heap,
            bzero: 0.0,
            keep_scaling: false,
        }
    }

    /// `header` with the cards that its place and data require, in the order FITS requires; `more`
    /// follow them; all others stay as they are.
    pub(crate) fn header(&self, header: &Header, role: Role, more: Vec<Card>) -> Result<Header> {
        let mut out = Header::new();
        let mut put = |keyword: &str, value: Value, comment: &str| -> Result<()> {
            out.push(match header.card(keyword) {
                // An equal card is kept with its comment and spacing.
                Some(card) if card.value().ok().flatten().as_ref() == Some(&value) => card.clone(),
                Some(card) => Card::new(keyword, value, card.comment().as_deref().or(Some(comment)))?,
                None => Card::new(keyword, value, Some(comment))?,
            });
            Ok(())
        };
        match (role, self.extension) {
            (Role::Primary, _) => put("SIMPLE", true.into(), "conforms to FITS standard")?,
            (_, "IMAGE") => put("XTENSION", "IMAGE".into(), "Image extension")?,
            (_, other) => put("XTENSION", other.into(), "binary table extension")?,
        }
        put("BITPIX", self.bitpix.into(), "array data type")?;
        put("NAXIS", self.axes.len().into(), "number of array dimensions")?;
        for (axis, &length) in self.axes.iter().enumerate() {
            put(&format!("NAXIS{}", axis + 1), length.into(), "")?;
        }
        match role {
            Role::Primary => put("EXTEND", true.into(), "")?,
            Role::Extension => {
                put("PCOUNT", self.pcount.into(), "number of parameters")?;
                put("GCOUNT", 1.into(), "number of groups")?;
            }
        }
        if self.bzero != 0.0 {
            let whole = Value::Real(self.bzero).as_integer();
            put("BSCALE", 1.into(), "")?;
            put("BZERO", whole.map_or(Value::Real(self.bzero), Value::Integer), "")?;
        }
        for card in more {
            out.push(card);
        }
        for card in header.cards() {
            if !self.replaces(card.keyword()) {
                out.push(card.clone());
            }
        }
        Ok(out)
    }

    /// Whether cards of this keyword make way for ours.
    fn replaces(&self, keyword: &str) -> bool {
        let stem = keyword.trim_end_matches(|c: char| c.is_ascii_digit());
        let numbered = stem.len() < keyword.len();
        match keyword {
            "SIMPLE" | "XTENSION" | "BITPIX" | "NAXIS" | "PCOUNT" | "GCOUNT" | "EXTEND" | "GROUPS"
            | "CHECKSUM" | "DATASUM" => true,
            "BSCALE" | "BZERO" | "BLANK" | "NPIX1" | "NPIX2" | "PIXVALUE" => !self.keep_scaling,
            "TFIELDS" | "THEAP" => self.extension == "BINTABLE",
            _ if numbered && stem == "NAXIS" => true,
            _ => numbered && self.extension == "BINTABLE" && COLUMN.contains(&stem),
        }
    }
}

const COLUMN: [&str; 9] = [
    "TTYPE", "TFORM", "TUNIT", "TNULL", "TSCAL", "TZERO", "TDISP", "TDIM", "TBCOL",
];

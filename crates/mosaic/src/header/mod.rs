//! Headers of the products: what the inputs say in common, how they were combined, and where the pixels lie.

mod blend;
mod record;
mod rules;
mod table;

use crate::chip::Chip;
use crate::{DrizzleOptions, FinalUnits, Mosaic, ProcUnit, Result, WeightType};
use blend::blend;
use firstlight_fits::{Header, Table, Value};
use std::path::Path;

/// Names that go into headers, without folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductNames {
    /// Root name: what stands before `_drz`.
    pub root: String,
    /// The one product with extensions, `<root>_drz.fits`.
    pub combined: String,
    /// The image, `<root>_drz_sci.fits`.
    pub sci: String,
    /// The weight, `<root>_drz_wht.fits`.
    pub wht: String,
    /// The context, `<root>_drz_ctx.fits`.
    pub ctx: String,
    /// The error, `<root>_drz_err.fits`.
    pub err: String,
}

impl ProductNames {
    /// Names from a root name and the suffix, `drz` or `drc`.
    pub fn new(root: &str, suffix: &str) -> Self {
        let name = |part: &str| format!("{root}_{suffix}{part}.fits");
        Self {
            root: root.to_owned(),
            combined: name(""),
            sci: name("_sci"),
            wht: name("_wht"),
            ctx: name("_ctx"),
            err: name("_err"),
        }
    }
}

/// What is said of the program, the same in all headers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// Name and version.
    pub software: String,
    /// Today, as `2026-11-21`.
    pub date: String,
    /// Lines of HISTORY.
    pub history: Vec<String>,
}

/// A plane of the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plane {
    /// The image.
    Sci,
    /// The weight.
    Wht,
    /// The context.
    Ctx,
    /// The error.
    Err,
}

impl Plane {
    /// EXTNAME, or FILETYPE of a file of its own.
    pub fn name(self) -> &'static str {
        match self {
            Plane::Sci => "SCI",
            Plane::Wht => "WHT",
            Plane::Ctx => "CTX",
            Plane::Err => "ERR",
        }
    }
}

/// Makes headers for one mosaic.
#[derive(Debug)]
pub struct Headers<'a> {
    mosaic: &'a Mosaic<'a>,
    options: &'a DrizzleOptions,
    names: &'a ProductNames,
    provenance: &'a Provenance,
}

impl<'a> Headers<'a> {
    /// For the products of `mosaic`, which was made with `options`.
    pub fn new(
        mosaic: &'a Mosaic<'a>,
        options: &'a DrizzleOptions,
        names: &'a ProductNames,
        provenance: &'a Provenance,
    ) -> Self {
        Self {
            mosaic,
            options,
            names,
            provenance,
        }
    }

    /// The primary header of the product with extensions; `extensions` is their number.
    ///
    /// # Errors
    /// Texts that a header cannot hold.
    pub fn primary(&self, extensions: usize) -> Result<Header> {
        let mut header = self.general()?;
        header.set("NEXTEND", extensions as i64, None)?;
        header.set("FILENAME", self.names.combined.as_str(), None)?;
        Ok(header)
    }

    /// The header of an extension.
    ///
    /// # Errors
    /// Texts that a header cannot hold.
    pub fn extension(&self, plane: Plane) -> Result<Header> {
        let mut header = self.of_plane(plane)?;
        header.remove("EXTNAME");
        header.remove("EXTVER");
        header.insert(
            0,
            firstlight_fits::Card::new("EXTNAME", plane.name(), Some("Extension name"))?,
        );
        header.insert(
            1,
            firstlight_fits::Card::new("EXTVER", 1, Some("Extension version"))?,
        );
        Ok(header)
    }

    /// The header of a plane in a file of its own: the primary header and the plane's.
    ///
    /// # Errors
    /// Texts that a header cannot hold.
    pub fn file(&self, plane: Plane) -> Result<Header> {
        let mut header = self.general()?;
        header.remove("NEXTEND");
        let name = match plane {
            Plane::Sci => &self.names.sci,
            Plane::Wht => &self.names.wht,
            Plane::Ctx => &self.names.ctx,
            Plane::Err => &self.names.err,
        };
        header.set("FILENAME", name.as_str(), None)?;
        header.set("FILETYPE", plane.name(), Some("Type of data in array"))?;
        for card in self.of_plane(plane)?.cards() {
            let structural = ["EXTNAME", "EXTVER", "DATE", "IRAF-TLM"].contains(&card.keyword());
            if !card.is_commentary() && !structural && !header.contains(card.keyword()) {
                header.push(card.clone());
            }
        }
        Ok(header)
    }

    /// The extension HDRTAB: its header, and the values of the inputs' keywords, one row an input image.
    ///
    /// # Errors
    /// Texts that a header cannot hold.
    pub fn inputs(&self) -> Result<(Header, Table)> {
        let mut header = Header::new();
        header.set("EXTNAME", "HDRTAB", Some("Header values of the inputs"))?;
        Ok((header, table::header_table(&self.mosaic.chips)?))
    }

    /// The blended primary header and the record of the combination.
    fn general(&self) -> Result<Header> {
        let chips = &self.mosaic.chips;
        let mut primaries: Vec<&Header> = Vec::new();
        let mut last = None;
        for chip in chips {
            let path = Some(chip.file().path());
            if path != last {
                primaries.push(chip.file().primary().header());
            }
            last = path;
        }
        let mut header = blend(&primaries);
        self.record_times(&mut header)?;
        header.set(
            "DATE",
            self.provenance.date.as_str(),
            Some("date this file was written (yyyy-mm-dd)"),
        )?;
        header.set(
            "PROD_VER",
            self.provenance.software.as_str(),
            Some("Program that made this product"),
        )?;
        header.set("ROOTNAME", self.names.root.as_str(), None)?;
        header.set("ASN_MTYP", "PROD-DTH", None)?;
        for switch in ["DRIZCORR", "DITHCORR"] {
            if header.contains(switch) {
                header.set(switch, "COMPLETE", None)?;
            }
        }
        let images = chips.len() as i64;
        header.set(
            "NDRIZIM",
            images,
            Some("Drizzle, No. images drizzled onto output"),
        )?;
        for (number, chip) in (1..).zip(chips) {
            record::drizzle_keywords(&mut header, number, chip, self)?;
        }
        for line in &self.provenance.history {
            header.push_commentary("HISTORY", line)?;
        }
        if self.options.final_wht_type == WeightType::Ivm {
            for line in record::maps(chips) {
                header.push_commentary("HISTORY", &line)?;
            }
        }
        Ok(header)
    }

    fn record_times(&self, header: &mut Header) -> Result<()> {
        let spans: Vec<(f64, f64)> = self.mosaic.chips.iter().map(Chip::span_mjd).collect();
        let start = spans.iter().map(|span| span.0).reduce(f64::min).unwrap_or(0.0);
        let end = spans.iter().map(|span| span.1).reduce(f64::max).unwrap_or(0.0);
        set_real(header, "EXPTIME", self.mosaic.exptime_s)?;
        set_real(header, "EXPSTART", start)?;
        set_real(header, "EXPEND", end)?;
        let total =
            firstlight_fits::Card::new("TEXPTIME", self.mosaic.exptime_s, Some("total exposure time (s)"))?;
        header.remove("TEXPTIME");
        let after = header
            .position("EXPTIME")
            .map_or(usize::MAX, |position| position + 1);
        header.insert(after, total);
        Ok(())
    }

    /// The blended header of SCI, ERR or DQ, which SCI, WHT and CTX follow, on the output's grid.
    fn of_plane(&self, plane: Plane) -> Result<Header> {
        let chips = &self.mosaic.chips;
        let of = |chip: &'a Chip| match plane {
            Plane::Sci | Plane::Err => Some(chip.imset.sci),
            Plane::Wht => chip.imset.err,
            Plane::Ctx => chip.imset.dq,
        };
        let headers: Vec<&Header> = chips
            .iter()
            .filter_map(|chip| Some(chip.file().hdus()[of(chip)?].header()))
            .collect();
        let mut header = blend(&headers);
        for keyword in ["OBJECT", "BSCALE", "BZERO", "BLANK"] {
            header.remove(keyword);
        }
        if matches!(plane, Plane::Sci | Plane::Err) {
            self.record_sky(&mut header)?;
            self.describe_samples(&mut header)?;
        } else {
            header.remove("BUNIT");
        }
        if header.contains("CCDCHIP") || plane == Plane::Wht {
            header.set("CCDCHIP", -999, None)?;
        }
        self.place(&mut header)?;
        Ok(header)
    }

    /// MDRIZSKY is the mean of the inputs' skies, where they were measured or given.
    fn record_sky(&self, header: &mut Header) -> Result<()> {
        let skies = self.mosaic.chips.iter().filter(|chip| chip.sky.is_some());
        let skies: Vec<f64> = skies.map(|chip| chip.subtracted_sky).collect();
        if !skies.is_empty() {
            let mean = skies.iter().sum::<f64>() / skies.len() as f64;
            header.set("MDRIZSKY", mean, Some("Sky value computed by AstroDrizzle"))?;
        }
        Ok(())
    }

    fn describe_samples(&self, header: &mut Header) -> Result<()> {
        if header.contains("NCOMBINE") {
            let mut files: Vec<&Path> = self.mosaic.chips.iter().map(|chip| chip.file().path()).collect();
            files.sort();
            files.dedup();
            header.set("NCOMBINE", files.len() as i64, None)?;
        }
        let given = self
            .mosaic
            .chips
            .first()
            .map(|chip| chip.bunit.clone())
            .unwrap_or_default();
        let first = self.mosaic.chips.first().map(|chip| chip.electrons);
        let in_counts = first.is_some_and(|of| of.in_native_counts());
        let given = if in_counts && self.options.proc_unit == ProcUnit::Electrons {
            given.to_ascii_uppercase().replace("COUNTS", "ELECTRONS")
        } else {
            given
        };
        let name = given.split('/').next().unwrap_or_default().to_owned();
        let unit = match self.options.final_units {
            FinalUnits::Cps if given.contains('/') => given,
            FinalUnits::Cps => format!("{given}/S"),
            FinalUnits::Counts => name,
        };
        header.set("BUNIT", unit, Some("Units of science product"))?;
        Ok(())
    }

    /// The output's coordinates in place of the inputs'.
    fn place(&self, header: &mut Header) -> Result<()> {
        let wcs = &self.mosaic.wcs;
        for card in wcs.cards()? {
            if let Some(value) = card.value().ok().flatten() {
                header.set(card.keyword(), value, card.comment().as_deref())?;
            }
        }
        if let Some(name) = wcs.name() {
            header.set("WCSTYPE", record::wcs_type(name), None)?;
        }
        Ok(())
    }
}

/// Sets a number, leaving the card as it is where it says the same.
fn set_real(header: &mut Header, keyword: &str, value: f64) -> Result<()> {
    if header.real(keyword) != Some(value) {
        header.set(keyword, Value::Real(value), None)?;
    }
    Ok(())
}

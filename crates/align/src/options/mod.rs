//! TweakReg's parameters by their own names.

mod choice;

pub use choice::{Column, FluxUnits, PositionUnits, ResidualPlot, SearchUnits};

use crate::{Error, FitGeometry, Result};
use firstlight_measure::find::FindOptions;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// How images are aligned; names and defaults are TweakReg's, but that nothing is drawn, and no list written,
/// unless asked for.
///
/// The functions of this crate look at what concerns lists of positions. What concerns files is there for
/// whoever opens them, so that all of it is in one place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct TweakRegOptions {
    /// Image whose sources, or where a catalogue is given whose coordinate system, is the reference.
    #[cfg_attr(feature = "clap", arg(long))]
    pub refimage: Option<String>,
    /// Add the sources of each aligned image that have no match to the reference, for the images after it.
    #[cfg_attr(feature = "clap", arg(long, alias = "expand_refcat", num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = TweakRegOptions::default().expand_refcat, action = clap::ArgAction::Set))]
    pub expand_refcat: bool,
    /// Align images in the order they are given in; else, with expand_refcat, by how much they overlap.
    #[cfg_attr(feature = "clap", arg(long, alias = "enforce_user_order", num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = TweakRegOptions::default().enforce_user_order, action = clap::ArgAction::Set))]
    pub enforce_user_order: bool,
    /// File that names for each image the region files or masks of its chips.
    #[cfg_attr(feature = "clap", arg(long))]
    pub exclusions: Option<String>,
    /// Make the coordinate systems anew from the distortion reference files first.
    #[cfg_attr(feature = "clap", arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = TweakRegOptions::default().updatewcs, action = clap::ArgAction::Set))]
    pub updatewcs: bool,
    /// Folder of reference files, for updatewcs: looked into before jref, oref, … of the environment, the CRDS cache
    /// and the folder of the exposure.
    #[cfg_attr(feature = "clap", arg(long, alias = "ref_dir", value_name = "DIR"))]
    pub ref_dir: Option<PathBuf>,
    /// Write the lists of sources and of matches beside the images.
    #[cfg_attr(feature = "clap", arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = TweakRegOptions::default().writecat, action = clap::ArgAction::Set))]
    pub writecat: bool,
    /// Replace lists, plots and files of shifts that are there already.
    #[cfg_attr(
        feature = "clap",
        arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = TweakRegOptions::default().overwrite, action = clap::ArgAction::Set)
    )]
    pub overwrite: bool,
    /// Remove these lists at the end.
    #[cfg_attr(feature = "clap", arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = TweakRegOptions::default().clean, action = clap::ArgAction::Set))]
    pub clean: bool,
    /// Accepted and without effect: nothing is asked.
    #[cfg_attr(feature = "clap", arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = TweakRegOptions::default().interactive, action = clap::ArgAction::Set))]
    pub interactive: bool,
    /// Accepted and without effect: the report has everything.
    #[cfg_attr(feature = "clap", arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = TweakRegOptions::default().verbose, action = clap::ArgAction::Set))]
    pub verbose: bool,
    /// Write the steps and their results to this log.
    #[cfg_attr(feature = "clap", arg(long))]
    pub runfile: Option<String>,
    /// Write the corrected coordinate systems to the images.
    #[cfg_attr(feature = "clap", arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = TweakRegOptions::default().updatehdr, action = clap::ArgAction::Set))]
    pub updatehdr: bool,
    /// Name of the corrected coordinate system (WCSNAME).
    #[cfg_attr(feature = "clap", arg(long, default_value_t = TweakRegOptions::default().wcsname))]
    pub wcsname: String,
    /// Replace a coordinate system of the same name.
    #[cfg_attr(feature = "clap", arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = TweakRegOptions::default().reusename, action = clap::ArgAction::Set))]
    pub reusename: bool,
    /// Make a headerlet of each corrected coordinate system.
    #[cfg_attr(feature = "clap", arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = TweakRegOptions::default().headerlet, action = clap::ArgAction::Set))]
    pub headerlet: bool,
    /// Attach the headerlet to its image.
    #[cfg_attr(feature = "clap", arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = TweakRegOptions::default().attach, action = clap::ArgAction::Set))]
    pub attach: bool,
    /// File of the headerlet, or the middle part of its name.
    #[cfg_attr(feature = "clap", arg(long))]
    pub hdrfile: Option<String>,
    /// Replace a headerlet file that is there already.
    #[cfg_attr(feature = "clap", arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = TweakRegOptions::default().clobber, action = clap::ArgAction::Set))]
    pub clobber: bool,
    /// Name of the headerlet [default: wcsname].
    #[cfg_attr(feature = "clap", arg(long))]
    pub hdrname: Option<String>,
    /// Author of the headerlet.
    #[cfg_attr(feature = "clap", arg(long))]
    pub author: Option<String>,
    /// Description in the headerlet, one line.
    #[cfg_attr(feature = "clap", arg(long))]
    pub descrip: Option<String>,
    /// Name of the reference catalogue in the headerlet.
    #[cfg_attr(feature = "clap", arg(long))]
    pub catalog: Option<String>,
    /// File whose text becomes the headerlet's HISTORY.
    #[cfg_attr(feature = "clap", arg(long))]
    pub history: Option<String>,
    /// Write a file of shifts.
    #[cfg_attr(feature = "clap", arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = TweakRegOptions::default().shiftfile, action = clap::ArgAction::Set))]
    pub shiftfile: bool,
    /// File of shifts.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = TweakRegOptions::default().outshifts))]
    pub outshifts: String,
    /// File of the coordinate system that the shifts are in.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = TweakRegOptions::default().outwcs))]
    pub outwcs: String,
    /// File that names for each image the catalogues of its chips, which take the place of source finding; none for a
    /// chip without sources, no name at all for an image on which they are found.
    #[cfg_attr(feature = "clap", arg(long))]
    pub catfile: Option<String>,
    /// Column of x in these catalogues, by number or name; one named x (with xyunits degrees: ra) is found by itself.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = TweakRegOptions::default().xcol))]
    pub xcol: Column,
    /// Column of y in these catalogues, by number or name; one named y (or dec) is found by itself.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = TweakRegOptions::default().ycol))]
    pub ycol: Column,
    /// Column of flux or magnitude in these catalogues.
    #[cfg_attr(feature = "clap", arg(long))]
    pub fluxcol: Option<Column>,
    /// Brightest source of these catalogues that is used, in fluxunits.
    #[cfg_attr(feature = "clap", arg(long, allow_negative_numbers = true))]
    pub maxflux: Option<f64>,
    /// Faintest source of these catalogues that is used, in fluxunits.
    #[cfg_attr(feature = "clap", arg(long, allow_negative_numbers = true))]
    pub minflux: Option<f64>,
    /// What is in the flux column: counts, cps or mag.
    #[cfg_attr(feature = "clap", arg(long, value_enum, default_value_t = TweakRegOptions::default().fluxunits))]
    pub fluxunits: FluxUnits,
    /// What is in the columns of x and y: pixels, counted from 1, or degrees.
    #[cfg_attr(feature = "clap", arg(long, value_enum, default_value_t = TweakRegOptions::default().xyunits))]
    pub xyunits: PositionUnits,
    /// Use only so many sources of these catalogues, the brightest.
    #[cfg_attr(feature = "clap", arg(long))]
    pub nbright: Option<usize>,
    /// Catalogue that is the reference: ECSV, CSV, VOTable, or columns of text.
    #[cfg_attr(feature = "clap", arg(long))]
    pub refcat: Option<String>,
    /// Column of right ascension in it, by number or name; a column named ra is found by itself.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = TweakRegOptions::default().refxcol))]
    pub refxcol: Column,
    /// Column of declination in it, by number or name; a column named dec is found by itself.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = TweakRegOptions::default().refycol))]
    pub refycol: Column,
    /// What these columns are in: degrees, or pixels of the reference plane, counted from 1.
    #[cfg_attr(feature = "clap", arg(long, value_enum, default_value_t = TweakRegOptions::default().refxyunits))]
    pub refxyunits: PositionUnits,
    /// Column of flux or magnitude in it.
    #[cfg_attr(feature = "clap", arg(long))]
    pub rfluxcol: Option<Column>,
    /// Brightest source of it that is used, in rfluxunits.
    #[cfg_attr(feature = "clap", arg(long, allow_negative_numbers = true))]
    pub rmaxflux: Option<f64>,
    /// Faintest source of it that is used, in rfluxunits.
    #[cfg_attr(feature = "clap", arg(long, allow_negative_numbers = true))]
    pub rminflux: Option<f64>,
    /// What is in the flux column: counts, cps or mag.
    #[cfg_attr(feature = "clap", arg(long, value_enum, default_value_t = TweakRegOptions::default().rfluxunits))]
    pub rfluxunits: FluxUnits,
    /// Use only so many of its sources, the brightest.
    #[cfg_attr(feature = "clap", arg(long))]
    pub refnbright: Option<usize>,
    /// An image with fewer sources, or with fewer matches, is not aligned.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = TweakRegOptions::default().minobj))]
    pub minobj: usize,
    /// How far the images may be off, in searchunits.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = TweakRegOptions::default().searchrad))]
    pub searchrad: f64,
    /// Unit of searchrad: arcseconds or pixels.
    #[cfg_attr(feature = "clap", arg(long, value_enum, default_value_t = TweakRegOptions::default().searchunits))]
    pub searchunits: SearchUnits,
    /// Where no offset stands out, how far images may be turned, degrees; 0 never looks.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = TweakRegOptions::default().searchroll))]
    pub searchroll: f64,
    /// Guess the offset from the histogram of differences; else it is xoffset, yoffset.
    #[cfg_attr(feature = "clap", arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = TweakRegOptions::default().use2dhist, action = clap::ArgAction::Set))]
    pub use2dhist: bool,
    /// Draw the histogram of differences.
    #[cfg_attr(feature = "clap", arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = TweakRegOptions::default().see2dplot, action = clap::ArgAction::Set))]
    pub see2dplot: bool,
    /// Of sources nearer to one another one is matched, pixels.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = TweakRegOptions::default().separation))]
    pub separation: f64,
    /// How far matched sources may be apart, pixels.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = TweakRegOptions::default().tolerance))]
    pub tolerance: f64,
    /// Offset of the images along x, pixels, where use2dhist is off.
    #[cfg_attr(feature = "clap", arg(long, allow_negative_numbers = true, default_value_t = TweakRegOptions::default().xoffset))]
    pub xoffset: f64,
    /// Offset of the images along y, pixels, where use2dhist is off.
    #[cfg_attr(feature = "clap", arg(long, allow_negative_numbers = true, default_value_t = TweakRegOptions::default().yoffset))]
    pub yoffset: f64,
    /// What is fitted: shift, rshift, rscale or general.
    #[cfg_attr(feature = "clap", arg(long, value_enum, default_value_t = TweakRegOptions::default().fitgeometry))]
    pub fitgeometry: FitGeometry,
    /// Plots of residuals: none, vector, residuals or both.
    #[cfg_attr(feature = "clap", arg(long, value_enum, default_value_t = TweakRegOptions::default().residplot))]
    pub residplot: ResidualPlot,
    /// Largest residual that the plots show, pixels.
    #[cfg_attr(feature = "clap", arg(long, allow_negative_numbers = true))]
    pub ylimit: Option<f64>,
    /// Accepted and without effect: the plots have a size of text of their own.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = TweakRegOptions::default().labelsize))]
    pub labelsize: u32,
    /// How often outliers are left out of the fit and it is made again.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = TweakRegOptions::default().nclip))]
    pub nclip: usize,
    /// Residuals of so many standard deviations are outliers.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = TweakRegOptions::default().sigma))]
    pub sigma: f64,
    /// How sources are found in the images.
    #[cfg_attr(feature = "clap", command(flatten))]
    pub imagefindcfg: FindOptions,
    /// How sources are found in the reference image, as JSON [default: as in the images].
    #[cfg_attr(feature = "clap", arg(long, value_parser = crate::options::find_options, value_name = "JSON"))]
    pub refimagefindcfg: Option<FindOptions>,
}

/// Options of source finding from JSON text.
#[cfg(feature = "clap")]
fn find_options(text: &str) -> Result<FindOptions, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

impl Default for TweakRegOptions {
    fn default() -> Self {
        Self {
            refimage: None,
            expand_refcat: false,
            enforce_user_order: true,
            exclusions: None,
            updatewcs: false,
            ref_dir: None,
            writecat: false,
            overwrite: false,
            clean: false,
            interactive: true,
            verbose: false,
            runfile: None,
            updatehdr: false,
            wcsname: "TWEAK".to_owned(),
            reusename: false,
            headerlet: false,
            attach: true,
            hdrfile: None,
            clobber: false,
            hdrname: None,
            author: None,
            descrip: None,
            catalog: None,
            history: None,
            shiftfile: false,
            outshifts: "shifts.txt".to_owned(),
            outwcs: "shifts_wcs.fits".to_owned(),
            catfile: None,
            xcol: Column::number(1),
            ycol: Column::number(2),
            fluxcol: None,
            maxflux: None,
            minflux: None,
            fluxunits: FluxUnits::Counts,
            xyunits: PositionUnits::Pixels,
            nbright: None,
            refcat: None,
            refxcol: Column::number(1),
            refycol: Column::number(2),
            refxyunits: PositionUnits::Degrees,
            rfluxcol: None,
            rmaxflux: None,
            rminflux: None,
            rfluxunits: FluxUnits::Mag,
            refnbright: None,
            minobj: 15,
            searchrad: 1.0,
            searchunits: SearchUnits::Arcseconds,
            searchroll: 0.75,
            use2dhist: true,
            see2dplot: false,
            separation: 0.5,
            tolerance: 1.0,
            xoffset: 0.0,
            yoffset: 0.0,
            fitgeometry: FitGeometry::Rscale,
            residplot: ResidualPlot::None,
            ylimit: None,
            labelsize: 8,
            nclip: 3,
            sigma: 3.0,
            imagefindcfg: FindOptions::default(),
            refimagefindcfg: None,
        }
    }
}

impl TweakRegOptions {
    /// Says what is out of range.
    ///
    /// # Errors
    /// [`Error::BadOption`]; as [`FindOptions::check`].
    pub fn check(&self) -> Result<()> {
        let least = |parameter, found: f64| {
            let sound = found >= 0.0 && found.is_finite();
            require(sound, parameter, "zero or a positive number", found)
        };
        least("searchrad", self.searchrad)?;
        least("separation", self.separation)?;
        require(
            (0.0..=180.0).contains(&self.searchroll),
            "searchroll",
            "from 0 to 180 degrees",
            self.searchroll,
        )?;
        for (parameter, found) in [("tolerance", self.tolerance), ("sigma", self.sigma)] {
            require(
                found > 0.0 && found.is_finite(),
                parameter,
                "a positive number",
                found,
            )?;
        }
        for (parameter, found) in [("xoffset", self.xoffset), ("yoffset", self.yoffset)] {
            require(found.is_finite(), parameter, "a finite number", found)?;
        }
        self.imagefindcfg.check()?;
        Ok(self.refimagefindcfg.as_ref().map_or(Ok(()), FindOptions::check)?)
    }

    /// The search radius in pixels of so many arcsec.
    pub(crate) fn radius_px(&self, pixel_arcsec: f64) -> f64 {
        match self.searchunits {
            SearchUnits::Pixels => self.searchrad,
            SearchUnits::Arcseconds => self.searchrad / pixel_arcsec,
        }
    }
}

fn require(holds: bool, parameter: &'static str, expected: &'static str, found: f64) -> Result<()> {
    if holds {
        return Ok(());
    }
    Err(Error::BadOption {
        parameter,
        expected,
        found,
    })
}

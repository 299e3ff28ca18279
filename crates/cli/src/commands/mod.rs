//! One file per verb.

mod acs2d;
mod acsccd;
mod acscte;
mod acsrej;
mod acssum;
mod align;
mod archive;
mod badpix;
mod basic2d;
mod bestrefs;
mod calibrate;
mod ccd;
mod combine;
mod completions;
mod cte_forward;
mod dark;
mod demo;
mod destripe;
mod drizzle;
mod drizzle_grid;
mod header;
mod headerlet;
mod info;
mod lacosmic;
mod log;
mod mast;
mod ocrreject;
mod photometry;
mod plot;
mod plot_spectrum;
mod reduce;
mod register;
mod sbc_dark;
mod shift;
mod simulate;
mod solve;
mod stack;
mod stage;
mod superbias;
mod superdark;
mod table;
mod timeseries;
mod updatewcs;
mod wavecal;
mod wcs;
mod x1d;
mod x2d;

use crate::{Global, output::Outcome};
use clap::{ArgMatches, Subcommand};
use firstlight::Result;

/// The verbs.
#[derive(Subcommand)]
pub enum Command {
    /// Try everything at once: a simulated visit, its dark-subtracted fluxes, and the truth.
    Demo(demo::Demo),
    /// List the HDUs of files.
    Info(info::Info),
    /// Get, show or set header keywords.
    Header(header::Header),
    /// List, apply, attach, write, extract and delete headerlets: world coordinates in files of their own.
    Headerlet(headerlet::Headerlet),
    /// Make an observing log: keywords of many files as a table.
    Log(log::Log),
    /// Find observations in the MAST archive, list their files and fetch them.
    Mast(mast::Mast),
    /// Find the best reference files (CRDS), write them into headers, fetch them.
    ///
    /// Prints for each reference keyword what the file has and what is best. NOT FOUND says why the rules have no
    /// answer; such keywords are left as they are.
    Bestrefs(bestrefs::Bestrefs),
    /// Calibrate raw exposures of ACS (to _flt, _flc, _crj, _crc, _sfl) and of the STIS CCD (to _flt, _crj, _sx2, _sx1).
    ///
    /// The switches of the headers say what is done; --switch stands above them. Reference files are found by --ref-dir,
    /// by jref or oref of the environment, in the CRDS cache, or beside the exposure; all that are missing are named before any
    /// work.
    Calibrate(Box<calibrate::Calibrate>),
    /// Take bias and overscan off raw WFC and HRC exposures (_raw to _blv_tmp).
    Acsccd(Box<acsccd::Acsccd>),
    /// Put back the charge that traps of the WFC held (_blv_tmp to _blc_tmp).
    Acscte(Box<acscte::Acscte>),
    /// Combine exposures of one field and reject cosmic rays (_blv_tmp to _crj_tmp).
    ///
    /// Parameters that are not given stand in CRREJTAB.
    Acsrej(Box<acsrej::Acsrej>),
    /// Take off dark and flat, and record photometry (_blv_tmp, _blc_tmp, _crj_tmp, raw SBC to _flt, _flc, _crj).
    Acs2d(Box<acs2d::Acs2d>),
    /// Sum repeated exposures (_flt to _sfl).
    Acssum(acssum::Acssum),
    /// Calibrate exposures of the STIS CCD in two dimensions: DQ, bias level, bias, dark, flat.
    ///
    /// The switches of the header say what is done; --switch stands above them. Of an exposure in several parts the bias is
    /// taken off (DARKCORR=OMIT, FLATCORR=OMIT), then ocrreject combines them, then dark and flat are done.
    Basic2d(basic2d::Basic2d),
    /// Combine exposures of the STIS CCD and reject cosmic rays.
    ///
    /// All imsets of all inputs are combined, in DN without bias, before dark and flat. Parameters that are not given stand
    /// in CRREJTAB.
    Ocrreject(Box<ocrreject::Ocrreject>),
    /// Measure by a lamp how far spectra of the STIS CCD lie from their nominal place, and record it in their headers.
    ///
    /// Along the spectrum by the lamp's lines, along the slit by the shadows of its bars: SHIFTA1 and SHIFTA2. Each image is
    /// replaced when it is whole.
    Wavecal(wavecal::Wavecal),
    /// Rectify spectroscopic images of the STIS CCD: wavelength along x, the slit along y, both linear.
    X2d(x2d::X2d),
    /// Extract the spectrum of a point source from an image of the STIS CCD.
    ///
    /// It is looked for about its nominal line; --a2center and --maxsrch say where. Parameters that are not given stand in
    /// XTRACTAB.
    X1d(Box<x1d::X1d>),
    /// Print, filter, sort and convert tables.
    Table(table::Table),
    /// Align exposures to one another, to an image or to a catalogue (TweakReg).
    ///
    /// Sources are found, matched and fitted in a common plane; with --updatehdr the headers get the corrected coordinate
    /// systems. An image that cannot be aligned stays as it is, and its status says why.
    Align(Box<align::Align>),
    /// Clean exposures of cosmic rays and combine them on one grid (AstroDrizzle).
    Drizzle(Box<drizzle::Drizzle>),
    /// Choose pixfrac: try many values on the same exposures and judge weight and stars.
    DrizzleGrid(Box<drizzle_grid::DrizzleGrid>),
    /// Sum the light in apertures.
    ///
    /// Positions are pixels counted from 0, a whole number being a pixel's centre, or with --sky right ascension and
    /// declination. Angles are degrees from the x axis towards y, with --sky from north through east. Sums are in the
    /// image's unit; an aperture that reaches over the edge has the sum of what is inside.
    Photometry(Box<photometry::Photometry>),
    /// Draw images side by side, with colour bars, boxes and apertures, as PNG or SVG.
    ///
    /// Boxes are rows and columns as numpy slices them, y0:y1,x0:x1; positions of shapes are x,y in pixels counted from
    /// 0, as for `photometry`.
    Plot(Box<plot::Plot>),
    /// Draw spectra one over the other, with their ratio or difference, as PNG, SVG or a page to be explored.
    ///
    /// Quotients and differences are with the first spectrum, at its wavelengths.
    PlotSpectrum(Box<plot_spectrum::PlotSpectrum>),
    /// Compute the world coordinates of Hubble's exposures anew, in place, from pointing and distortion reference files.
    ///
    /// ACS, WFC3, the CCD of STIS, and WFPC2. Reference files are found by --ref-dir, by jref, oref, … of the environment,
    /// in the CRDS cache, or beside the exposure. Files are replaced when all is done: the old one or the new one is there.
    Updatewcs(updatewcs::Updatewcs),
    /// Go between pixels and sky positions, with all distortions.
    Wcs(wcs::WcsCommand),
    /// Draw the trails of charge transfer into images, with the traps of ACS/WFC or those of any camera.
    ///
    /// The inverse of the CTE correction: for simulations, and to see what the readout does to a source.
    CteForward(Box<cte_forward::CteForward>),
    /// Calibrate frames of the repaired ACS/WFC with their stripes measured in the pixels (acs_destripe_plus).
    ///
    /// acsccd, then the stripes, then CTE and acs2d, for subarrays and full frames after Servicing Mission 4. Each row's
    /// level is measured after clipping, without dark, flash and flat, and what it differs from the others is subtracted.
    Destripe(Box<destripe::Destripe>),
    /// Calibrate frames of any CCD: overscan, trim, gain, uncertainty, bias, dark, flat.
    Ccd(Box<ccd::Ccd>),
    /// Make a mask of bad pixels: unlike their neighbours in a flat or the ratio of two (ccdmask), or hot in darks.
    ///
    /// Bit 1 of the mask is what the flats show, bit 2 what the darks do; `firstlight ccd --bad-pixel-mask` takes it.
    Badpix(Box<badpix::Badpix>),
    /// Find frames on the sky by the stars of a catalogue in a file, and write their coordinate systems (TAN, SIP).
    ///
    /// Where they look and their scale have to be known roughly, by their headers or by options. Rotation does not matter,
    /// nor whether a frame is a mirror image.
    Solve(Box<solve::Solve>),
    /// Reduce a night at a ground-based telescope: masters of its biases, darks and flats, and its frames of the sky.
    ///
    /// What each frame is of is told by IMAGETYP, OBSTYPE, FRAME or PICTTYPE, else by OBJECT or the name of its file. Each
    /// frame gets the bias, the dark of its temperature and the flat of its filter that were taken nearest in time. A frame
    /// that lacks one is told of, and the others go on.
    Reduce(Box<reduce::Reduce>),
    /// Find cosmic rays in single frames by their sharp edges (L.A.Cosmic), flag and replace them.
    Lacosmic(Box<lacosmic::Lacosmic>),
    /// Measure, match and implant dark frames.
    ///
    /// Boxes are rows and columns as numpy slices them, y0:y1,x0:x1, counted from 0; rates are counts/s in the box.
    Dark(dark::Dark),
    /// Dark-subtracted photometry of a visit with the SBC.
    SbcDark(Box<sbc_dark::SbcDark>),
    /// Make bias reference images of the STIS CCD: the mean of bias frames, the bias of an anneal period, that of a week.
    ///
    /// The bias level is taken off, cosmic rays are rejected, and the sum is divided by the number of frames. The options of
    /// rejection win over CRREJTAB, which the header of the first frame names. Frames are read in tiles of rows.
    Superbias(Box<superbias::SuperbiasCommand>),
    /// Make dark reference images: the baseline of an anneal period, the dark of a week.
    ///
    /// Of the CCDs of STIS and ACS in electrons per second, of any other CCD a dark of one second in the unit of its frames.
    /// Darks are combined without cosmic rays, and divided by their exposure time; those of STIS are scaled to 18 C. The
    /// options of rejection win over CRREJTAB, which the header of the first dark names. Frames are read in tiles of rows: however
    /// many there are, they are never in memory together.
    Superdark(superdark::SuperdarkCommand),
    /// Combine frames of any CCD: bias, dark and flat frames into masters, exposures into a deep one.
    ///
    /// Frames are read some rows at a time: however many there are, they are never in memory together. The product is what
    /// astropy's CCDData reads, with the uncertainty in UNCERT and the mask in MASK, and the number of frames in each pixel
    /// in NUSED. Its header is that of the first frame with NCOMBINE; EXPTIME becomes the mean, of a sum the sum.
    Combine(Box<combine::Combine>),
    /// Find where the stars of a reference frame are in other frames of the field.
    ///
    /// Triangles of bright stars that have the same form in both frames tell shift, rotation, scale and reflection; the map
    /// is fitted to all stars that it brings together. Frames of which chance explains the best map are refused, one by
    /// one.
    Register(Box<register::RegisterCommand>),
    /// Put frames on the pixels of a reference frame, with uncertainty and mask.
    ///
    /// Frames are registered first, unless a table of 'register' has their maps. The products have the frames' names and
    /// cards, and the reference's world coordinates. Whole shifts leave the samples as they are.
    Shift(Box<shift::ShiftCommand>),
    /// Stack frames of a field: registered, brought to one level, resampled and combined.
    ///
    /// From each frame its sky is subtracted; it is scaled to the reference's exposure time and, by the stars that both have,
    /// to its zero point, put on the reference's pixels as 'shift' does, and all are combined as 'combine' does. Samples
    /// are at the level of the reference's exposure, of which EXPTIME tells; TEXPTIME is the sum of all.
    Stack(Box<stack::StackCommand>),
    /// Measure light curves of stars over a series of frames.
    ///
    /// The stars are named on a reference, to which the frames are registered; they are measured in the frames' own pixels, in
    /// apertures about their centres, and compared with several stars that do not vary. The table has a row for each star
    /// and frame; times are those of mid-exposure, JD (UTC).
    Timeseries(Box<timeseries::TimeseriesCommand>),
    /// Serve a folder of FITS files as the archive serves its own.
    Archive(archive::Archive),
    /// Simulate data with known truth.
    Simulate(simulate::Simulate),
    /// Print a completion script for a shell.
    Completions(completions::Completions),
}

impl Command {
    /// Whether the verb itself ends in good order at Ctrl-C.
    #[cfg(unix)]
    pub fn heeds_signals(&self) -> bool {
        matches!(self, Command::Archive(_))
    }

    /// Runs the verb. `matches` tells which options were given rather than left at their defaults.
    pub fn run(self, global: &Global, matches: &ArgMatches) -> Result<Outcome> {
        let _ = matches;
        match self {
            Command::Align(args) => args.run(global),
            Command::Archive(args) => args.run(global),
            Command::Basic2d(args) => args.run(global),
            Command::Bestrefs(args) => args.run(global),
            Command::Acs2d(args) => args.run(global),
            Command::Acsccd(args) => args.run(global),
            Command::Acscte(args) => args.run(global),
            Command::Acsrej(args) => args.run(global),
            Command::Acssum(args) => args.run(global),
            Command::Calibrate(args) => args.run(global),
            Command::Combine(args) => args.run(global),
            Command::Completions(args) => args.run(),
            Command::CteForward(args) => args.run(global),
            Command::Destripe(args) => args.run(global),
            Command::Ccd(args) => args.run(global),
            Command::Badpix(args) => args.run(global),
            Command::Lacosmic(args) => args.run(global),
            Command::Drizzle(args) => args.run(global),
            Command::DrizzleGrid(args) => args.run(global),
            Command::Header(args) => args.run(global),
            Command::Headerlet(args) => args.run(global),
            Command::Info(args) => args.run(global),
            Command::Log(args) => args.run(global),
            Command::Mast(args) => args.run(global),
            Command::Ocrreject(args) => args.run(global),
            Command::Photometry(args) => args.run(global),
            Command::Plot(args) => args.run(global),
            Command::PlotSpectrum(args) => args.run(global),
            Command::Solve(args) => args.run(global),
            Command::Reduce(args) => args.run(global),
            Command::Register(args) => args.run(global),
            Command::Shift(args) => args.run(global),
            Command::Table(args) => args.run(global),
            Command::Stack(args) => args.run(global),
            Command::Timeseries(args) => args.run(global),
            Command::Updatewcs(args) => args.run(global),
            Command::Wavecal(args) => args.run(global),
            Command::Wcs(args) => args.run(global),
            Command::X1d(args) => args.run(global),
            Command::X2d(args) => args.run(global),
            Command::Dark(args) => args.run(global),
            Command::Demo(args) => args.run(global),
            Command::SbcDark(args) => args.run(global),
            Command::Simulate(args) => args.run(global),
            Command::Superbias(args) => args.run(global),
            Command::Superdark(args) => args.run(global),
        }
    }
}

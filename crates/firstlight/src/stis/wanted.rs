//! Which reference files the steps want, by the switches of a primary header.

use super::reference_files::{Wanted, is_named};
use firstlight_calibrate::stis::SpectralSwitches;
use firstlight_fits::Header;
use firstlight_frame::Switch;
use std::path::Path;

/// The switches of basic2d.
pub(crate) const OF_BASIC2D: [&str; 6] = [
    "DQICORR", "BLEVCORR", "BIASCORR", "DARKCORR", "FLATCORR", "PHOTCORR",
];
const FLATS: [&str; 3] = ["PFLTFILE", "DFLTFILE", "LFLTFILE"];

/// Whether basic2d has anything to do.
pub(crate) fn asks_for_basic2d(primary: &Header) -> bool {
    OF_BASIC2D
        .iter()
        .any(|switch| Switch::of(primary, switch).is_perform())
}

/// Of basic2d; the dark may be the user's own.
pub(crate) fn by_basic2d<'a>(primary: &Header, darkfile: Option<&'a Path>) -> Vec<Wanted<'a>> {
    let does = |switch| Switch::of(primary, switch).is_perform();
    let mut wanted = vec![Wanted::new("ATODGAIN", "CCDTAB", None)];
    if does("DQICORR") {
        // Without a table of bad pixels saturation is still flagged.
        wanted.push(Wanted::optional("DQICORR", "BPIXTAB"));
    }
    if does("BIASCORR") {
        wanted.push(Wanted::new("BIASCORR", "BIASFILE", None));
    }
    if does("DARKCORR") {
        wanted.push(Wanted::new("DARKCORR", "DARKFILE", darkfile));
    }
    if does("FLATCORR") {
        match FLATS.iter().any(|keyword| is_named(primary, keyword)) {
            true => wanted.extend(FLATS.map(|keyword| Wanted::optional("FLATCORR", keyword))),
            false => wanted.push(Wanted::new("FLATCORR", "PFLTFILE", None)),
        }
    }
    let is_image = primary.text("OBSTYPE").unwrap_or_default().trim() != "SPECTROSCOPIC";
    if does("PHOTCORR") && is_image {
        wanted.push(Wanted::new("PHOTCORR", "IMPHTTAB", None));
        wanted.push(Wanted::optional("PHOTCORR", "TDSTAB"));
    }
    wanted
}

/// Of the shifts that a rectified wavecal shows, and of its rectification.
pub(crate) fn by_wavecal() -> Vec<Wanted<'static>> {
    let mut wanted = vec![
        Wanted::optional("WAVECORR", "WCPTAB"),
        Wanted::new("WAVECORR", "LAMPTAB", None),
    ];
    let tables = ["APDESTAB", "DISPTAB", "INANGTAB", "SPTRCTAB", "SDCTAB"];
    wanted.extend(tables.map(|keyword| Wanted::new("WAVECORR", keyword, None)));
    wanted
}

/// Of x2d.
pub(crate) fn by_x2d(switches: &SpectralSwitches) -> Vec<Wanted<'static>> {
    let tables = ["SDCTAB", "APDESTAB", "DISPTAB", "INANGTAB", "SPTRCTAB"];
    let mut wanted: Vec<_> = tables.map(|keyword| Wanted::new("X2DCORR", keyword, None)).into();
    if switches.fluxcorr {
        wanted.extend(by_flux());
    }
    wanted
}

/// Of x1d.
pub(crate) fn by_x1d(switches: &SpectralSwitches) -> Vec<Wanted<'static>> {
    let tables = ["XTRACTAB", "APDESTAB", "SPTRCTAB"];
    let mut wanted: Vec<_> = tables.map(|keyword| Wanted::new("X1DCORR", keyword, None)).into();
    if switches.dispcorr {
        wanted.extend(["DISPTAB", "INANGTAB"].map(|keyword| Wanted::new("DISPCORR", keyword, None)));
    }
    if switches.fluxcorr {
        wanted.extend(by_flux());
        wanted.push(Wanted::optional("FLUXCORR", "GACTAB"));
        if switches.ctecorr {
            wanted.push(Wanted::new("CTECORR", "CCDTAB", None));
        }
    }
    wanted
}

fn by_flux() -> [Wanted<'static>; 4] {
    [
        Wanted::new("FLUXCORR", "PHOTTAB", None),
        Wanted::new("FLUXCORR", "APERTAB", None),
        Wanted::optional("FLUXCORR", "PCTAB"),
        Wanted::optional("FLUXCORR", "TDSTAB"),
    ]
}

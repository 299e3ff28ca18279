//! Which reference files the switches ask for.

use firstlight_fits::Header;
use firstlight_frame::{Detector, Switch};

/// The stages that an exposure goes through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Stages {
    /// acsccd.
    pub(super) ccd: bool,
    /// acscte, where PCTECORR asks for it.
    pub(super) cte: bool,
    /// acsrej with parameters from its table.
    pub(super) crrejtab: bool,
    /// acsrej with the shading of the shutter.
    pub(super) shading: bool,
    /// acs2d of what has no CTE correction.
    pub(super) flat: bool,
    /// acs2d of what has it.
    pub(super) flat_of_cte: bool,
    /// The simulation of the readout.
    pub(super) cte_forward: bool,
    /// Destriping, which measures without dark, flash and flat.
    pub(super) destripe: bool,
}

/// A reference file that a switch asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wanted {
    /// The switch, or the stage where no switch asks for it.
    pub(super) by: &'static str,
    /// The keyword that names the file.
    pub(super) keyword: &'static str,
    pub(super) need: Need,
}

/// Whether a step can do without the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// It cannot.
    Always,
    /// It can do without one that is not named; one that is named must be there.
    WhereNamed,
    /// It needs one of the flats at least.
    OneOfFlats,
}

/// All that the switches of a primary header ask for in these stages, each keyword once.
pub(super) fn wanted(primary: &Header, stages: Stages) -> Vec<Wanted> {
    let is_sbc = Detector::from_header(primary) == Detector::AcsSbc;
    let on = |keyword: &str| Switch::of(primary, keyword).is_perform();
    let mut list = List::default();
    if !is_sbc && (stages.ccd || stages.cte || stages.flat || stages.flat_of_cte) {
        list.always(if stages.ccd { "acsccd" } else { "the noise model" }, "CCDTAB");
    }
    if (stages.ccd || stages.flat) && on("DQICORR") {
        let need = if is_sbc { Need::Always } else { Need::WhereNamed };
        list.add("DQICORR", "BPIXTAB", need);
    }
    if stages.ccd && !is_sbc {
        of_acsccd(&mut list, on);
    }
    if stages.cte && on("PCTECORR") {
        list.always("PCTECORR", "PCTETAB");
    }
    if stages.crrejtab {
        list.always("CRCORR", "CRREJTAB");
    }
    if stages.shading {
        list.always("SHADCORR", "SHADFILE");
    }
    if stages.flat || stages.flat_of_cte {
        of_acs2d(&mut list, on, is_sbc, stages);
    }
    if stages.cte_forward {
        list.always("the CTE forward model", "CCDTAB");
        list.always("the CTE forward model", "PCTETAB");
    }
    if stages.destripe {
        let flashed = primary.real("FLASHDUR").is_some_and(|seconds| seconds > 0.0);
        list.add("destriping", "DARKFILE", Need::WhereNamed);
        list.add("destriping", "PFLTFILE", Need::WhereNamed);
        if flashed {
            list.add("destriping", "FLSHFILE", Need::WhereNamed);
        }
    }
    list.0
}

#[derive(Default)]
struct List(Vec<Wanted>);

impl List {
    fn add(&mut self, by: &'static str, keyword: &'static str, need: Need) {
        if !self.0.iter().any(|wanted| wanted.keyword == keyword) {
            self.0.push(Wanted { by, keyword, need });
        }
    }

    fn always(&mut self, by: &'static str, keyword: &'static str) {
        self.add(by, keyword, Need::Always);
    }
}

fn of_acsccd(list: &mut List, on: impl Fn(&str) -> bool) {
    if on("ATODCORR") {
        list.always("ATODCORR", "ATODTAB");
    }
    if on("BIASCORR") {
        list.always("BIASCORR", "BIASFILE");
        // The map of full wells has no switch of its own, and is used where both are done.
        if on("BLEVCORR") {
            list.always("BIASCORR", "SATUFILE");
        }
    }
    // Where the overscan is, the other steps want to know as well.
    let need = if on("BLEVCORR") {
        Need::Always
    } else {
        Need::WhereNamed
    };
    list.add("BLEVCORR", "OSCNTAB", need);
    if on("SINKCORR") {
        list.always("SINKCORR", "SNKCFILE");
    }
}

fn of_acs2d(list: &mut List, on: impl Fn(&str) -> bool, is_sbc: bool, stages: Stages) {
    for switch in ["GLINCORR", "LFLGCORR"] {
        if is_sbc && on(switch) {
            list.always(switch, "MLINTAB");
        }
    }
    if on("DARKCORR") {
        if stages.flat {
            list.always("DARKCORR", "DARKFILE");
        }
        if stages.flat_of_cte {
            list.always("DARKCORR", "DRKCFILE");
        }
    }
    if !is_sbc && on("FLSHCORR") {
        list.always("FLSHCORR", "FLSHFILE");
    }
    if on("FLATCORR") {
        for keyword in ["PFLTFILE", "DFLTFILE", "LFLTFILE"] {
            list.add("FLATCORR", keyword, Need::OneOfFlats);
        }
        // The coronagraph's spots.
        list.add("FLATCORR", "CFLTFILE", Need::WhereNamed);
        list.add("FLATCORR", "SPOTTAB", Need::WhereNamed);
    }
    if !is_sbc && on("SHADCORR") {
        list.always("SHADCORR", "SHADFILE");
    }
    if on("PHOTCORR") {
        list.always("PHOTCORR", "IMPHTTAB");
    }
}

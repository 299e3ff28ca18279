//! Darks of the CCDs of ACS.

use super::frames::{DarkFrames, DarkPart, Origin, Pixels, Rate};
use super::header::{Kind, day_of, imset, of_programmes, of_rates, put_validity, short};
use super::{DarkSource, HOT, SuperdarkReport, alike};
use crate::acs::acsccd::readout::Readout;
use crate::acs::acsrej::empty_frame;
use crate::acs::tables::ccdtab::CcdParameters;
use crate::acs::{Amplifier, Channel, Setup};
use crate::record::{put, told};
use crate::stis::ocrreject::parts::{Noise, Quadrants};
use crate::{Chip, Error, Observation, Result};
use firstlight_frame::fits::Header;
use firstlight_frame::{Frame, Imset, Switch};

/// Keywords that all darks must have alike.
const ALIKE: [&str; 6] = [
    "DETECTOR", "CCDAMP", "CCDGAIN", "SUBARRAY", "APERTURE", "PCTECORR",
];

/// Opens darks: one set of frames for each chip, in the order of EXTVER.
///
/// # Errors
/// Those of [`Darks::acs`](super::Darks::acs).
pub(super) fn open(sources: &[DarkSource<'_>]) -> Result<Vec<DarkFrames>> {
    let first = sources.first().ok_or(Error::NoDarks)?;
    let mut chips: Vec<DarkFrames> = Vec::new();
    for source in sources {
        let name = source.name();
        let head = Observation::without_pixels(&name, source.exposure.primary().clone());
        let setup = Setup::of(&head)?;
        if setup.channel == Channel::Sbc {
            return Err(Error::NotCcd { name });
        }
        alike::check(first, source, &ALIKE, alike::LEAVE_OUT)?;
        check(&head, &setup)?;
        let imsets = source.exposure.imsets();
        if chips.is_empty() {
            chips = imsets
                .iter()
                .map(|imset| begin(first, imset))
                .collect::<Result<_>>()?;
        }
        if imsets.len() != chips.len() {
            let numbers = (chips.len().to_string(), imsets.len().to_string());
            return Err(alike::differ(
                (&first.name(), &name),
                "number of imsets",
                numbers,
                alike::LEAVE_OUT,
            ));
        }
        for (frames, imset) in chips.iter_mut().zip(imsets) {
            let number = imset.chip.unwrap_or(1);
            if number != frames.chip {
                let numbers = (frames.chip.to_string(), number.to_string());
                return Err(alike::differ(
                    (&first.name(), &name),
                    "CCDCHIP",
                    numbers,
                    alike::LEAVE_OUT,
                ));
            }
            take_day(&mut frames.origin, &head)?;
            frames.push(part(source, (&head, &setup), imset)?)?;
        }
    }
    chips.into_iter().map(DarkFrames::several).collect()
}

/// The frames of a chip, none as yet.
fn begin(first: &DarkSource<'_>, imset: &Imset) -> Result<DarkFrames> {
    let origin = Origin {
        primary: first.exposure.primary().clone(),
        sci: first.exposure.sci_header(imset.version)?.clone(),
        ..Origin::default()
    };
    Ok(DarkFrames::new(
        Rate::of_gain(1.0),
        origin,
        imset.chip.unwrap_or(1),
    ))
}

/// Whether it is a dark, calibrated as far as darks are to be.
fn check(head: &Observation, setup: &Setup) -> Result<()> {
    let says = |text: &str| text.trim().eq_ignore_ascii_case("DARK");
    if !says(&setup.targname) && !says(&setup.imagetyp) {
        return Err(head.keyword("TARGNAME", "DARK: superdarks are made of darks"));
    }
    let done = |switch| head.switch(switch) == Switch::Complete;
    for switch in ["BLEVCORR", "BIASCORR"] {
        if !done(switch) {
            return Err(head.keyword(switch, "COMPLETE, as acsccd leaves it"));
        }
    }
    for (switch, expected) in [
        ("DARKCORR", "OMIT: a dark whose dark current is still there"),
        ("FLATCORR", "OMIT: dark current knows no flat"),
    ] {
        if done(switch) {
            return Err(head.keyword(switch, expected));
        }
    }
    if setup.flashdur_s > 0.0 && !done("FLSHCORR") {
        let expected = "COMPLETE for a dark with post-flash (FLASHDUR): calibrate it with FLSHCORR=PERFORM";
        return Err(head.keyword("FLSHCORR", expected));
    }
    Ok(())
}

fn part(source: &DarkSource<'_>, (head, setup): (&Observation, &Setup), imset: &Imset) -> Result<DarkPart> {
    let exposure = &source.exposure;
    let chip = Chip {
        version: imset.version,
        frame: empty_frame(exposure.shape(imset.version)?),
        sci: exposure.sci_header(imset.version)?.clone(),
        err: Header::new(),
        dq: Header::new(),
    };
    if !chip.in_electrons() {
        return Err(Error::Keyword {
            name: head.name.clone(),
            hdu: format!("SCI,{}", chip.version),
            keyword: "BUNIT".to_owned(),
            expected: "ELECTRONS, as acsccd leaves it",
            found: chip.sci.text("BUNIT"),
        });
    }
    // What DARKCORR multiplies the dark by.
    let seconds = [setup.darktime_s, setup.exptime_s];
    let Some(seconds) = seconds.into_iter().find(|&seconds| seconds > 0.0) else {
        return Err(head.keyword("EXPTIME", "above 0 s, as DARKTIME where there is one"));
    };
    Ok(DarkPart {
        name: head.name.clone(),
        pixels: Pixels::Calibrated(Box::new(exposure.blocks(imset.version)?)),
        factor: 1.0,
        exptime_s: seconds as f32,
        noise: Noise {
            readnoise_e: readnoise(head, setup, &chip)?,
            gain_e_per_dn: 1.0,
        },
    })
}

/// The readout noise of each amplifier that reads a chip, e, in its share of the image, and with it that of the post-flash
/// that was subtracted, which its mean tells (MEANFLSH).
fn readnoise(head: &Observation, setup: &Setup, chip: &Chip) -> Result<Quadrants> {
    let mut readnoise_e = [0.0; 4];
    let flash = chip
        .sci
        .real("MEANFLSH")
        .filter(|&mean| mean > 0.0 && mean.is_finite());
    let flash = flash.unwrap_or(0.0);
    for amplifier in setup.amplifiers(chip.number()) {
        let keyword = ["READNSEA", "READNSEB", "READNSEC", "READNSED"][amplifier.index()];
        let noise = head.real(keyword)?;
        if !(noise > 0.0 && noise.is_finite()) {
            return Err(head.keyword(
                keyword,
                "the amplifier's readout noise, above 0 e, as acsccd leaves it",
            ));
        }
        readnoise_e[amplifier.index()] = (noise * noise + flash).sqrt() as f32;
    }
    // Without overscan amplifiers meet in the middle of the chip.
    let (ampx, ampy) = match setup.channel {
        Channel::Hrc => (512, 512),
        _ => (2048, 0),
    };
    let parameters = CcdParameters {
        gain_e_per_dn: [1.0; 4],
        readnoise_e,
        bias_dn: [0.0; 4],
        ampx,
        ampy,
        saturate_e: f32::INFINITY,
        atod_saturate_dn: i64::MAX,
        overhead_flashed_s: 0.0,
        overhead_unflashed_s: 0.0,
        row_pedigree: String::new(),
        row_descrip: String::new(),
    };
    let readout = Readout::of(setup, chip, parameters)?;
    let of = |amplifier: Amplifier| readnoise_e[amplifier.index()];
    let (x, lower_left, lower_right) = readout.row(0);
    let (_, upper_left, upper_right) = readout.row(usize::MAX);
    Ok(Quadrants {
        of: [
            [of(lower_left), of(lower_right)],
            [of(upper_left), of(upper_right)],
        ],
        x,
        y: readout.first_upper_row(),
    })
}

fn take_day(origin: &mut Origin, head: &Observation) -> Result<()> {
    let text = |keyword| head.primary.text(keyword).unwrap_or_default().trim().to_owned();
    let (day, time) = (text("DATE-OBS"), text("TIME-OBS"));
    if day_of(&day).is_none() {
        return Err(head.keyword("DATE-OBS", "a date, as 2015-03-19"));
    }
    origin.days.take(day, time);
    let programme = (head.primary.integer("PROPOSID").unwrap_or(0), text("PR_INV_L"));
    if !origin.programmes.contains(&programme) {
        origin.programmes.push(programme);
    }
    Ok(())
}

/// The image as DARKFILE has it, or DRKCFILE where charge transfer was corrected: valid for the amplifiers and gain of its
/// darks.
pub(super) fn product<'a>(
    chips: impl Iterator<Item = (&'a DarkFrames, Frame)>,
    kind: Kind<'_>,
    report: &SuperdarkReport,
) -> Result<Observation> {
    let mut product = Observation::without_pixels(kind.task().to_ascii_lowercase(), Header::new());
    for (version, (darks, frame)) in (1..).zip(chips) {
        if product.chips.is_empty() {
            product.primary = primary(darks, kind, report)?;
        }
        let chip = imset(version, frame, "ELECTRONS/S", |header| {
            put(header, "CCDCHIP", darks.chip, "CCD chip (1 or 2)")?;
            for (keyword, usual) in [("LTV1", 0.0), ("LTV2", 0.0), ("LTM1_1", 1.0), ("LTM2_2", 1.0)] {
                put(
                    header,
                    keyword,
                    darks.origin.sci.real(keyword).unwrap_or(usual),
                    "",
                )?;
            }
            put(header, "BINAXIS1", 1i64, "")?;
            put(header, "BINAXIS2", 1i64, "")
        })?;
        product.chips.push(chip);
    }
    Ok(product)
}

fn primary(darks: &DarkFrames, kind: Kind<'_>, report: &SuperdarkReport) -> Result<Header> {
    let of = &darks.origin.primary;
    let text = |keyword| of.text(keyword).unwrap_or_default().trim().to_owned();
    let gain = of.real("CCDGAIN").unwrap_or(1.0);
    let is_transferred = Switch::of(of, "PCTECORR") == Switch::Complete;
    let mut primary = Header::new();
    put(&mut primary, "TELESCOP", "HST", "")?;
    put(&mut primary, "INSTRUME", "ACS", "")?;
    for keyword in ["DETECTOR", "CCDAMP"] {
        put(&mut primary, keyword, text(keyword), "")?;
    }
    put(&mut primary, "CCDGAIN", gain, "")?;
    if of.logical("SUBARRAY") == Some(true) {
        put(&mut primary, "SUBARRAY", true, "")?;
        put(&mut primary, "APERTURE", text("APERTURE"), "")?;
    }
    put(
        &mut primary,
        "FILETYPE",
        if is_transferred { "CTEDARK" } else { "DARK" },
        "",
    )?;
    let camera = format!("ACS {}", text("DETECTOR"));
    let descrip = format!("{} gain={gain} dark", kind.words());
    put_validity(&mut primary, &darks.origin.days, &descrip, &camera)?;
    put(&mut primary, "TASKNAME", kind.task(), "")?;
    let mut lines = vec![
        format!(
            "Combination of {} dark frames of CCDAMP={},",
            report.inputs.len(),
            text("CCDAMP")
        ),
        format!("CCDGAIN={gain}, of program"),
    ];
    lines.extend(of_programmes(&darks.origin));
    lines.push("The frames:".to_owned());
    lines.extend(report.inputs.iter().map(|name| format!("  {}", short(name))));
    if is_transferred {
        lines.push("They were corrected for charge transfer.".to_owned());
    }
    lines.extend(of_rates(report, " (DARKTIME): electrons per second."));
    lines.extend(kind.lines(HOT));
    for line in lines {
        told(&mut primary, &line)?;
    }
    Ok(primary)
}

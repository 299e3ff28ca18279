//! The third-generation table of charge transfer: levels of the traps, their scale by column, and their release.
//!
//! Extensions come in fours: of the parallel transfer, then of the serial one to A, B, C and D.

use super::table;
use crate::acs::AcsVisit;
use crate::acs::camera::Amplifier;
use crate::acs::silicon::Silicon;
use crate::acs::traps::{GROWTH_MJD, TRAIL, Traps};
use crate::cards::Cards;
use crate::columns::{longs, reals, shorts};
use crate::{Error, Extension, Result};
use firstlight_fits::{Card, Column, Header, Value};

/// Rows of QPROF: readers ask for as many, whatever the number of traps.
const LEVEL_ROWS: usize = 9999;
/// A level that no packet reaches marks rows without a trap.
const NO_TRAP: i32 = 999_999;
/// Rows of SCLBYCOL: the columns of C, D, A and B.
const SCALE_ROWS: usize = 8192;
/// Rows of the release profiles.
const PROFILE_ROWS: usize = 100;

/// What the primary header says besides: read noise for the smoothing and its kind, and how over-corrections are
/// found.
pub fn primary_cards() -> Vec<(&'static str, Value, &'static str)> {
    vec![
        (
            "CTE_NAME",
            "Par/Serial PixelCTE 2023".into(),
            "name of CTE algorithm",
        ),
        ("CTE_VER", "3.0".into(), "version of CTE algorithm"),
        ("PCTERNOI", 4.3.into(), "read noise amplitude"),
        ("PCTENSMD", 0.into(), "read noise mitigation algorithm"),
        ("PCTETRSH", (-10.0).into(), "over-subtraction threshold"),
        ("FIXROCR", 1.into(), "make readout cosmic ray correction"),
    ]
}

/// All extensions.
pub fn extensions(visit: &AcsVisit) -> Result<Vec<Extension>> {
    let mut all = group(1, &Traps::parallel(), &parallel_scales(visit), (5, 7), None)?;
    for (index, amplifier) in Amplifier::ALL.into_iter().enumerate() {
        let scales = vec![[1.0; 4]; SCALE_ROWS];
        let version = index as i64 + 2;
        all.extend(group(
            version,
            &Traps::serial(amplifier),
            &scales,
            (4, 5),
            Some(amplifier),
        )?);
    }
    Ok(all)
}

/// Scales of chip 2's columns, then of chip 1's.
fn parallel_scales(visit: &AcsVisit) -> Vec<[f32; 4]> {
    let options = &visit.options;
    let of_chip = |chip| {
        let silicon = Silicon::new(options.detector, options.era, chip, visit.streams);
        (0..SCALE_ROWS / 2).map(move |x| silicon.trap_scale(x))
    };
    of_chip(2).chain(of_chip(1)).collect()
}

/// The four extensions of one direction, for a number of forward and of parallel iterations.
fn group(
    version: i64,
    traps: &Traps,
    scales: &[[f32; 4]],
    iterations: (i64, i64),
    amplifier: Option<Amplifier>,
) -> Result<Vec<Extension>> {
    let species = traps.species();
    let level = |w: usize| species.get(w).map_or(NO_TRAP, |s| s.level_e as i32);
    let capacity = |w: usize| species.get(w).map_or(1.0, |s| s.capacity_e as f32);
    let levels = table(
        "QPROF",
        version,
        vec![
            shorts("W", (0..LEVEL_ROWS).map(|w| w as i16)),
            longs("QLEV_Q", (0..LEVEL_ROWS).map(level)),
            reals("DPDE_W", (0..LEVEL_ROWS).map(capacity)),
        ],
    )?;
    let mut columns: Vec<Column> = vec![shorts("IZ", (0..SCALE_ROWS).map(|iz| iz as i16))];
    for (index, name) in ["SENS_0512", "SENS_1024", "SENS_1536", "SENS_2048"]
        .into_iter()
        .enumerate()
    {
        columns.push(reals(name, scales.iter().map(|scale| scale[index])));
    }
    let scales = table("SCLBYCOL", version, columns)?;
    // What is let go in each transfer, and what is left after it.
    let profile = |of: &dyn Fn(&[f64], usize) -> f64| {
        let rows = (0..PROFILE_ROWS).flat_map(|t| {
            species
                .iter()
                .map(move |s| if t < TRAIL { of(&s.left, t) as f32 } else { 0.0 })
        });
        rows.collect::<Vec<f32>>()
    };
    let shape = (PROFILE_ROWS, species.len());
    let released = profile(&|left, t| left[t] - left[t + 1]);
    let kept = profile(&|left, t| left[t + 1]);
    let image = |name: &str, pixels: Vec<f32>| -> Result<Extension> {
        let mut cards = Cards(Header::new());
        cards.card("EXTNAME", name, "extension name")?;
        cards.card("EXTVER", version, "extension version number")?;
        Ok(Extension::Real(cards.0, shape, pixels))
    };
    let mut all = vec![levels, scales, image("RPROF", released)?, image("CPROF", kept)?];
    for extension in &mut all {
        parameters(extension, iterations, amplifier)?;
    }
    Ok(all)
}

/// The cards that every extension of a group has.
fn parameters(extension: &mut Extension, iterations: (i64, i64), amplifier: Option<Amplifier>) -> Result<()> {
    let header = match extension {
        Extension::Table(header, _) | Extension::Real(header, _, _) => header,
        _ => return Ok(()),
    };
    let mut cards: Vec<(&str, Value, &str)> = vec![
        ("CTEDATE0", GROWTH_MJD.0.into(), "date without losses (MJD)"),
        ("CTEDATE1", GROWTH_MJD.1.into(), "date of nominal losses (MJD)"),
        ("PCTETLEN", (TRAIL as i64).into(), "maximum length of CTE trail"),
        (
            "PCTENFOR",
            iterations.0.into(),
            "number of forward modeling iterations",
        ),
        (
            "PCTENPAR",
            iterations.1.into(),
            "number of parallel transfer iterations",
        ),
    ];
    if let Some(amplifier) = amplifier {
        let letter = amplifier.letter().to_string();
        cards.push(("CCDAMP", letter.into(), "amplifier"));
    }
    for (keyword, value, comment) in cards {
        header.push(Card::new(keyword, value, Some(comment)).map_err(Error::Header)?);
    }
    Ok(())
}

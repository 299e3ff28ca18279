//! Reference tables: bad pixels, CCD parameters, overscan regions, cosmic-ray rejection, linearity of the MAMA.

use super::{DEAD_TIME_S, FLASHED_OVERHEAD_S, UNFLASHED_OVERHEAD_S, table};
use crate::acs::bias::BiasStructure;
use crate::acs::camera::{Detector, Era, electronics};
use crate::acs::header::amplifiers;
use crate::acs::silicon::{DQ_BAD_COLUMN, DQ_BIAS_COLUMN};
use crate::acs::{AcsVisit, Electronics, Section};
use crate::columns::{doubles, longs, reals, shorts};
use crate::{Error, Extension, Result};
use firstlight_fits::{Card, Column, ColumnData, Value};

/// A run of bad pixels up a column: first pixel (1-based), length, DQ, chip.
struct Run {
    x: usize,
    y: usize,
    length: usize,
    flag: i16,
    chip: i16,
}

pub fn bad_pixels(visit: &AcsVisit) -> Result<Vec<Extension>> {
    let detector = visit.options.detector;
    let (ny, nx) = detector.chip_shape();
    let mut runs = Vec::new();
    for section in &visit.sections {
        let chip = section.chip.map_or(-999, |chip| chip as i16);
        runs.extend(visit.silicon(section).dull_columns().iter().map(|column| Run {
            x: column.x + 1,
            y: column.y0 + 1,
            length: column.y1 - column.y0,
            flag: DQ_BAD_COLUMN,
            chip,
        }));
        for region in &section.regions {
            let structure = BiasStructure::new(detector, region.amplifier, visit.streams);
            let amplifier = structure.amplifier();
            runs.extend(structure.flagged().map(|column| Run {
                x: if amplifier.is_right() {
                    nx - column.column
                } else {
                    column.column + 1
                },
                y: if amplifier.is_top() { 1 } else { column.row + 1 },
                length: ny - column.row,
                flag: DQ_BIAS_COLUMN,
                chip,
            }));
        }
    }
    let of = |value: fn(&Run) -> i16| runs.iter().map(value).collect::<Vec<i16>>();
    let same = |value: i16| vec![value; runs.len()];
    let mut extension = table(
        "BPX",
        1,
        vec![
            Column::text("CCDAMP", runs.iter().map(|_| "N/A")).width(4),
            shorts("CCDCHIP", of(|run| run.chip)),
            shorts("CCDGAIN", same(-999)),
            shorts("PIX1", of(|run| run.x as i16)),
            shorts("PIX2", of(|run| run.y as i16)),
            shorts("LENGTH", of(|run| run.length as i16)),
            shorts("AXIS", same(2)),
            shorts("VALUE", of(|run| run.flag)),
        ],
    )?;
    if let Extension::Table(header, _) = &mut extension {
        let sizes = [("SIZAXIS1", nx, "axis1 size"), ("SIZAXIS2", ny, "axis2 size")];
        for (keyword, size, comment) in sizes {
            let card = Card::new(keyword, Value::from(size as i64), Some(comment));
            header.push(card.map_err(Error::Header)?);
        }
    }
    Ok(vec![extension])
}

/// One row for each chip and gain of the amplifiers that are used.
pub fn ccd(visit: &AcsVisit) -> Result<Vec<Extension>> {
    let options = &visit.options;
    let gains: &[u8] = match (options.detector, options.era) {
        (Detector::Wfc, Era::AfterSm4) => &[2],
        _ => &[1, 2],
    };
    let rows: Vec<(&Section, u8)> = visit
        .sections
        .iter()
        .flat_map(|section| gains.iter().map(move |&gain| (section, gain)))
        .collect();
    let same = |value: i16| vec![value; rows.len()];
    let letters = amplifiers(visit);
    let gain_column = if options.era == Era::AfterSm4 {
        reals("CCDGAIN", rows.iter().map(|row| f32::from(row.1)))
    } else {
        longs("CCDGAIN", rows.iter().map(|row| i32::from(row.1)))
    };
    let mut columns = vec![
        Column::text("CCDAMP", rows.iter().map(|_| letters.clone())).width(4),
        shorts(
            "CCDCHIP",
            rows.iter().map(|row| row.0.chip.map_or(-999, |chip| chip as i16)),
        ),
        gain_column,
        shorts("BINAXIS1", same(1)),
        shorts("BINAXIS2", same(1)),
    ];
    columns.extend(["A", "B", "C", "D"].map(|amp| shorts(&format!("CCDOFST{amp}"), same(3))));
    type Quantity = fn(&Electronics) -> f64;
    let quantities: [(&str, Quantity); 3] = [
        ("CCDBIAS", |e| e.bias_dn),
        ("ATODGN", |e| e.gain_e_per_dn),
        ("READNSE", |e| e.readnoise_e),
    ];
    for (name, of) in quantities {
        for (index, amp) in ["A", "B", "C", "D"].into_iter().enumerate() {
            let value =
                |row: &(&Section, u8)| of(&electronics(options.detector, options.era, row.1)[index]) as f32;
            columns.push(reals(&format!("{name}{amp}"), rows.iter().map(value)));
        }
    }
    // Up to which column the left amplifier reads.
    let boundary = |row: &(&Section, u8)| match row.0.regions.as_slice() {
        [left, _] => left.imaging as i16,
        [only] if only.amplifier.is_right() => 0,
        _ => row.0.raw_shape().1 as i16,
    };
    let overheads = match options.era {
        Era::BeforeSm4 => (0.0, 0.0),
        Era::AfterSm4 => (FLASHED_OVERHEAD_S, UNFLASHED_OVERHEAD_S),
    };
    let same_real = |value: f64| vec![value as f32; rows.len()];
    let text = |name: &str, value: &'static str| Column::text(name, rows.iter().map(|_| value)).width(67);
    columns.extend([
        shorts("AMPX", rows.iter().map(boundary)),
        shorts("AMPY", same(0)),
        longs("ATODSAT", rows.iter().map(|_| 65_535)),
        reals("SATURATE", same_real(84_700.0)),
        reals("OVRHFLS", same_real(overheads.0)),
        reals("OVRHUFLS", same_real(overheads.1)),
        text("PEDIGREE", "MODEL"),
        text("DESCRIP", "Simulated amplifiers"),
    ]);
    Ok(vec![table("CCD", 1, columns)?])
}

/// One row a section: what is trimmed, and the columns next to the imaging area that tell the level.
pub fn overscan(visit: &AcsVisit) -> Result<Vec<Extension>> {
    let sections = &visit.sections;
    let of = |name: &str, value: &dyn Fn(&Section) -> usize| {
        shorts(name, sections.iter().map(|s| value(s) as i16))
    };
    let hrc = visit.options.detector == Detector::Hrc;
    // The first columns after the imaging area still hold some of its charge in the HRC, which reads through one side.
    // What has one prescan alone has it in the first pair of columns, at whichever side it is.
    let left = move |s: &Section| match s.prescan.0 {
        0 => (s.shape.1 + 1, s.shape.1 + 6),
        n if hrc => (n - 12, n - 1),
        n => (n - 5, n),
    };
    let right = move |s: &Section| match (s.prescan.1, s.prescan.0 + s.shape.1) {
        (0, _) => (0, 0),
        _ if s.prescan.0 == 0 => (0, 0),
        (n, first) if hrc => (first + 4, first + n - 2),
        (_, first) => (first + 1, first + 6),
    };
    let drift = |s: &Section| match hrc {
        true => [
            s.prescan.0 + 1,
            s.prescan.0 + s.shape.1,
            s.shape.0 + 3,
            s.shape.0 + 18,
        ],
        false => [0; 4],
    };
    let letters = amplifiers(visit);
    let columns = vec![
        Column::text("CCDAMP", sections.iter().map(|_| letters.clone())).width(4),
        shorts(
            "CCDCHIP",
            sections.iter().map(|s| s.chip.map_or(-999, |chip| chip as i16)),
        ),
        of("BINX", &|_| 1),
        of("BINY", &|_| 1),
        of("NX", &|s| s.raw_shape().1),
        of("NY", &|s| s.raw_shape().0),
        of("TRIMX1", &|s| s.prescan.0),
        of("TRIMX2", &|s| s.prescan.1),
        of("TRIMY1", &|s| s.virtual_rows.0),
        of("TRIMY2", &|s| s.virtual_rows.1),
        of("VX1", &|s| drift(s)[0]),
        of("VX2", &|s| drift(s)[1]),
        of("VY1", &|s| drift(s)[2]),
        of("VY2", &|s| drift(s)[3]),
        of("BIASSECTA1", &|s| left(s).0),
        of("BIASSECTA2", &|s| left(s).1),
        of("BIASSECTB1", &|s| right(s).0),
        of("BIASSECTB2", &|s| right(s).1),
    ];
    Ok(vec![table("OSC", 1, columns)?])
}

/// Rejection parameters by number of exposures and mean exposure time.
pub fn rejection() -> Result<Vec<Extension>> {
    let rows: Vec<(i16, f32)> = [2, 3, 4, 9]
        .into_iter()
        .flat_map(|split| [100.0, 1000.0, 100_000.0].map(|time| (split, time)))
        .collect();
    let text = |name: &str, width, of: &dyn Fn(&(i16, f32)) -> &'static str| {
        Column::text(name, rows.iter().map(of)).width(width)
    };
    let same = |value: f32| vec![value; rows.len()];
    let columns = vec![
        shorts("CRSPLIT", rows.iter().map(|row| row.0)),
        reals("MEANEXP", rows.iter().map(|row| row.1)),
        reals("SCALENSE", same(30.0)),
        text("INITGUES", 8, &|row| if row.0 < 3 { "minimum" } else { "median" }),
        text("SKYSUB", 4, &|_| "mode"),
        text("CRSIGMAS", 20, &|row| {
            if row.1 < 200.0 {
                "6.5,5.5,4.5"
            } else {
                "6.0,5.0,4.0"
            }
        }),
        reals("CRRADIUS", same(1.5)),
        reals("CRTHRESH", same(0.5)),
        shorts("BADINPDQ", rows.iter().map(|_| 39)),
        shorts("CRMASK", rows.iter().map(|_| 1)),
    ];
    Ok(vec![table("CRR", 1, columns)?])
}

/// Dead time and limits of the MAMA.
pub fn linearity() -> Result<Vec<Extension>> {
    let columns = vec![
        Column::text("DETECTOR", ["SBC"]).width(8),
        doubles("GLOBAL_LIMIT", [200_000.0]).unit("counts/s"),
        doubles("LOCAL_LIMIT", [22.0]).unit("counts/s/pixel"),
        doubles("TAU", [DEAD_TIME_S]).unit("s"),
        Column::scalar("EXPAND", ColumnData::F32(vec![2.0])).unit("pixel"),
    ];
    Ok(vec![table("LIN", 1, columns)?])
}

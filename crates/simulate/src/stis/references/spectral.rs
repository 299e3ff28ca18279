//! Tables of the gratings: a row for each of them, and for each line, slit or height where that matters.

use super::{Own, double_arrays, real_arrays, text};
use crate::columns::{doubles, longs, reals, shorts};
use crate::stis::StisPeriod;
use crate::stis::detector::SIDE;
use crate::stis::light::Lamp;
use crate::stis::options::Grating;
use crate::stis::plan::PERIOD_START;
use crate::stis::spectrograph::{
    Ageing, INCIDENCE, LAMP_SLIT, NOMINAL_HEIGHT, PLATE_SCALE, SLIT_CENTRE, STAR_SLIT, Slit, Spectrograph,
    even,
};
use crate::{Error, Extension, Result};
use firstlight_fits::{Column, ColumnData};

/// Lines that have traces of their own, and lines with dispersion coefficients.
const TRACED: [f64; 8] = [106.3, 231.7, 359.4, 486.9, 513.2, 640.5, 768.1, 895.6];
const DISPERSED: [f64; 5] = [1.0, 300.0, 513.0, 730.0, 1024.0];
/// Heights of extraction with a correction; the last holds all light.
const HEIGHTS: [i16; 12] = [3, 5, 7, 9, 11, 15, 21, 31, 51, 101, 200, 600];
const SLITS: [Slit; 2] = [LAMP_SLIT, STAR_SLIT];
/// Wavelengths that sensitivities are given at.
const NODES: usize = 180;

/// Every grating with each of some things.
fn each<T: Copy>(things: &[T]) -> Vec<(Spectrograph, T)> {
    let of = |grating| {
        things
            .iter()
            .map(move |&thing| (Spectrograph::new(grating), thing))
    };
    Grating::ALL.into_iter().flat_map(of).collect()
}

/// The columns that tell a grating.
fn mode<T>(rows: &[(Spectrograph, T)]) -> Vec<Column> {
    vec![
        text("OPT_ELEM", 8, rows.iter().map(|row| row.0.grating.name())),
        shorts("CENWAVE", rows.iter().map(|row| row.0.central as i16)),
    ]
}

fn order<T>(rows: &[T]) -> Column {
    shorts("SPORDER", rows.iter().map(|_| 1))
}

pub fn table(period: &StisPeriod, keyword: &str) -> Result<(Vec<Extension>, Own)> {
    let (columns, own) = match keyword {
        "SPTRCTAB" => (traces()?, Own::new()),
        "DISPTAB" => (dispersion()?, Own::new()),
        "INANGTAB" => (incidence()?, Own::new()),
        "SDCTAB" => (rectified(), Own::new()),
        "XTRACTAB" => (extraction()?, Own::new()),
        "PCTAB" => {
            let all = HEIGHTS.last().copied().unwrap_or_default();
            (
                heights()?,
                vec![("MAXHGHT", i64::from(all).into(), "height that holds all light")],
            )
        }
        "PHOTTAB" => (sensitivity()?, Own::new()),
        "APERTAB" => (throughput()?, Own::new()),
        "TDSTAB" => (
            ageing()?,
            vec![("REF_TIME", Ageing::REFERENCE.into(), "reference time (MJD)")],
        ),
        "GACTAB" => (grating_aperture()?, Own::new()),
        _ => (lamp(period)?, Own::new()),
    };
    super::table(keyword, columns, own)
}

fn traces() -> Result<Vec<Column>> {
    let rows = each(&TRACED);
    let along = |row: &(Spectrograph, f64)| -> Vec<f64> {
        (1..=SIDE).map(|x| row.0.displacement(row.1, x as f64)).collect()
    };
    let mut columns = mode(&rows);
    columns.extend([
        order(&rows),
        doubles("A1CENTER", rows.iter().map(|_| 513.0)),
        doubles("A2CENTER", rows.iter().map(|row| row.1)),
        shorts("NELEM", rows.iter().map(|_| SIDE as i16)),
        real_arrays("A2DISPL", rows.iter().map(along))?,
        doubles("MJD", rows.iter().map(|_| PERIOD_START)),
        doubles("DEGPERYR", rows.iter().map(|_| 0.0)),
    ]);
    Ok(columns)
}

fn dispersion() -> Result<Vec<Column>> {
    let rows = each(&DISPERSED);
    let coefficients = rows.iter().map(|(optics, line)| {
        let mut all = optics.coefficients(*line).to_vec();
        all.resize(9, 0.0);
        all
    });
    let mut columns = mode(&rows);
    columns.extend([
        order(&rows),
        doubles("A2CENTER", rows.iter().map(|row| row.1)),
        text("REF_APER", 16, rows.iter().map(|_| LAMP_SLIT.name)),
        shorts("NCOEFF", rows.iter().map(|_| 3)),
        double_arrays("COEFF", coefficients)?,
    ]);
    Ok(columns)
}

fn incidence() -> Result<Vec<Column>> {
    let rows = each(&[()]);
    let mut columns = mode(&rows);
    columns.extend([
        order(&rows),
        shorts("NCOEFF1", rows.iter().map(|_| 3)),
        double_arrays("COEFF1", rows.iter().map(|_| vec![0.0; 9]))?,
        shorts("NCOEFF2", rows.iter().map(|_| 2)),
        double_arrays("COEFF2", rows.iter().map(|_| INCIDENCE.to_vec()))?,
    ]);
    Ok(columns)
}

fn rectified() -> Vec<Column> {
    let rows = each(&[()]);
    let same = |name: &str, value: f64| doubles(name, rows.iter().map(|_| value));
    let mut columns = vec![text("APERTURE", 16, rows.iter().map(|_| "ANY"))];
    columns.extend(mode(&rows));
    columns.extend([
        order(&rows),
        same("A2CENTER", SLIT_CENTRE),
        shorts("NPIX1", rows.iter().map(|_| SIDE as i16)),
        shorts("NPIX2", rows.iter().map(|_| 1201)),
        same("CRPIX1", 512.5),
        same("CRPIX2", 601.0),
        doubles("CRVAL1", rows.iter().map(|row| row.0.central)),
        same("CRVAL2", 0.0),
        doubles("CDELT1", rows.iter().map(|row| row.0.dispersion)),
        same("CDELT2", PLATE_SCALE),
    ]);
    columns
}

fn extraction() -> Result<Vec<Column>> {
    let rows = each(&[()]);
    let same = |name: &str, value: f64| reals(name, rows.iter().map(|_| value));
    let whole = |name: &str, value: i16| shorts(name, rows.iter().map(|_| value));
    let none = || rows.iter().map(|_| vec![0.0; 2]);
    let mut columns = vec![text("APERTURE", 16, rows.iter().map(|_| "ANY"))];
    columns.extend(mode(&rows));
    columns.extend([
        order(&rows),
        same("EXTRSIZE", NOMINAL_HEIGHT),
        same("BK1SIZE", 5.0),
        same("BK2SIZE", 5.0),
        same("BK1OFFST", -300.0),
        same("BK2OFFST", 300.0),
        whole("NCOEFFSL", 1),
        double_arrays("SLTCOEFF", none())?,
        whole("NCOEFFBK", 1),
        double_arrays("BKTCOEFF", none())?,
        shorts("BACKORD", rows.iter().map(|row| row.0.background_order)),
        text("XTRACALG", 12, rows.iter().map(|_| "UNWEIGHTED")),
        whole("MAXSRCH", 1024),
    ]);
    Ok(columns)
}

fn heights() -> Result<Vec<Column>> {
    const NODES: usize = 14;
    let kinds: Vec<(Slit, i16)> = SLITS
        .iter()
        .flat_map(|&slit| HEIGHTS.map(|height| (slit, height)))
        .collect();
    let rows = each(&kinds);
    let nodes = |optics: &Spectrograph| even(optics.range.0 - 100.0, optics.range.1 + 100.0, NODES);
    let corrected = |(optics, (_, height)): &(Spectrograph, (Slit, i16))| -> Vec<f64> {
        let at = |w: &f64| optics.height_correction(f64::from(*height), *w);
        nodes(optics).iter().map(at).collect()
    };
    Ok(vec![
        text("APERTURE", 16, rows.iter().map(|row| row.1.0.name)),
        shorts("CENWAVE", rows.iter().map(|row| row.0.central as i16)),
        shorts("EXTRHEIGHT", rows.iter().map(|row| row.1.1)),
        shorts("NELEM", rows.iter().map(|_| NODES as i16)),
        double_arrays("WAVELENGTH", rows.iter().map(|row| nodes(&row.0)))?,
        double_arrays("THROUGHPUT", rows.iter().map(corrected))?,
        double_arrays("ERROR", rows.iter().map(|_| vec![0.0; NODES]))?,
    ])
}

fn wavelengths(optics: &Spectrograph) -> Vec<f64> {
    even(optics.range.0 - 100.0, optics.range.1 + 100.0, NODES)
}

fn sensitivity() -> Result<Vec<Column>> {
    let rows = each(&[()]);
    let scaled = |share: f64| {
        rows.iter().map(move |(optics, ())| -> Vec<f64> {
            let at = |&w: &f64| share * optics.response(w);
            wavelengths(optics).iter().map(at).collect()
        })
    };
    let mut columns = mode(&rows);
    columns.extend([
        order(&rows),
        shorts("NELEM", rows.iter().map(|_| NODES as i16)),
        double_arrays("WAVELENGTH", rows.iter().map(|row| wavelengths(&row.0)))?,
        real_arrays("THROUGHPUT", scaled(1.0))?,
        real_arrays("ERROR", scaled(0.01))?,
    ]);
    Ok(columns)
}

fn throughput() -> Result<Vec<Column>> {
    const NODES: usize = 40;
    let nodes = even(2700.0, 10_500.0, NODES);
    let passed = |slit: &Slit| nodes.iter().map(|&w| slit.throughput(w)).collect::<Vec<f64>>();
    // Some slits have rows of their own for one grating.
    let rows: Vec<(String, &Slit)> = SLITS
        .iter()
        .map(|slit| (slit.name.to_owned(), slit))
        .chain([(format!("{}_G750L", STAR_SLIT.name), &STAR_SLIT)])
        .collect();
    Ok(vec![
        text("APERTURE", 16, rows.iter().map(|row| row.0.clone())),
        shorts("NELEM", rows.iter().map(|_| NODES as i16)),
        double_arrays("WAVELENGTH", rows.iter().map(|_| nodes.clone()))?,
        real_arrays("THROUGHPUT", rows.iter().map(|row| passed(row.1)))?,
    ])
}

fn grating_aperture() -> Result<Vec<Column>> {
    let rows = each(&SLITS);
    let corrected = |(optics, _): &(Spectrograph, Slit)| -> Vec<f64> {
        let at = |&w: &f64| optics.grating_aperture(w);
        wavelengths(optics).iter().map(at).collect()
    };
    let mut columns = mode(&rows);
    columns.extend([
        text("APERTURE", 16, rows.iter().map(|row| row.1.name)),
        shorts("NELEM", rows.iter().map(|_| NODES as i16)),
        double_arrays("WAVELENGTH", rows.iter().map(|row| wavelengths(&row.0)))?,
        real_arrays("THROUGHPUT", rows.iter().map(corrected))?,
    ]);
    Ok(columns)
}

fn ageing() -> Result<Vec<Column>> {
    let rows: Vec<(Spectrograph, Ageing)> = each(&[()])
        .into_iter()
        .map(|(optics, ())| (optics, Ageing::of(&optics)))
        .collect();
    let (times, nodes) = (Ageing::DATES.len(), Ageing::NODES);
    let by_time = |name: &str, of: fn(&Ageing) -> &Vec<Vec<f64>>| {
        let all = rows.iter().flat_map(|row| of(&row.1).iter().flatten().copied());
        Column::array(name, vec![times, nodes], ColumnData::F64(all.collect())).map_err(Error::Header)
    };
    Ok(vec![
        text("OPT_ELEM", 8, rows.iter().map(|row| row.0.grating.name())),
        shorts("NWL", rows.iter().map(|_| nodes as i16)),
        shorts("NT", rows.iter().map(|_| times as i16)),
        double_arrays("WAVELENGTH", rows.iter().map(|row| row.1.wavelength.clone()))?,
        double_arrays("TIME", rows.iter().map(|_| Ageing::DATES.to_vec()))?,
        by_time("SLOPE", |ageing| &ageing.slope)?,
        by_time("INTERCEPT", |ageing| &ageing.intercept)?,
        doubles("REFTEMP", rows.iter().map(|_| Ageing::TEMPERATURE.1)),
        double_arrays(
            "TEMPSENS",
            rows.iter().map(|_| vec![Ageing::TEMPERATURE.0; nodes]),
        )?,
    ])
}

fn lamp(period: &StisPeriod) -> Result<Vec<Column>> {
    let lamps: Vec<(Spectrograph, Lamp)> = each(&[()])
        .into_iter()
        .map(|(optics, ())| (optics, Lamp::new(&optics, period.streams)))
        .collect();
    let longest = lamps.iter().map(|row| row.1.flux.len()).max().unwrap_or(0);
    let padded = |values: &[f64]| {
        let mut all = values.to_vec();
        all.resize(longest, 0.0);
        all
    };
    Ok(vec![
        text("LAMPSET", 12, lamps.iter().map(|_| "ANY")),
        text("SCLAMP", 12, lamps.iter().map(|_| "ANY")),
        text("OPT_ELEM", 8, lamps.iter().map(|row| row.0.grating.name())),
        longs("NELEM", lamps.iter().map(|row| row.1.flux.len() as i32)),
        double_arrays("WAVELENGTH", lamps.iter().map(|row| padded(&row.1.wavelength)))?,
        real_arrays("FLUX", lamps.iter().map(|row| padded(&row.1.flux)))?,
    ])
}

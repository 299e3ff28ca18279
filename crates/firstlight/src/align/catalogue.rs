//! Catalogues from files: how they are read, and that which is the reference.

use super::votable;
use crate::input::file_name;
use crate::{Error, Result};
use firstlight_align::catalogue::{Motions, SkyCatalogue, select_by_flux};
use firstlight_align::options::Column as Which;
use firstlight_align::{FluxUnits, PositionUnits, TweakRegOptions};
use firstlight_frame::table::{Column, Table, TableFormat, parse, read as read_table};
use firstlight_wcs::Wcs;
use std::path::Path;

/// Names under which catalogues have their columns.
pub(super) const RA: [&str; 7] = [
    "ra",
    "ra_icrs",
    "raj2000",
    "_raj2000",
    "alpha_j2000",
    "ra_deg",
    "radeg",
];
pub(super) const DEC: [&str; 7] = [
    "dec",
    "de_icrs",
    "dej2000",
    "_dej2000",
    "delta_j2000",
    "dec_deg",
    "dedeg",
];
/// Names of columns that are pixels, and no angles.
pub(super) const X: [&str; 6] = ["x", "xcentroid", "xcenter", "x_center", "x_image", "xpos"];
pub(super) const Y: [&str; 6] = ["y", "ycentroid", "ycenter", "y_center", "y_image", "ypos"];
const MAGNITUDE: [&str; 3] = ["phot_g_mean_mag", "gmag", "mag"];
const PM_RA: [&str; 2] = ["pmra", "pm_ra"];
const PM_DEC: [&str; 3] = ["pmdec", "pmde", "pm_dec"];
const EPOCH: [&str; 2] = ["ref_epoch", "epoch"];
/// The epoch of Gaia DR3, where a catalogue has proper motions and says no year.
const GAIA_EPOCH: f64 = 2016.0;
const MJD_OF_2000: f64 = 51_544.5;
const DAYS_PER_YEAR: f64 = 365.25;

/// Reads the catalogue that images are aligned to.
///
/// # Errors
/// Files that are no tables or have no rows, columns that are not there or hold no numbers, pixels without a `plane`.
pub(crate) fn reference(path: &Path, plane: Option<&Wcs>, options: &TweakRegOptions) -> Result<SkyCatalogue> {
    let table = read(path)?;
    let default = TweakRegOptions::default();
    if table.rows() == 0 {
        return Err(Error::Usage(format!(
            "{}: the catalogue has no rows; its columns are {}",
            path.display(),
            table.names().join(", ")
        )));
    }
    let (ra, dec) = place(
        &table,
        path,
        (&options.refxcol, &default.refxcol),
        (&RA, &X),
        options.refxyunits,
    )
    .and_then(|ra| {
        let of = (&options.refycol, &default.refycol);
        Ok((ra, place(&table, path, of, (&DEC, &Y), options.refxyunits)?))
    })?;
    if options.refxyunits == PositionUnits::Degrees {
        refuse_unnamed(&table, (ra, dec), options, path)?;
    }
    let (mut ra, mut dec) = (angles(ra, 15.0, path)?, angles(dec, 1.0, path)?);
    if options.refxyunits == PositionUnits::Pixels {
        let Some(plane) = plane else {
            return Err(Error::Usage(
                "refxyunits pixels needs a refimage, whose pixels they are".to_owned(),
            ));
        };
        let zero_based = |values: &[f64]| values.iter().map(|value| value - 1.0).collect::<Vec<_>>();
        (ra, dec) = plane
            .linear()
            .pixels_to_sky(&zero_based(&ra), &zero_based(&dec))?;
    }
    let (flux, units) = match &options.rfluxcol {
        Some(column) => (
            Some(reals(chosen(&table, column, path)?, path)?),
            options.rfluxunits,
        ),
        None => {
            let column = named(&table, &MAGNITUDE);
            (
                column.map(|column| reals(column, path)).transpose()?,
                FluxUnits::Mag,
            )
        }
    };
    let motions = motions(&table, path)?;
    let mut catalogue = SkyCatalogue {
        name: file_name(path),
        ra,
        dec,
        brightness: Vec::new(),
        motions,
    };
    if let Some(flux) = flux {
        let limits = (options.rminflux, options.rmaxflux);
        let rows = select_by_flux(&flux, limits.0, limits.1, units, options.refnbright);
        take(&mut catalogue, &rows);
        let side = if units == FluxUnits::Mag { -1.0 } else { 1.0 };
        catalogue.brightness = rows.iter().map(|&row| side * flux[row]).collect();
    }
    Ok(catalogue)
}

/// The column that is chosen; where none is, that of a name that goes with the unit, else that of the default.
pub(super) fn place<'t>(
    table: &'t Table,
    path: &Path,
    (given, default): (&Which, &Which),
    (angles, pixels): (&[&str], &[&str]),
    units: PositionUnits,
) -> Result<&'t Column> {
    let names = match units {
        PositionUnits::Degrees => angles,
        PositionUnits::Pixels => pixels,
    };
    match named(table, names) {
        Some(column) if given == default => Ok(column),
        _ => chosen(table, given, path),
    }
}

/// Refuses to take the first columns for angles where they have names that are none of angles, unless it is the user who
/// says that they are.
fn refuse_unnamed(
    table: &Table,
    (ra, dec): (&Column, &Column),
    options: &TweakRegOptions,
    path: &Path,
) -> Result<()> {
    let default = TweakRegOptions::default();
    let is_other = |column: &Column, names: &[&str]| {
        let is = |name: &&str| column.name().eq_ignore_ascii_case(name);
        !names.iter().any(is) && !has_numbers_for_names(table)
    };
    let taken = (options.refxcol == default.refxcol && is_other(ra, &RA))
        || (options.refycol == default.refycol && is_other(dec, &DEC));
    if !taken {
        return Ok(());
    }
    Err(Error::Usage(format!(
        "{}: there is no column of right ascension or declination; it has {}. Name those of degrees with refxcol and \
         refycol, or, where these are pixels of a refimage, say refxyunits=pixels; sources of the images themselves, in \
         pixels, are given by catfile",
        path.display(),
        table.names().join(", ")
    )))
}

fn take(catalogue: &mut SkyCatalogue, rows: &[usize]) {
    let of = |values: &[f64]| rows.iter().map(|&row| values[row]).collect::<Vec<_>>();
    (catalogue.ra, catalogue.dec) = (of(&catalogue.ra), of(&catalogue.dec));
    if let Some(motions) = &mut catalogue.motions {
        (motions.pmra_mas, motions.pmdec_mas) = (of(&motions.pmra_mas), of(&motions.pmdec_mas));
    }
}

fn motions(table: &Table, path: &Path) -> Result<Option<Motions>> {
    let (Some(pmra), Some(pmdec)) = (named(table, &PM_RA), named(table, &PM_DEC)) else {
        return Ok(None);
    };
    let epoch = match named(table, &EPOCH) {
        Some(column) => reals(column, path)?.into_iter().find(|year| year.is_finite()),
        None => None,
    };
    Ok(Some(Motions {
        pmra_mas: reals(pmra, path)?,
        pmdec_mas: reals(pmdec, path)?,
        epoch: epoch.unwrap_or(GAIA_EPOCH),
    }))
}

/// A table of any kind; text without names of columns is one of numbered columns.
pub(super) fn read(path: &Path) -> Result<Table> {
    let is_text = std::fs::read_to_string(path);
    if let Ok(text) = &is_text {
        if votable::is_votable(text) {
            return votable::read(text, path);
        }
        if is_bare(text) {
            return Ok(numbered(text)?);
        }
        let commented = text.trim_start().starts_with("# ") && !text.trim_start().starts_with("# %ECSV");
        if commented && let Ok(table) = parse(text, TableFormat::Columns) {
            return Ok(table);
        }
    }
    Ok(read_table(path, None, None)?)
}

/// Whether the first line that is no comment is of numbers (or sexagesimal angles) between blanks.
fn is_bare(text: &str) -> bool {
    let line = text
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty() && !line.starts_with('#'));
    line.is_some_and(|line| {
        let mut cells = line.split_whitespace();
        line.split_whitespace().count() >= 2 && cells.by_ref().take(2).all(|cell| angle(cell, 1.0).is_some())
    })
}

fn numbered(text: &str) -> Result<Table, firstlight_fits::Error> {
    let lines = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split_whitespace().collect()).collect();
    let width = rows.iter().map(Vec::len).min().unwrap_or(0);
    let mut table = Table::new();
    for column in 0..width {
        table.push(Column::text(
            format!("{}", column + 1),
            rows.iter().map(|row| row[column]),
        ))?;
    }
    Ok(table)
}

/// Whether the columns are only numbered, `1` or `col1`.
fn has_numbers_for_names(table: &Table) -> bool {
    let is_number = |name: &&str| name.trim_start_matches("col").parse::<usize>().is_ok();
    table.names().iter().all(|name| is_number(&&**name))
}

fn named<'t>(table: &'t Table, names: &[&str]) -> Option<&'t Column> {
    let is = |column: &&Column, name: &str| column.name().eq_ignore_ascii_case(name);
    names
        .iter()
        .find_map(|name| table.columns().iter().find(|column| is(column, name)))
}

pub(super) fn chosen<'t>(table: &'t Table, which: &Which, path: &Path) -> Result<&'t Column> {
    let found = match which {
        Which::Number(number) => number.checked_sub(1).and_then(|index| table.columns().get(index)),
        Which::Name(name) => named(table, &[name]),
    };
    found.ok_or_else(|| {
        Error::Usage(format!(
            "{}: there is no column {which}; it has {}",
            path.display(),
            table.names().join(", ")
        ))
    })
}

pub(super) fn reals(column: &Column, path: &Path) -> Result<Vec<f64>> {
    angles(column, 1.0, path)
}

/// Numbers, or angles as `12:34:56.7`, whose first part is worth `unit` degrees.
pub(super) fn angles(column: &Column, unit: f64, path: &Path) -> Result<Vec<f64>> {
    if let Ok(values) = column.reals() {
        return Ok(values);
    }
    let texts = column.texts()?;
    let bad = |text: &String| {
        Error::Usage(format!(
            "{}: '{text}' in column {} is no number",
            path.display(),
            column.name()
        ))
    };
    texts
        .iter()
        .map(|text| angle(text, unit).ok_or_else(|| bad(text)))
        .collect()
}

/// The year of a Modified Julian Date, with its fraction.
pub(crate) fn year_of_mjd(mjd: f64) -> f64 {
    2000.0 + (mjd - MJD_OF_2000) / DAYS_PER_YEAR
}

/// A number, or an angle as `12:34:56.7`, whose first part is worth `unit` degrees.
pub(crate) fn angle(text: &str, unit: f64) -> Option<f64> {
    let text = text.trim();
    if !text.contains(':') {
        return text.parse().ok();
    }
    let (negative, magnitude) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.trim_start_matches('+')),
    };
    let parts: Vec<f64> = magnitude
        .split(':')
        .map(|part| part.parse().ok())
        .collect::<Option<_>>()?;
    let value = match parts[..] {
        [whole, minutes] => whole + minutes / 60.0,
        [whole, minutes, seconds] => whole + minutes / 60.0 + seconds / 3600.0,
        _ => return None,
    };
    Some(unit * if negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, options: &TweakRegOptions) -> Result<SkyCatalogue> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("stars.txt");
        std::fs::write(&path, text).unwrap();
        reference(&path, None, options)
    }

    #[test]
    fn columns_by_name_and_by_number() {
        let options = TweakRegOptions::default();
        let gaia = "source_id,dec,ra,pmra,pmdec,ref_epoch,phot_g_mean_mag\n1,-5.5,10.25,1.5,,2015.5,18.0\n2,6,11,0,2,2015.5,15\n";
        let found = of(gaia, &options).unwrap();
        assert_eq!((found.ra[0], found.dec[0]), (10.25, -5.5));
        let motions = found.motions.unwrap();
        assert_eq!(motions.epoch, 2015.5);
        assert!(motions.pmdec_mas[0].is_nan() && motions.pmdec_mas[1] == 2.0);
        assert!(found.brightness[1] > found.brightness[0]);
        let brightest = TweakRegOptions {
            refnbright: Some(1),
            ..TweakRegOptions::default()
        };
        assert_eq!(of(gaia, &brightest).unwrap().ra, [11.0]);
        let swapped = TweakRegOptions {
            refxcol: Which::Number(3),
            refycol: Which::Name("2".to_owned()),
            ..TweakRegOptions::default()
        };
        let found = of("# id dec ra\n7 -5.5 10.25\n8 6.0 11.0\n", &swapped).unwrap();
        assert_eq!((found.ra, found.dec), (vec![10.25, 11.0], vec![-5.5, 6.0]));
    }

    #[test]
    fn sexagesimal_angles() {
        let found = of(
            "00:41:00.0 -05:30:00\n1:00:00 +6:00:36\n",
            &TweakRegOptions::default(),
        )
        .unwrap();
        assert!((found.ra[0] - 10.25).abs() < 1e-12 && (found.dec[0] + 5.5).abs() < 1e-12);
        assert!((found.ra[1] - 15.0).abs() < 1e-12 && (found.dec[1] - 6.01).abs() < 1e-12);
    }

    #[test]
    fn what_is_missing_is_named() {
        let options = TweakRegOptions {
            refxcol: Which::Name("alpha".to_owned()),
            ..TweakRegOptions::default()
        };
        let error = of("x,y\n1,2\n", &options).unwrap_err();
        assert!(
            error.to_string().contains("no column alpha; it has x, y"),
            "{error}"
        );
        let error = of("a,b\n10,-5\n11,6\n", &TweakRegOptions::default()).unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains("no column of right ascension or declination; it has a, b."),
            "{text}"
        );
        let by_name = TweakRegOptions {
            refxcol: Which::Name("a".to_owned()),
            refycol: Which::Name("b".to_owned()),
            ..TweakRegOptions::default()
        };
        assert_eq!(of("a,b\n10,-5\n11,6\n", &by_name).unwrap().dec, [-5.0, 6.0]);
        let error = of("ra,dec\n", &TweakRegOptions::default()).unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains("stars.txt: the catalogue has no rows; its columns are ra, dec"),
            "{text}"
        );
        let error = of("ra,dec\n1,north\n", &TweakRegOptions::default()).unwrap_err();
        assert!(error.to_string().contains("'north' in column dec"), "{error}");
    }

    #[test]
    fn pixels_are_not_taken_for_angles() {
        let error = of("x,y,flux\n10,20,5\n", &TweakRegOptions::default())
            .unwrap_err()
            .to_string();
        for expected in ["stars.txt", "x, y, flux", "refxyunits=pixels", "catfile"] {
            assert!(error.contains(expected), "{error}");
        }
        // The user's word wins, and columns without names are angles.
        let named = TweakRegOptions {
            refxcol: Which::Name("x".to_owned()),
            refycol: Which::Name("y".to_owned()),
            ..TweakRegOptions::default()
        };
        assert_eq!(of("x,y\n10,20\n", &named).unwrap().ra, [10.0]);
        assert_eq!(of("10 20\n", &TweakRegOptions::default()).unwrap().dec, [20.0]);
        let both = of("x,y,ra,dec\n1,2,10,20\n", &TweakRegOptions::default()).unwrap();
        assert_eq!((both.ra[0], both.dec[0]), (10.0, 20.0));
        // In pixels of an image x and y are found beside angles.
        let pixels = TweakRegOptions {
            refxyunits: PositionUnits::Pixels,
            ..TweakRegOptions::default()
        };
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("stars.csv");
        std::fs::write(&path, "id,ra,dec,x,y\n7,0,0,3,2\n").unwrap();
        let plane = Wcs::tangent((6.0, -72.0), (2.0, 1.0), [[-1e-5, 0.0], [0.0, 1e-5]], None).unwrap();
        let found = reference(&path, Some(&plane), &pixels).unwrap();
        assert!((found.ra[0] - 6.0).abs() < 1e-9 && (found.dec[0] + 72.0).abs() < 1e-9);
    }
}

//! Lists of sources that are given in the place of source finding: `catfile`.

use super::catalogue::{DEC, RA, X, Y, angles, chosen, place, read, reals};
use super::exposures;
use crate::input::text_of;
use crate::{Error, Result};
use firstlight_align::catalogue::select_by_flux;
use firstlight_align::{FluxUnits, PositionUnits, TweakRegOptions};
use firstlight_fits::FitsFile;
use firstlight_measure::find::Source;
use firstlight_wcs::Wcs;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Lists of sources for the chips of images, by file.
#[derive(Debug, Default)]
pub(super) struct GivenLists(HashMap<PathBuf, Vec<Vec<Source>>>);

impl GivenLists {
    /// The lists of an image, one a chip.
    pub(super) fn of(&self, file: &Path) -> Option<&[Vec<Source>]> {
        self.0.get(file).map(Vec::as_slice)
    }
}

/// Reads `catfile`: lines of an image's name and the lists of its chips, looked for beside it. On an image whose line
/// names no list sources are found.
pub(super) fn given_lists(files: &[PathBuf], options: &TweakRegOptions) -> Result<GivenLists> {
    let Some(catfile) = options.catfile.as_deref().map(Path::new) else {
        return Ok(GivenLists::default());
    };
    let text = text_of(catfile)?;
    let folder = crate::output::folder_of(catfile);
    let lines: Vec<Vec<&str>> = text
        .lines()
        .map(|line| {
            let words = line.split_whitespace();
            words.take_while(|word| !word.starts_with('#')).collect()
        })
        .collect();
    let mut lists = HashMap::new();
    for image in files {
        let is_it = |line: &&Vec<&str>| {
            let name = line.first().map(|name| Path::new(*name).file_name());
            name.is_some_and(|name| name == image.file_name())
        };
        let Some(line) = lines.iter().find(is_it) else {
            return Err(Error::Usage(format!(
                "{} has no line for {}",
                catfile.display(),
                image.display()
            )));
        };
        let names = &line[1..];
        if names.is_empty() {
            // Sources are found on it.
            continue;
        }
        let file = FitsFile::open(image)?;
        let chips = exposures::chips(&file);
        if names.len() != chips.len() {
            return Err(Error::Usage(format!(
                "{}: {} catalogues for the {} images of {}; give one for each, None for those without sources",
                catfile.display(),
                names.len(),
                chips.len(),
                image.display()
            )));
        }
        let read = names.iter().zip(chips).map(|(name, chip)| {
            let none = ["none", "indef"].contains(&name.to_ascii_lowercase().as_str());
            match none {
                true => Ok(Vec::new()),
                false => given_list(&folder.join(name), (&file, chip), options),
            }
        });
        lists.insert(image.clone(), read.collect::<Result<Vec<_>>>()?);
    }
    Ok(GivenLists(lists))
}

/// The sources of a list for the chip of an image, those without a finite position left out.
fn given_list(
    path: &Path,
    (file, chip): (&FitsFile, usize),
    options: &TweakRegOptions,
) -> Result<Vec<Source>> {
    let (table, default) = (read(path)?, TweakRegOptions::default());
    let column = |given, default, names| place(&table, path, (given, default), names, options.xyunits);
    let mut x = angles(column(&options.xcol, &default.xcol, (&RA, &X))?, 15.0, path)?;
    let mut y = angles(column(&options.ycol, &default.ycol, (&DEC, &Y))?, 1.0, path)?;
    match options.xyunits {
        PositionUnits::Pixels => x.iter_mut().chain(&mut y).for_each(|value| *value -= 1.0),
        PositionUnits::Degrees => {
            let wcs = Wcs::from_file(file, chip, None)?;
            (x, y, _) = wcs.sky_to_pixels_where_possible(&x, &y)?;
        }
    }
    let flux = match &options.fluxcol {
        Some(column) => reals(chosen(&table, column, path)?, path)?,
        None => vec![f64::NAN; x.len()],
    };
    let rows = match &options.fluxcol {
        Some(_) => select_by_flux(
            &flux,
            options.minflux,
            options.maxflux,
            options.fluxunits,
            options.nbright,
        ),
        None => (0..x.len()).collect(),
    };
    let side = if options.fluxunits == FluxUnits::Mag {
        -1.0
    } else {
        1.0
    };
    let source = |row: usize| Source {
        x: x[row],
        y: y[row],
        flux: side * flux[row],
        peak: f64::NAN,
        sharpness: None,
        roundness1: None,
        roundness2: 0.0,
    };
    let somewhere = |row: &usize| x[*row].is_finite() && y[*row].is_finite();
    Ok(rows.into_iter().filter(somewhere).map(source).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use firstlight_align::options::Column as Which;

    /// An exposure of two chips of 30 x 40 pixels, its lists beside it.
    fn listed(
        lists: &[(&str, &str)],
        options: &TweakRegOptions,
    ) -> (Result<GivenLists>, PathBuf, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a_flt.fits");
        let mut writer =
            firstlight_fits::FitsWriter::create(&path, firstlight_fits::Overwrite::Refuse).unwrap();
        writer.empty_primary(&firstlight_fits::Header::new()).unwrap();
        for version in [1_i64, 2] {
            let mut header = firstlight_fits::Header::new();
            header.set("EXTNAME", "SCI", None).unwrap();
            header.set("EXTVER", version, None).unwrap();
            for (keyword, value) in [
                ("CRVAL1", 6.0),
                ("CRVAL2", -72.0),
                ("CRPIX1", 10.0),
                ("CRPIX2", 20.0 * version as f64),
                ("CD1_1", -1e-5),
                ("CD2_2", 1e-5),
            ] {
                header.set(keyword, value, None).unwrap();
            }
            header.set("CTYPE1", "RA---TAN", None).unwrap();
            header.set("CTYPE2", "DEC--TAN", None).unwrap();
            let image = firstlight_fits::Array {
                shape: vec![30, 40],
                data: vec![0.0_f32; 1200],
            };
            writer.image(&header, &image).unwrap();
        }
        writer.finish().unwrap();
        for (name, text) in lists {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let options = TweakRegOptions {
            catfile: Some(folder.path().join("catfile").display().to_string()),
            ..options.clone()
        };
        let read = given_lists(std::slice::from_ref(&path), &options);
        (read, path, folder)
    }

    fn positions(lists: &GivenLists, image: &Path) -> Vec<Vec<(f64, f64)>> {
        let chips = lists.of(image).unwrap();
        let of_chip = |chip: &Vec<Source>| chip.iter().map(|source| (source.x, source.y)).collect();
        chips.iter().map(of_chip).collect()
    }

    #[test]
    fn lists_of_the_users_own_for_each_chip() {
        let default = TweakRegOptions::default();
        let catfile = ("catfile", "# all\nraw/a_flt.fits one.txt two.csv # both\n");
        let one = ("one.txt", "# x y flux\n3.5 4.0 10\n7 8 90\nnan 1 1\n");
        let two = ("two.csv", "id,flux,x,y\n1,5,11,12\n2,6,13,14\n");
        let (read, image, _folder) = listed(&[catfile, one, two], &default);
        assert_eq!(
            positions(&read.unwrap(), &image),
            [vec![(2.5, 3.0), (6.0, 7.0)], vec![(10.0, 11.0), (12.0, 13.0)]]
        );
        // By number, the brightest alone, and no sources on the second chip.
        let brightest = TweakRegOptions {
            xcol: Which::Number(2),
            ycol: Which::Number(1),
            fluxcol: Some(Which::Number(3)),
            nbright: Some(1),
            ..default.clone()
        };
        let catfile = ("catfile", "a_flt.fits one.txt None\n");
        let (read, image, _folder) = listed(&[catfile, one], &brightest);
        assert_eq!(positions(&read.unwrap(), &image), [vec![(7.0, 6.0)], vec![]]);
        // On the sky, through each chip's own coordinates.
        let sky = TweakRegOptions {
            xyunits: PositionUnits::Degrees,
            ..default.clone()
        };
        let catfile = ("catfile", "a_flt.fits sky.csv sky.csv\n");
        let (read, image, _folder) = listed(&[catfile, ("sky.csv", "x,y,ra,dec\n1,1,6.0,-72.0\n")], &sky);
        let found = positions(&read.unwrap(), &image);
        for (chip, y) in found.iter().zip([19.0, 39.0]) {
            assert!(
                (chip[0].0 - 9.0).abs() < 1e-6 && (chip[0].1 - y).abs() < 1e-6,
                "{found:?}"
            );
        }
        // Without lists sources are found.
        let (read, image, _folder) = listed(&[("catfile", "a_flt.fits\n")], &default);
        assert!(read.unwrap().of(&image).is_none());
    }

    #[test]
    fn lists_that_do_not_go_with_the_images_are_told_of() {
        let default = TweakRegOptions::default();
        let one = ("one.txt", "1 2\n");
        for (catfile, expected) in [
            ("b_flt.fits one.txt\n", "has no line for"),
            ("a_flt.fits one.txt\n", "1 catalogues for the 2 images"),
            (
                "a_flt.fits one.txt one.txt one.txt\n",
                "3 catalogues for the 2 images",
            ),
            ("a_flt.fits one.txt nowhere.txt\n", "nowhere.txt"),
        ] {
            let (read, _, _folder) = listed(&[("catfile", catfile), one], &default);
            let error = read.unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}

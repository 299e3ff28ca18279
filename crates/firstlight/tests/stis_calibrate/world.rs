//! An exposure in two parts, its wavecal, and their reference files.

use crate::made::{self, Files, NX, NY, starlit, wavelength};
use firstlight::calibrate::{AcsrejOptions, CalibrateOptions, InitialGuess, SkySubtraction};
use firstlight::fits::{Column, ColumnData, FitsWriter, Header, Overwrite};
use firstlight::frame::Image;
use std::path::{Path, PathBuf};

/// How far the spectrum of the lamp lies to the right, columns.
pub const SHIFT: f64 = 1.5;
const LINES: [f64; 4] = [4025.0, 4062.0, 4098.0, 4131.0];

pub struct World {
    pub files: Files,
    pub raw: PathBuf,
    pub wavecal: PathBuf,
}

impl World {
    pub fn new() -> Self {
        let mut files = Files::new();
        files.add("CCDTAB", &[], made::ccd());
        // The grid is that of a full frame, of which this is a part.
        files.add("SDCTAB", &[], made::grid_of(1024, 1036));
        lamp_tables(&mut files);
        let folder = files.folder.path().to_owned();
        write(
            &folder.join("darkfile.fits"),
            &primary("DARK"),
            &[Image::filled(NY, NX, 0.0)],
            &Header::new(),
        );
        let world = Self {
            raw: folder.join("otest_raw.fits"),
            wavecal: folder.join("otest_wav.fits"),
            files,
        };
        world.write_raw(&world.raw, &primary("SIM-STAR"), 24.0);
        world.write_wavecal(&lamp_primary());
        world
    }

    /// Writes a raw exposure of a star about a line, in two parts, the first hit by a cosmic ray.
    pub fn write_raw(&self, path: &Path, primary: &Header, line: f64) {
        let mut parts = vec![starlit(line).sci, starlit(line).sci];
        parts[0][(40, 10)] += 5000.0;
        let mut sci = made::sci();
        sci.remove("MEANDARK");
        sci.set("ASN_MTYP", "CRSPLIT", None).unwrap();
        write(path, primary, &parts, &sci);
    }

    pub fn write_wavecal(&self, primary: &Header) {
        let light = |x: usize| {
            let at = wavelength(x) - 2.5 * SHIFT;
            let line = |centre: &f64| (-((at - centre) / 3.0).powi(2) / 2.0).exp();
            (800.0 * LINES.iter().map(line).sum::<f64>()) as f32
        };
        let mut sci = made::sci();
        sci.set("ASN_MTYP", "AUTO-WAVECAL", None).unwrap();
        let noise = |x: usize, y: usize| ((x * 7919 + y * 104729) % 101) as f32 / 50.0;
        let image = Image::from_fn(NY, NX, |x, y| light(x) + noise(x, y));
        write(&self.wavecal, primary, &[image], &sci);
    }

    pub fn options(&self, folder: &str) -> CalibrateOptions {
        CalibrateOptions {
            ref_dir: Some(self.files.folder.path().to_owned()),
            output_dir: Some(self.files.folder.path().join(folder)),
            acsrej: AcsrejOptions {
                crmask: Some(true),
                scalense: Some(0.0),
                initgues: Some(InitialGuess::Minimum),
                skysub: Some(SkySubtraction::None),
                crsigmas: Some("8,6".to_owned()),
                crradius: Some(0.0),
                crthresh: Some(1.0),
                badinpdq: Some(0),
                ..AcsrejOptions::default()
            },
            ..CalibrateOptions::default()
        }
    }

    /// The files in a folder of the world, by name.
    pub fn listed(&self, folder: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.files.folder.path().join(folder));
        let names = entries.into_iter().flatten().flatten();
        let mut names: Vec<String> = names
            .map(|entry| entry.file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

/// The header of an exposure with all switches and reference files.
pub fn primary(target: &str) -> Header {
    let mut header = made::primary();
    let performed = [
        "DQICORR", "CRCORR", "EXPSCORR", "DARKCORR", "WAVECORR", "X2DCORR", "X1DCORR", "BACKCORR",
        "DISPCORR", "HELCORR", "FLUXCORR", "CTECORR",
    ];
    for keyword in performed {
        header.set(keyword, "PERFORM", None).unwrap();
    }
    for keyword in ["BLEVCORR", "BIASCORR", "FLATCORR"] {
        header.set(keyword, "OMIT", None).unwrap();
    }
    let files = [
        "CCDTAB", "DARKFILE", "APDESTAB", "SPTRCTAB", "XTRACTAB", "DISPTAB", "INANGTAB", "SDCTAB", "PHOTTAB",
        "APERTAB", "PCTAB", "LAMPTAB", "WCPTAB",
    ];
    for keyword in files {
        let name = format!("oref${}.fits", keyword.to_lowercase());
        header.set(keyword, name, None).unwrap();
    }
    header.set("CCDOFFST", 3i64, None).unwrap();
    header.set("TARGNAME", target, None).unwrap();
    header.set("WAVECAL", "otest_wav.fits", None).unwrap();
    header
}

pub fn lamp_primary() -> Header {
    let mut header = primary("WAVEHITM");
    header.set("SCLAMP", "HITM1", None).unwrap();
    header.set("LAMPSET", "10.0", None).unwrap();
    header
}

fn write(path: &Path, primary: &Header, images: &[Image<f32>], sci: &Header) {
    let mut writer = FitsWriter::create(path, Overwrite::Replace).unwrap();
    writer.empty_primary(primary).unwrap();
    for (index, image) in images.iter().enumerate() {
        for name in ["SCI", "ERR", "DQ"] {
            let mut header = if name == "SCI" { sci.clone() } else { Header::new() };
            header.set("EXTNAME", name, None).unwrap();
            header.set("EXTVER", index + 1, None).unwrap();
            match name {
                "SCI" => writer.image(&header, (image.as_slice(), image.shape())).unwrap(),
                "ERR" => writer.constant(&header, image.shape(), 0.0, -32).unwrap(),
                _ => writer.constant(&header, image.shape(), 0.0, 16).unwrap(),
            }
        }
    }
    writer.finish().unwrap();
}

fn lamp_tables(files: &mut Files) {
    let wavelengths: Vec<f64> = (0..600).map(|i| 3950.0 + 0.5 * f64::from(i)).collect();
    let flux = |at: &f64| {
        let line = |centre: &f64| (-((at - centre) / 3.0).powi(2) / 2.0).exp();
        0.01 + LINES.iter().map(line).sum::<f64>()
    };
    let flux = wavelengths.iter().map(flux).collect();
    let array = |name: &str, values| Column::array(name, vec![600], ColumnData::F64(values)).unwrap();
    let lamps = vec![
        Column::text("LAMPSET", ["ANY"]),
        Column::text("SCLAMP", ["HITM1"]),
        Column::text("OPT_ELEM", ["G430L"]),
        Column::i32("NELEM", vec![600]),
        array("WAVELENGTH", wavelengths),
        array("FLUX", flux),
    ];
    files.add("LAMPTAB", &[], lamps);
    let mut parameters = vec![
        Column::text("DETECTOR", ["CCD"]),
        Column::text("OPT_ELEM", ["ANY"]),
    ];
    let pixels = [
        ("WL_TRIM1", 2),
        ("WL_TRIM2", 8),
        ("SP_TRIM1", 2),
        ("SP_TRIM2", 4),
        ("WL_RANGE", 15),
        ("SP_RANGE", 9),
    ];
    parameters.extend(pixels.map(|(name, value)| Column::i32(name, vec![value])));
    let limits = [
        ("NSIG_CR", 8.0),
        ("NSIG_ILL", 8.0),
        ("MAD_REJ", 8.0),
        ("MIN_MAD", 1.0),
    ];
    parameters.extend(limits.map(|(name, value)| Column::f64(name, vec![value])));
    files.add("WCPTAB", &[], parameters);
}

//! Pixels to the sky and back, and the map of a chip, with every distortion of ACS/WFC.

use divan::{Bencher, counter::ItemsCount};
use firstlight_fits::{Array, ArrayView, Card, FitsFile, FitsWriter, Header, Overwrite};
use firstlight_wcs::{OutputGrid, PixelMap, Wcs, output};

const POINTS: usize = 1_000_000;
const NY: usize = 2048;
const NX: usize = 4096;

type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

fn main() {
    divan::main();
}

/// A chip of ACS/WFC's size and distortion, with tables every 64 pixels or with the polynomial alone.
fn chip(tables: bool) -> Fallible<Wcs> {
    let mut science = Header::new();
    for (keyword, text) in [
        ("EXTNAME", "SCI"),
        ("CTYPE1", "RA---TAN-SIP"),
        ("CTYPE2", "DEC--TAN-SIP"),
    ] {
        science.set(keyword, text, None)?;
    }
    let numbers = [
        ("NPIX1", NX as f64),
        ("NPIX2", NY as f64),
        ("CRPIX1", 2048.0),
        ("CRPIX2", 1024.0),
        ("CRVAL1", 150.0),
        ("CRVAL2", 63.2),
        ("CD1_1", 1.2e-5),
        ("CD1_2", 6.9e-6),
        ("CD2_1", 7.3e-6),
        ("CD2_2", -1.15e-5),
        ("A_ORDER", 4.0),
        ("B_ORDER", 4.0),
        ("A_2_0", 8.1e-6),
        ("A_1_1", -5.2e-6),
        ("A_0_2", 2.2e-6),
        ("A_3_0", 1.4e-11),
        ("A_0_4", 1.1e-14),
        ("B_2_0", -3.0e-6),
        ("B_1_1", 6.2e-6),
        ("B_0_2", -7.2e-6),
        ("B_4_0", 9e-15),
    ];
    for (keyword, value) in numbers {
        science.set(keyword, value, None)?;
    }
    for axis in 1..=if tables { 2 } else { 0 } {
        for (switch, parameters) in [("CPDIS", "DP"), ("D2IMDIS", "D2IM")] {
            science.push(Card::new(&format!("{switch}{axis}"), "Lookup", None)?);
            for record in [
                format!("EXTVER: {axis}"),
                "AXIS.1: 1".to_owned(),
                "AXIS.2: 2".to_owned(),
            ] {
                science.push(Card::new(&format!("{parameters}{axis}"), record, None)?);
            }
        }
    }
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("chip.fits");
    let mut writer = FitsWriter::create(&path, Overwrite::Refuse)?;
    writer.image(&science, ArrayView::new(&[NY, NX], &vec![0u8; NY * NX])?)?;
    for name in ["WCSDVARR", "D2IMARR"] {
        for version in 1..=2usize {
            let mut header = Header::new();
            header.set("EXTNAME", name, None)?;
            header.set("EXTVER", version, None)?;
            header.set("CDELT1", 64.0, None)?;
            header.set("CDELT2", 64.0, None)?;
            let values = (0..64 * 32)
                .map(|k| 0.05 * ((k * version) as f32 * 0.37).sin())
                .collect();
            writer.image(&header, &Array::new(vec![32, 64], values)?)?;
        }
    }
    writer.finish()?;
    Ok(Wcs::from_file(&FitsFile::open(&path)?, 0, None)?)
}

/// Points all over the chip.
fn points() -> (Vec<f64>, Vec<f64>) {
    (0..POINTS)
        .map(|k| {
            (
                (k * 7919 % (NX * 100)) as f64 / 100.0,
                (k * 104_729 % (NY * 100)) as f64 / 100.0,
            )
        })
        .unzip()
}

fn pool(threads: usize) -> Option<rayon::ThreadPool> {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().ok()
}

#[divan::bench(args = [1, 2], sample_count = 10, sample_size = 1)]
fn pixels_to_sky(bencher: Bencher, threads: usize) {
    let (Ok(wcs), Some(pool)) = (chip(true), pool(threads)) else {
        return;
    };
    let (x, y) = points();
    let work = || pool.install(|| wcs.pixels_to_sky(&x, &y));
    bencher.counter(ItemsCount::new(POINTS)).bench(work);
}

#[divan::bench(args = [1, 2], sample_count = 10, sample_size = 1)]
fn sky_to_pixels(bencher: Bencher, threads: usize) {
    let (Ok(wcs), Some(pool)) = (chip(true), pool(threads)) else {
        return;
    };
    let (x, y) = points();
    let Ok((ra, dec)) = wcs.pixels_to_sky(&x, &y) else {
        return;
    };
    let work = || pool.install(|| wcs.sky_to_pixels(&ra, &dec));
    bencher.counter(ItemsCount::new(POINTS)).bench(work);
}

/// All rows of a map, on one thread; the time to make it is part of it.
#[divan::bench(args = ["exact", "interpolated", "interpolated, no tables", "stepped"], sample_count = 5, sample_size = 1)]
fn whole_map(bencher: Bencher, way: &str) {
    let Ok(chip) = chip(!way.ends_with("no tables")) else {
        return;
    };
    let Ok(grid) = output::common_grid(std::slice::from_ref(&chip), &OutputGrid::default()) else {
        return;
    };
    bencher.counter(ItemsCount::new(NX * NY)).bench(|| {
        let map = match way {
            "exact" => PixelMap::exact(&chip, &grid),
            "stepped" => PixelMap::stepped(&chip, &grid, 10),
            _ => PixelMap::between(&chip, &grid, 1e-4),
        };
        let (mut xs, mut ys) = (vec![0.0; NX], vec![0.0; NX]);
        if let Ok(map) = map {
            for y in 0..NY {
                map.row(y, &mut xs, &mut ys);
                divan::black_box((&xs, &ys));
            }
        }
    });
}

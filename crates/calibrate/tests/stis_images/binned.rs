//! Binned reads and subarrays: basic2d of a frame, of the same frame in larger pixels with references in as large ones, and of
//! some rows of it.

use super::world::{World, header};
use firstlight_calibrate::stis::basic2d::{HousingTemperatures, basic2d};
use firstlight_calibrate::{Chip, Error, Observation};
use firstlight_frame::fits::{Column, Header, Value};
use firstlight_frame::{Frame, Image};

const LEVEL: f32 = 1500.0;
/// Where the imaging area lies in a whole readout of amplifier D: its first column and row, and its side.
const FIRST: (usize, usize) = (19, 20);
const SIDE: usize = 1024;
/// First row of the subarray on the detector, and how many it has.
const ROWS: (usize, usize) = (300, 64);
const GAIN: f64 = 4.016;

/// What a pixel of the imaging area holds: light, dark current and a pattern of the bias.
fn light(x: usize, y: usize) -> f32 {
    20.0 + ((x * 13 + y * 7) % 31) as f32
}

fn bias(x: usize, y: usize) -> f32 {
    ((x * 5 + y * 3) % 8) as f32 / 4.0
}

fn dark(x: usize, y: usize) -> f32 {
    0.01 + ((x * 3 + y * 11) % 16) as f32 / 256.0
}

fn flat(x: usize, y: usize) -> f32 {
    1.0 + ((x / 2 + y / 2) % 5) as f32 / 64.0
}

fn primary(bin: i64) -> Header {
    let mut primary = header(&[
        ("INSTRUME", "STIS".into()),
        ("DETECTOR", "CCD".into()),
        ("CCDAMP", "D".into()),
        ("CCDGAIN", 4i64.into()),
        ("CCDOFFST", 3i64.into()),
        ("BINAXIS1", bin.into()),
        ("BINAXIS2", bin.into()),
        ("OBSTYPE", "IMAGING".into()),
        ("OPT_ELEM", "MIRVIS".into()),
        ("APERTURE", "F28X50LP".into()),
        ("APER_FOV", "28x50".into()),
        ("TARGNAME", "STAR".into()),
    ]);
    for switch in ["DQICORR", "BLEVCORR", "BIASCORR", "DARKCORR", "FLATCORR"] {
        primary.set(switch, "PERFORM", None).unwrap();
    }
    primary
}

fn observation(bin: i64, sci: Image<f32>, (ltm, ltv): (f64, (f64, f64))) -> Observation {
    let (ny, nx) = sci.shape();
    let scale = 0.05 * bin as f64 / 3600.0;
    let cards: [(&str, Value); 9] = [
        ("EXPTIME", 100.0.into()),
        ("EXPSTART", 51000.0.into()),
        ("EXPEND", 51000.01.into()),
        ("LTM1_1", ltm.into()),
        ("LTM2_2", ltm.into()),
        ("LTV1", ltv.0.into()),
        ("LTV2", ltv.1.into()),
        ("CD1_1", scale.into()),
        ("CD2_2", scale.into()),
    ];
    let chip = Chip {
        version: 1,
        frame: Frame {
            sci,
            err: Image::filled(ny, nx, 0.0),
            dq: Image::filled(ny, nx, 0),
        },
        sci: header(&cards),
        err: Header::new(),
        dq: Header::new(),
    };
    Observation {
        name: format!("binned {bin}"),
        primary: primary(bin),
        chips: vec![chip],
    }
}

/// Sums over squares of pixels, or means, from a column and row on.
fn binned(
    of: impl Fn(usize, usize) -> f32,
    bin: usize,
    (first, n): ((usize, usize), (usize, usize)),
    mean: bool,
) -> Image<f32> {
    Image::from_fn(n.0, n.1, |x, y| {
        let pixels = (0..bin * bin).map(|at| of(first.0 + x * bin + at % bin, first.1 + y * bin + at / bin));
        let sum: f32 = pixels.sum();
        if mean { sum / (bin * bin) as f32 } else { sum }
    })
}

fn plane(sci: Image<f32>, err: f32) -> Frame {
    let (ny, nx) = sci.shape();
    Frame {
        sci,
        err: Image::filled(ny, nx, err),
        dq: Image::from_fn(ny, nx, |x, y| if (x, y) == (40, 320) { 16 } else { 0 }),
    }
}

/// Reference files of whole frames, in pixels of `bin`.
fn world(bin: usize) -> World {
    let mut world = World::new();
    world.ccdtab(bin as i64);
    // As what is left of a binned readout: the pixel that is partly overscan is cut off.
    let (first, n, ltm, ltv) = match bin {
        1 => ((0, 0), (SIDE, SIDE), 1.0, (0.0, 0.0)),
        _ => ((1, 0), (SIDE / 2, SIDE / 2 - 1), 0.5, (-0.25, 0.25)),
    };
    for (keyword, of, mean, err) in [
        ("BIASFILE", bias as fn(usize, usize) -> f32, false, 0.25),
        ("DARKFILE", dark, false, 0.001),
        ("PFLTFILE", flat, true, 0.01),
    ] {
        world.image(keyword, plane(binned(of, bin, (first, n), mean), err), (ltm, ltv));
    }
    let whole = |name: &str, values: [i16; 3]| Column::i16(name, values.to_vec());
    let columns = vec![
        // A pixel, a run along a row, and one up a column.
        whole("PIX1", [101, 200, 501]),
        whole("PIX2", [311, 321, 331]),
        whole("LENGTH", [1, 3, 6]),
        whole("AXIS", [1, 1, 2]),
        whole("VALUE", [4, 8, 64]),
    ];
    world.tables("BPIXTAB", &[("BPX", super::world::table(columns))], &[]);
    world
}

/// A whole readout of the pixels of the detector, without drift.
fn whole() -> Observation {
    let counts = Image::from_fn(1044, 1062, |x, y| {
        let place = (x.checked_sub(FIRST.0), y.checked_sub(FIRST.1));
        match place {
            (Some(x), Some(y)) if x < SIDE && y < SIDE => {
                LEVEL + light(x, y) + bias(x, y) + 100.0 * dark(x, y) / GAIN as f32
            }
            _ => LEVEL,
        }
    });
    observation(1, counts, (1.0, (FIRST.0 as f64, FIRST.1 as f64)))
}

fn run(world: &World, mut observation: Observation) -> Result<Frame, Error> {
    basic2d(&mut observation, &world.references, &HousingTemperatures::new())?;
    Ok(observation.chips.remove(0).frame)
}

#[test]
fn a_subarray_is_the_same_rows_of_the_whole_frame() {
    let world = world(1);
    let whole = whole();
    let raw = whole.chips[0].frame.sci.clone();
    let full = run(&world, whole).unwrap();
    // Subarrays have 18 columns of overscan at each end, and no rows.
    let rows = Image::from_fn(ROWS.1, 1060, |x, y| raw[(ROWS.0 + FIRST.1 + y, x + 1)]);
    let ltv = ((FIRST.0 - 1) as f64, -(ROWS.0 as f64));
    let part = run(&world, observation(1, rows, (1.0, ltv))).unwrap();
    assert_eq!(part.sci.shape(), (ROWS.1, SIDE));
    assert!(full.dq.as_slice().iter().any(|&bits| bits & 4 != 0));
    for y in 0..ROWS.1 {
        assert_eq!(part.sci.row(y), full.sci.row(ROWS.0 + y), "SCI, row {y}");
        assert_eq!(part.err.row(y), full.err.row(ROWS.0 + y), "ERR, row {y}");
        assert_eq!(part.dq.row(y), full.dq.row(ROWS.0 + y), "DQ, row {y}");
    }
    for (place, bits) in [((10, 100), 4), ((20, 201), 8), ((35, 500), 64), ((20, 40), 16)] {
        assert_eq!(part.dq[place] & bits, bits, "{place:?}");
    }
}

/// A readout in pixels of 2 x 2: one level for each pixel, whatever its size.
fn in_larger_pixels() -> Observation {
    let n = (SIDE / 2, SIDE / 2 - 1);
    let of_light = binned(light, 2, ((1, 0), n), false);
    let of_bias = binned(bias, 2, ((1, 0), n), false);
    let of_dark = binned(dark, 2, ((1, 0), n), false);
    // Amplifier D: 21 columns at the left, 10 at the right, of which one in part is overscan, and 10 rows below.
    let (nx, ny) = (542, 1044 / 2);
    let (first, below) = (nx - 10 - n.1, ny - SIDE / 2);
    let counts = Image::from_fn(ny, nx, |x, y| {
        let place = (x.checked_sub(first), y.checked_sub(below));
        match place {
            (Some(x), Some(y)) if x < n.1 && y < n.0 => {
                LEVEL + of_light[(y, x)] + of_bias[(y, x)] + 100.0 * of_dark[(y, x)] / GAIN as f32
            }
            _ => LEVEL,
        }
    });
    observation(2, counts, (0.5, (first as f64 - 0.25, below as f64 + 0.25)))
}

#[test]
fn larger_pixels_with_references_of_as_large_ones_are_sums_of_the_whole_frame() {
    let full = run(&world(1), whole()).unwrap();
    let part = run(&world(2), in_larger_pixels()).unwrap();
    assert_eq!(part.sci.nx(), SIDE / 2 - 1);
    for y in 0..SIDE / 2 {
        for x in 0..SIDE / 2 - 1 {
            let pixels: [(usize, usize); 4] = [0, 1, 2, 3].map(|at| (2 * y + at / 2, 1 + 2 * x + at % 2));
            // Flats of four pixels are not quite one: each is divided by its own in the whole frame.
            let sum: f32 = pixels
                .iter()
                .map(|&place| full.sci[place] * flat(place.1, place.0))
                .sum();
            let mean: f32 = pixels.iter().map(|&place| flat(place.1, place.0)).sum::<f32>() / 4.0;
            let found = part.sci[(y, x)] * mean;
            assert!((found - sum).abs() < 1e-4 * sum, "({y}, {x}): {found} for {sum}");
        }
    }
    let bits = |of: &Frame, place: (usize, usize), bits: u16| of.dq[place] & bits != 0;
    for (table, of) in [(4u16, (155, 49)), (8, (160, 100)), (64, (165, 249))] {
        let (y, x): (usize, usize) = of;
        assert!(bits(&part, of, table));
        let any = (0..4).any(|at| bits(&full, (2 * y + at / 2, 1 + 2 * x + at % 2), table));
        assert_eq!(bits(&part, of, table), any, "{table} at {of:?}");
    }
    // All that the table flags on the whole frame is flagged in the larger pixels, and nothing else.
    for (table, total) in [(8u16, 2), (64, 3)] {
        let flagged = part.dq.as_slice().iter().filter(|&&of| of & table != 0).count();
        assert_eq!(flagged, total, "{table}");
    }
}

#[test]
fn larger_pixels_need_references_of_as_large_ones() {
    let mut mixed = world(2);
    mixed.image(
        "DARKFILE",
        plane(binned(dark, 1, ((0, 0), (SIDE, SIDE)), false), 0.001),
        (1.0, (0.0, 0.0)),
    );
    let error = run(&mixed, in_larger_pixels()).unwrap_err();
    assert!(matches!(error, Error::OtherBinning { .. }), "{error}");
    let text = error.to_string();
    for words in ["DARKFILE", "pixels 1 x 1", "of 2 x 2", "DARKCORR=OMIT"] {
        assert!(text.contains(words), "{words}: {text}");
    }
}

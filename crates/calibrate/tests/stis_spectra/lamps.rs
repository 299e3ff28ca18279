//! Shifts that a lamp shows.

use crate::made::{self, Files};
use firstlight_calibrate::Error;
use firstlight_calibrate::stis::wavecal::{self, Shift, Shifts, wavecal};
use firstlight_frame::fits::{Column, ColumnData, Header};
use firstlight_frame::{Frame, Image};

const NX: usize = 240;
const NY: usize = 200;
const LINES: [f64; 9] = [
    4020.0, 4066.0, 4131.0, 4170.0, 4263.0, 4287.0, 4391.0, 4470.0, 4552.0,
];

/// The lamp's spectrum at a wavelength, Å.
fn lamp(wavelength: f64) -> f64 {
    let line = |centre: &f64| (-((wavelength - centre) / 3.0).powi(2) / 2.0).exp();
    0.01 + LINES.iter().map(line).sum::<f64>()
}

/// The part of a row (0-based) that bars of 10 and 12 rows at 40 below and 50 above row 99 leave lit, moved by `shift`.
fn lit(y: f64, shift: f64) -> f64 {
    let hidden = |middle: f64, width: f64| {
        let (lower, upper) = (middle - width / 2.0 + shift, middle + width / 2.0 + shift);
        (upper.min(y + 0.5) - lower.max(y - 0.5)).clamp(0.0, 1.0)
    };
    1.0 - hidden(59.0, 10.0) - hidden(149.0, 12.0)
}

/// A rectified wavecal, its image moved by `shift` pixels along x and y.
fn wavecal_frame(shift: (f64, f64)) -> Frame {
    let noise = |x: usize, y: usize| ((x * 7919 + y * 104729) % 101) as f64 / 50.0 - 1.0;
    Frame {
        sci: Image::from_fn(NY, NX, |x, y| {
            let light = 800.0 * lamp(4000.0 + 2.5 * (x as f64 - shift.0));
            (light * lit(y as f64, shift.1) + noise(x, y)) as f32
        }),
        err: Image::filled(NY, NX, 4.0),
        // Behind the nominal places of the bars.
        dq: Image::from_fn(NY, NX, |_, y| if lit(y as f64, 0.0) < 1.0 { 8 } else { 0 }),
    }
}

fn files() -> Files {
    let mut files = Files::new();
    let wavelengths: Vec<f64> = (0..1400).map(|i| 3950.0 + 0.5 * f64::from(i)).collect();
    let flux: Vec<f64> = wavelengths.iter().map(|&wavelength| lamp(wavelength)).collect();
    let array = |name: &str, values| Column::array(name, vec![1400], ColumnData::F64(values)).unwrap();
    let lamps = vec![
        Column::text("LAMPSET", ["ANY"]),
        Column::text("SCLAMP", ["HITM1"]),
        Column::text("OPT_ELEM", ["G430L"]),
        Column::i32("NELEM", vec![1400]),
        array("WAVELENGTH", wavelengths),
        array("FLUX", flux),
    ];
    files.add("LAMPTAB", &[], lamps);
    let mut parameters = vec![
        Column::text("DETECTOR", ["CCD"]),
        Column::text("OPT_ELEM", ["ANY"]),
    ];
    let pixels = [
        ("WL_TRIM1", 5),
        ("WL_TRIM2", 20),
        ("SP_TRIM1", 5),
        ("SP_TRIM2", 10),
        ("WL_RANGE", 31),
        ("SP_RANGE", 21),
    ];
    parameters.extend(pixels.map(|(name, value)| Column::i32(name, vec![value])));
    let limits = [
        ("NSIG_CR", 3.0),
        ("NSIG_ILL", 2.0),
        ("MAD_REJ", 3.0),
        ("MIN_MAD", 1.0),
    ];
    parameters.extend(limits.map(|(name, value)| Column::f64(name, vec![value])));
    files.add("WCPTAB", &[], parameters);
    let mut aperture = made::apertures("52X0.2");
    aperture.retain(|column| !column.name().starts_with("BAR"));
    let bars = [
        ("BAR1LOCN", -2.0),
        ("BAR1WIDTH", 0.5),
        ("BAR2LOCN", 2.5),
        ("BAR2WIDTH", 0.6),
        ("BAR3LOCN", 0.0),
        ("BAR3WIDTH", 0.0),
    ];
    aperture.extend(bars.map(|(name, value)| Column::f64(name, vec![value])));
    files.add("APDESTAB", &[], aperture);
    files
}

fn headers() -> (Header, Header) {
    let (mut primary, mut sci) = (made::primary(), made::sci());
    primary.set("SCLAMP", "HITM1", None).unwrap();
    primary.set("LAMPSET", "10.0", None).unwrap();
    sci.set("ASN_MTYP", "AUTO-WAVECAL", None).unwrap();
    sci.set("CRPIX2", 100.0, None).unwrap();
    (primary, sci)
}

fn measured(frame: &Frame) -> Shifts {
    let (primary, sci) = headers();
    wavecal(frame, &primary, &sci, &files().references).unwrap()
}

#[test]
fn shifts_along_both_axes_are_found() {
    for (a, b) in [(0.0, 0.0), (2.4, 0.6), (-3.3, -0.7)] {
        let found = measured(&wavecal_frame((a, b)));
        let (one, two) = (found.shifta1.found().unwrap(), found.shifta2.found().unwrap());
        assert!((one - a).abs() < 0.1, "{one} for {a}");
        assert!((two - b).abs() < 0.25, "{two} for {b}");
        assert!(found.bars.iter().all(|bar| bar.weight > 0.8 && bar.weight < 1.2));
    }
}

#[test]
fn cosmic_rays_change_next_to_nothing() {
    let mut frame = wavecal_frame((1.5, 0.0));
    let clean = measured(&frame).shifta1.found().unwrap();
    for i in 0..40 {
        frame.sci.as_mut_slice()[(13 + 4 * i) * NX + (i * 37) % NX] += 30000.0;
    }
    let found = measured(&frame);
    assert!(found.cosmic_rays >= 35, "{}", found.cosmic_rays);
    assert!((found.shifta1.found().unwrap() - clean).abs() < 0.02);
}

#[test]
fn a_lamp_that_was_off_shows_no_shift() {
    let mut frame = wavecal_frame((0.0, 0.0));
    frame.sci = Image::filled(NY, NX, 0.0);
    let found = measured(&frame);
    let Shift::Undefined(reason) = &found.shifta1 else {
        panic!("{found:?}");
    };
    assert!(reason.contains("was it on"), "{reason}");
    assert_eq!(found.shifta2.found(), None);
    let mut header = Header::new();
    wavecal::record(&mut header, &found).unwrap();
    assert_eq!(
        (header.real("SHIFTA1"), header.real("SHIFTA2")),
        (Some(-9999.0), Some(-9999.0))
    );
}

/// Numbers that follow no pattern, with mean 0 and a standard deviation of about 1.
fn noise(seed: u64) -> impl FnMut() -> f64 {
    let mut state = seed;
    let mut uniform = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / f64::from(1u32 << 31) - 0.5
    };
    move || 2.0 * (uniform() + uniform() + uniform())
}

#[test]
fn noise_and_hot_pixels_are_no_lamp() {
    for seed in 0..40 {
        let mut noise = noise(seed);
        let mut frame = wavecal_frame((0.0, 0.0));
        frame.sci = Image::from_fn(NY, NX, |x, _| (1500.0 + 0.2 * x as f64 + 4.0 * noise()) as f32);
        for i in 0..60 {
            let at = (noise().abs() * 12345.0) as usize % (NX * NY - NX);
            frame.sci.as_mut_slice()[at] += 40.0 * i as f32;
            frame.sci.as_mut_slice()[at + NX] += 20.0 * i as f32;
        }
        let found = measured(&frame);
        for shift in [&found.shifta1, &found.shifta2] {
            let Shift::Undefined(reason) = shift else {
                panic!("{seed}: {found:?}");
            };
            assert!(reason.contains("was it on"), "{seed}: {reason}");
        }
    }
}

#[test]
fn a_faint_lamp_is_one() {
    let mut noise = noise(5);
    let mut frame = wavecal_frame((2.4, 0.6));
    for value in frame.sci.as_mut_slice() {
        // Of 800 a pixel in a line, 4 are left, and as much noise.
        *value = *value / 200.0 + 4.0 * noise() as f32;
    }
    let one = measured(&frame).shifta1.found().unwrap();
    assert!((one - 2.4).abs() < 0.3, "{one}");
}

#[test]
fn flagged_rows_show_no_shift() {
    let mut frame = wavecal_frame((0.0, 0.0));
    frame.dq = Image::filled(NY, NX, 512);
    let found = measured(&frame);
    assert_eq!((found.shifta1.found(), found.shifta2.found()), (None, None));
}

#[test]
fn a_shift_beyond_the_search_is_told() {
    let found = measured(&wavecal_frame((0.0, 16.0)));
    let Shift::Undefined(reason) = &found.shifta2 else {
        panic!("{found:?}");
    };
    assert!(reason.contains("bar 1") && reason.contains("bar 2"), "{reason}");
}

#[test]
fn a_wavecal_of_no_lamp_or_another_grating_is_refused() {
    let (mut primary, sci) = headers();
    primary.set("OPT_ELEM", "G750M", None).unwrap();
    let frame = wavecal_frame((0.0, 0.0));
    let error = wavecal(&frame, &primary, &sci, &files().references).unwrap_err();
    assert!(
        matches!(error, Error::NoRow { .. }) && error.to_string().contains("LAMPTAB"),
        "{error}"
    );
    primary.set("SCLAMP", "NONE", None).unwrap();
    let error = wavecal(&frame, &primary, &sci, &files().references).unwrap_err();
    assert!(matches!(error, Error::NotSupported { .. }), "{error}");
    let small = Frame {
        sci: Image::filled(4, 4, 0.0),
        err: Image::filled(4, 4, 0.0),
        dq: Image::filled(4, 4, 0),
    };
    let (primary, sci) = headers();
    let error = wavecal(&small, &primary, &sci, &files().references).unwrap_err();
    assert!(matches!(error, Error::TooSmall { .. }), "{error}");
}

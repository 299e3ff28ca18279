//! Reduced frames are the sky.

use crate::night::{Cards, Night, bias, dark, flat, samples, sky, without_page, write};
use firstlight::fits::Header;
use firstlight::frame::Image;
use firstlight::reduce::ReduceOptions;

fn is_the_sky(image: &Image<f32>, scale: f64) {
    for y in 0..image.ny() {
        for x in 0..image.nx() {
            let (found, expected) = (f64::from(image[(y, x)]), scale * sky(x, y));
            // Raw samples are whole numbers.
            assert!((found - expected).abs() < 2.0, "{x} {y}: {found} {expected}");
        }
    }
}

#[test]
fn a_night_becomes_masters_frames_and_a_page() {
    let night = Night::usual();
    let report = night.reduce(&ReduceOptions::default()).unwrap();
    assert!(report.failed.is_empty(), "{:?}", report.failed);
    assert_eq!(report.nights, ["2018-03-09"]);
    for name in ["ngc_V_0.fits", "ngc_V_1.fits", "ngc_B_0.fits", "ngc_B_1.fits"] {
        is_the_sky(&night.product(name), 1.0);
    }
    let master = |name: &str| samples(&night.out().join("masters").join(name));
    let of_bias = master("bias_2018-03-09.fits");
    assert_eq!(of_bias[(3, 7)], bias(7) as f32);
    let of_dark = master("dark_2018-03-09_600s_-5.0C.fits");
    assert_eq!(of_dark[(0, 0)], dark(0, 0) as f32);
    let of_flat = master("flat_2018-03-09_B.fits");
    let ratio = f64::from(of_flat[(0, 20)]) / f64::from(of_flat[(0, 10)]);
    assert!((ratio - flat(20, "B") / flat(10, "B")).abs() < 1e-4, "{ratio}");

    let first = &report.reduced[0];
    assert_eq!(first.dark_factor, Some(0.1));
    assert_eq!(
        first.before.first_pixel,
        f64::from(crate::night::raw(&Cards::new(1, "B", 60.0), 0, 0))
    );
    assert!((first.before.average - first.after.average - 112.0).abs() < 40.0);
    let page = std::fs::read_to_string(report.page.unwrap()).unwrap();
    for said in [
        "ngc_V_1.fits",
        "flat_2018-03-09_V.fits",
        "Before and after",
        "data:image/png;base64,",
    ] {
        assert!(page.contains(said), "{said}");
    }
    // Nothing but the products stays.
    let left: Vec<String> = std::fs::read_dir(night.out())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with('.'))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn gain_and_noise_give_electrons_with_an_uncertainty() {
    let night = Night::usual();
    let options = ReduceOptions {
        gain: Some("2".to_owned()),
        readnoise: Some("8".to_owned()),
        ..without_page()
    };
    let report = night.reduce(&options).unwrap();
    assert!(report.failed.is_empty(), "{:?}", report.failed);
    assert_eq!(report.reduced[0].unit, "electron");
    let image = night.product("ngc_V_0.fits");
    assert!((f64::from(image[(20, 20)]) - 2000.0).abs() < 4.0);
    let path = night.out().join("reduced/ngc_V_0.fits");
    let file = firstlight::ccd::CcdFile::open(&path, &Default::default()).unwrap();
    let err = file.read::<f32>().unwrap().err.unwrap()[(20, 20)];
    // Shot noise of sky, bias and dark in electrons, and the noise of the readout; masters add a little.
    let alone = (2.0 * (1000.0 * flat(20, "V") + 112.0) + 64.0).sqrt() / flat(20, "V");
    assert!(
        f64::from(err) > alone && f64::from(err) < 1.2 * alone,
        "{err} {alone}"
    );
}

#[test]
fn darks_of_the_frames_own_time_stand_for_the_bias_as_well() {
    let night = Night::empty();
    for n in 0..2 {
        night.put(&format!("dark60_{n}.fits"), &Cards::new(3, "", 60.0));
        night.put(&format!("dark6_{n}.fits"), &Cards::new(3, "", 6.0));
        night.put(&format!("flat{n}.fits"), &Cards::new(4, "V", 6.0));
    }
    night.put("m1.fits", &Cards::new(1, "V", 60.0));
    night.put("m2.fits", &Cards::new(1, "V", 30.0));
    let report = night.reduce(&without_page()).unwrap();
    is_the_sky(&night.product("m1.fits"), 1.0);
    let why = crate::night::why(&report, "m2.fits");
    assert!(why.contains("own exposure time") && why.contains("30 s"), "{why}");
}

#[test]
fn masters_that_are_there_already() {
    let first = Night::usual();
    first.reduce(&without_page()).unwrap();
    let masters = first.out().join("masters");
    let night = Night::empty();
    night.put("a_V.fits", &Cards::new(1, "V", 30.0).on("2018-04-30T03:00:00"));
    let options = ReduceOptions {
        bias: Some(masters.join("bias_2018-03-09.fits")),
        dark: Some(masters.join("dark_2018-03-09_600s_-5.0C.fits")),
        flat: vec![format!("V={}", masters.join("flat_2018-03-09_V.fits").display())],
        ..without_page()
    };
    let report = night.reduce(&options).unwrap();
    assert!(report.failed.is_empty(), "{:?}", report.failed);
    is_the_sky(&night.product("a_V.fits"), 0.5);
    assert!(
        report
            .masters
            .iter()
            .all(|master| master.given && master.statistics.is_some())
    );
    // A dark that cannot be scaled.
    let bare = first.path("bare.fits");
    write(&bare, &Header::new(), &Image::filled(24, 30, 20u16));
    let poor = ReduceOptions {
        dark: Some(bare),
        ..options
    };
    let error = night.reduce(&poor).unwrap_err().to_string();
    assert!(
        error.contains("bare.fits") && error.contains("exposure time"),
        "{error}"
    );
}

#[test]
fn overscan_and_image_are_found() {
    let night = Night::empty();
    // Levels that drift from row to row, and four columns that tell of it.
    let frame = |name: &str, kind: i64, light: f64, level: f64| {
        let mut header = Header::new();
        header
            .set(
                "IMAGETYP",
                ["", "object", "zero", "dark", "flat"][kind as usize],
                None,
            )
            .unwrap();
        header
            .set("EXPTIME", if kind == 2 { 0.0 } else { 10.0 }, None)
            .unwrap();
        header.set("FILTNAM", "V", None).unwrap();
        header.set("DATASEC", "[1:26,1:24]", None).unwrap();
        let image = Image::from_fn(24, 30, |x, y| {
            let image = if x < 26 { light + (x % 3) as f64 } else { 0.0 };
            (500.0 + level + y as f64 + image) as u16
        });
        write(&night.path(name), &header, &image);
    };
    frame("b1.fits", 2, 0.0, 0.0);
    frame("b2.fits", 2, 0.0, 7.0);
    frame("f1.fits", 4, 1000.0, 3.0);
    frame("s1.fits", 1, 200.0, 11.0);
    let report = night.reduce(&without_page()).unwrap();
    assert!(report.failed.is_empty(), "{:?}", report.failed);
    let image = night.product("s1.fits");
    assert_eq!(image.shape(), (24, 26));
    assert!(
        image
            .as_slice()
            .iter()
            .all(|sample| (sample - 200.0).abs() < 0.01),
        "{image:?}"
    );
    assert!(
        report.notes.iter().any(|note| note.contains("[27:30,1:24]")),
        "{:?}",
        report.notes
    );
}

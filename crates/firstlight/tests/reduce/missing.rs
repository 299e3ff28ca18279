//! What a night lacks is told of, frame by frame, and the rest goes on.

use crate::night::{Cards, Night, names, raw, why, without_page, write};
use firstlight::fits::Header;
use firstlight::frame::Image;
use firstlight::reduce::{MasterKind, ReduceOptions};
use firstlight::{Error, ErrorClass};

#[test]
fn a_filter_without_flat() {
    let night = Night::usual();
    night.put("ngc_R_0.fits", &Cards::new(1, "R", 60.0));
    let report = night.reduce(&without_page()).unwrap();
    assert_eq!(names(&report).len(), 4);
    let text = why(&report, "ngc_R_0.fits");
    for said in ["filter R", "--flat R=FILE", "--without flat"] {
        assert!(text.contains(said), "{text}");
    }
    let again = Night::usual();
    again.put("ngc_R_0.fits", &Cards::new(1, "R", 60.0));
    let stop = ReduceOptions {
        stop: true,
        ..without_page()
    };
    let error = again.reduce(&stop).unwrap_err();
    assert!(error.to_string().contains("ngc_R_0.fits"), "{error}");
    assert!(!again.out().exists());
    let without = ReduceOptions {
        without: vec![MasterKind::Flat],
        ..without_page()
    };
    let report = again.reduce(&without).unwrap();
    assert!(
        report.failed.is_empty() && report.reduced.len() == 5,
        "{:?}",
        report.failed
    );
    assert!(report.reduced.iter().filter(|frame| frame.flat.is_none()).count() == 1);
}

#[test]
fn a_ccd_that_was_too_warm() {
    let night = Night::usual();
    night.put("warm_V.fits", &Cards::new(1, "V", 60.0).at(-3.2));
    night.put("near_V.fits", &Cards::new(1, "V", 60.0).at(-4.6));
    let report = night.reduce(&without_page()).unwrap();
    assert_eq!(report.reduced.len(), 5);
    let text = why(&report, "warm_V.fits");
    for said in ["-3.20 °C", "-5.00 °C", "0.5 °C", "--nearest"] {
        assert!(text.contains(said), "{text}");
    }
    let nearest = ReduceOptions {
        nearest: true,
        ..without_page()
    };
    assert!(night.reduce(&nearest).unwrap().failed.is_empty());
    let tolerant = ReduceOptions {
        temperature_tolerance: 2.0,
        overwrite: true,
        ..without_page()
    };
    assert!(night.reduce(&tolerant).unwrap().failed.is_empty());
}

#[test]
fn the_dark_of_a_frames_own_temperature_is_taken() {
    let night = Night::usual();
    for n in 0..2 {
        night.put(&format!("cold{n}.fits"), &Cards::new(3, "", 300.0).at(-20.0));
    }
    night.put("cold_V.fits", &Cards::new(1, "V", 60.0).at(-20.1));
    let report = night.reduce(&without_page()).unwrap();
    assert!(report.failed.is_empty(), "{:?}", report.failed);
    let of = |name: &str| {
        let frame = report
            .reduced
            .iter()
            .find(|frame| frame.path.ends_with(name))
            .unwrap();
        frame
            .dark
            .as_ref()
            .unwrap()
            .file_name()
            .unwrap()
            .to_string_lossy()
            .into_owned()
    };
    assert_eq!(of("cold_V.fits"), "dark_2018-03-09_300s_-20.0C.fits");
    assert_eq!(of("ngc_V_0.fits"), "dark_2018-03-09_600s_-5.0C.fits");
}

#[test]
fn files_that_cannot_be_used_do_not_stop_the_night() {
    let night = Night::usual();
    let bytes = std::fs::read(night.path("ngc_V_0.fits")).unwrap();
    std::fs::write(night.path("cut_V.fits"), &bytes[..bytes.len() - 2880]).unwrap();
    std::fs::write(night.path("empty.fits"), b"").unwrap();
    std::fs::write(night.path("words.fit"), b"this is no FITS file").unwrap();
    let mut small = Header::new();
    small.set("PICTTYPE", 1, None).unwrap();
    small.set("EXPTIME", 60.0, None).unwrap();
    small.set("FILTER", "V", None).unwrap();
    write(
        &night.path("small_V.fits"),
        &small,
        &Image::filled(12, 15, 500u16),
    );
    night.put("zero_V.fits", &Cards::new(1, "V", 0.0));
    let report = night.reduce(&without_page()).unwrap();
    assert_eq!(report.reduced.len(), 4);
    assert!(why(&report, "cut_V.fits").contains("truncated") || why(&report, "cut_V.fits").contains("bytes"));
    why(&report, "empty.fits");
    why(&report, "words.fit");
    assert!(why(&report, "small_V.fits").contains("15 x 12 pixels"));
    assert!(why(&report, "zero_V.fits").contains("exposure time"));
}

#[test]
fn flats_without_light_are_left_out() {
    let night = Night::usual();
    let mut header = Header::new();
    for (keyword, value) in [("PICTTYPE", 4.0), ("EXPTIME", 6.0)] {
        header.set(keyword, value as i64, None).unwrap();
    }
    header.set("FILTER", "V", None).unwrap();
    header.set("DATE-OBS", "2018-03-09T02:30:00", None).unwrap();
    write(
        &night.path("flat_V8.fits"),
        &header,
        &Image::filled(24, 30, 65535u16),
    );
    let cards = Cards::new(2, "V", 0.0);
    write(
        &night.path("flat_V9.fits"),
        &header,
        &Image::from_fn(24, 30, |x, y| raw(&cards, x, y)),
    );
    let report = night.reduce(&without_page()).unwrap();
    assert!(report.failed.is_empty(), "{:?}", report.failed);
    let flat = report
        .masters
        .iter()
        .find(|master| master.filter.as_deref() == Some("V"))
        .unwrap();
    assert_eq!(flat.frames.len(), 2);
    let told: Vec<&str> = flat.left_out.iter().map(|frame| frame.why.as_str()).collect();
    assert!(
        told[0].contains("65535") && told[1].contains("no light"),
        "{told:?}"
    );

    // Where none is left, frames of the filter are told why.
    for name in ["flat_V0.fits", "flat_V1.fits"] {
        write(&night.path(name), &header, &Image::filled(24, 30, 65535u16));
    }
    let report = night.reduce(&without_page()).unwrap();
    let text = why(&report, "ngc_V_0.fits");
    assert!(text.contains("saturated") && text.contains("filter V"), "{text}");
    assert_eq!(names(&report), ["ngc_B_0.fits", "ngc_B_1.fits"]);
}

#[test]
fn nothing_to_reduce_and_nowhere_to_put_it() {
    let night = Night::empty();
    std::fs::create_dir_all(night.path("")).unwrap();
    assert!(matches!(
        night.reduce(&without_page()),
        Err(Error::NoMatch { .. })
    ));
    night.put("bias1.fits", &Cards::new(2, "", 0.0));
    let report = night.reduce(&without_page()).unwrap();
    assert!(report.reduced.is_empty() && report.notes[0].contains("no frame of the sky"));
    let other = Night::usual();
    std::fs::write(other.out(), b"a file").unwrap();
    let error = other.reduce(&without_page()).unwrap_err();
    assert_eq!(error.class(), ErrorClass::Environment, "{error}");
    let poor = ReduceOptions {
        temperature_tolerance: f64::NAN,
        ..without_page()
    };
    assert!(matches!(other.reduce(&poor), Err(Error::Usage(_))));
}

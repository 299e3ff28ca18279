//! Which frame is of what, and of which night.

use crate::night::{Cards, Night, raw, without_page, write};
use firstlight::fits::Header;
use firstlight::frame::Image;
use firstlight::reduce::{FrameKind, ReduceOptions};

#[test]
fn frames_get_the_masters_of_the_nearest_night() {
    let night = Night::empty();
    for (folder, date) in [("march", "2018-03-09"), ("april", "2018-04-30")] {
        night.put(
            &format!("{folder}/bias.fits"),
            &Cards::new(2, "", 0.0).on(&format!("{date}T22:00:00")),
        );
        night.put(
            &format!("{folder}/flat.fits"),
            &Cards::new(4, "V", 6.0).on(&format!("{date}T23:30:00")),
        );
        let next = date.replace("09", "10").replace("-30", "-31");
        let next = next.replace("04-31", "05-01");
        night.put(
            &format!("{folder}/ngc.fits"),
            &Cards::new(1, "V", 60.0).on(&format!("{next}T03:00:00")),
        );
    }
    night.put(
        "may/ngc.fits",
        &Cards::new(1, "V", 60.0).on("2018-05-20T03:00:00"),
    );
    let report = night.reduce(&without_page()).unwrap();
    assert!(report.failed.is_empty(), "{:?}", report.failed);
    assert_eq!(report.nights, ["2018-03-09", "2018-04-30", "2018-05-20"]);
    let flats: Vec<(String, String)> = report
        .reduced
        .iter()
        .map(|frame| {
            let within = frame.path.strip_prefix(night.out().join("reduced")).unwrap();
            let flat = frame.flat.as_ref().unwrap().file_name().unwrap();
            (
                within.to_string_lossy().into_owned(),
                flat.to_string_lossy().into_owned(),
            )
        })
        .collect();
    let expected = [
        ("april/ngc.fits", "flat_2018-04-30_V.fits"),
        ("march/ngc.fits", "flat_2018-03-09_V.fits"),
        ("may/ngc.fits", "flat_2018-04-30_V.fits"),
    ];
    assert_eq!(flats, expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
    let together = ReduceOptions {
        one_set: true,
        ..without_page()
    };
    let report = night.reduce(&together).unwrap();
    let bias = &report.masters[0];
    assert_eq!((bias.frames.len(), bias.path.ends_with("bias.fits")), (2, true));
}

#[test]
fn patterns_win_over_headers_and_names_stand_for_missing_ones() {
    let night = Night::empty();
    let bare = |name: &str, cards: &Cards| {
        let mut header = Header::new();
        header.set("EXPTIME", cards.exptime, None).unwrap();
        write(
            &night.path(name),
            &header,
            &Image::from_fn(24, 30, |x, y| raw(cards, x, y)),
        );
    };
    bare("Bias-01.fit", &Cards::new(2, "", 0.0));
    bare("flats/a.fit", &Cards::new(4, "V", 6.0));
    bare("sky_01.fit", &Cards::new(4, "V", 6.0));
    bare("focus.fit", &Cards::new(1, "V", 1.0));
    bare("m13.fit", &Cards::new(1, "V", 60.0));
    let options = ReduceOptions {
        flat_files: vec!["sky_*".to_owned()],
        ignore_files: vec!["focus*".to_owned()],
        ..without_page()
    };
    let report = night.reduce(&options).unwrap();
    assert!(report.failed.is_empty(), "{:?}", report.failed);
    let kind = |name: &str| {
        report
            .frames
            .iter()
            .find(|frame| frame.path.ends_with(name))
            .map(|frame| frame.kind)
    };
    assert_eq!(kind("Bias-01.fit"), Some(FrameKind::Bias));
    assert_eq!(kind("flats/a.fit"), Some(FrameKind::Flat));
    assert_eq!(kind("sky_01.fit"), Some(FrameKind::Flat));
    assert_eq!(kind("focus.fit"), None);
    assert_eq!(kind("m13.fit"), Some(FrameKind::Science));
    assert!(report.notes.iter().any(|note| note.contains("no darks")));
    assert!((f64::from(night.product("m13.fit")[(20, 20)]) - 1002.0).abs() < 4.0);
    let poor = ReduceOptions {
        flat_files: vec!["[".to_owned()],
        ..without_page()
    };
    assert!(night.reduce(&poor).unwrap_err().to_string().contains('['));
}

#[test]
fn the_products_own_folder_is_not_searched() {
    let night = Night::usual();
    let inside = ReduceOptions::default();
    let out = night.path("reduction");
    let first =
        firstlight::reduce::reduce(&night.input(), &out, &inside, &firstlight::progress::Silent).unwrap();
    let second =
        firstlight::reduce::reduce(&night.input(), &out, &inside, &firstlight::progress::Silent).unwrap();
    assert_eq!(first.frames.len(), second.frames.len());
    assert!(second.reduced.iter().all(|frame| frame.up_to_date));
}

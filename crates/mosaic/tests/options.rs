//! Options: defaults, spellings, contradictions.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use firstlight_mosaic::{Bytes, DrizzleOptions, Error, WeightScale};

fn parse(json: &str) -> Result<DrizzleOptions, serde_json::Error> {
    serde_json::from_str(json)
}

#[test]
fn defaults_are_those_of_astrodrizzle() {
    let options = parse("{}").unwrap();
    assert_eq!(options, DrizzleOptions::default());
    assert!(options.context && !options.build && !options.custom_wcs());
    assert!(options.check().is_ok());
    assert!(options.static_mask.static_step && options.sky.skysub && options.separate.driz_separate);
    assert!(options.median && options.blot && options.driz_cr && options.driz_combine && !options.write_dq);
    let back = parse(&serde_json::to_string(&options).unwrap()).unwrap();
    assert_eq!(back, options);
}

#[test]
fn numbers_and_words_are_both_read() {
    let options =
        parse(r#"{"final_bits": 336, "final_wt_scl": 2, "resetbits": "None", "max_memory": "2G"}"#).unwrap();
    assert_eq!(options.final_bits.as_str(), "336");
    assert_eq!(options.final_wt_scl, WeightScale::Value(2.0));
    assert_eq!(options.max_memory, Some(Bytes(2 << 30)));
    assert_eq!(
        parse(r#"{"final_bits": null}"#).unwrap().final_bits.as_str(),
        "None"
    );
    assert_eq!(
        parse(r#"{"final_wht_type": "IVM", "final_kernel": "lanczos3"}"#)
            .unwrap()
            .final_wht_type
            .to_string(),
        "IVM"
    );
    assert!(parse(r#"{"final_kernel": "tophat"}"#).is_err());
    assert!(parse(r#"{"final_pixfrak": 1}"#).is_err());
}

#[test]
fn amounts_of_memory() {
    for (text, expected) in [
        ("800M", 800 << 20),
        ("1.5 GiB", 3 << 29),
        ("12", 12),
        ("2kb", 2048),
        ("1T", 1 << 40),
    ] {
        assert_eq!(text.parse::<Bytes>().unwrap(), Bytes(expected), "{text}");
    }
    for text in ["", "G", "12X", "-1G", "1..2G"] {
        assert!(text.parse::<Bytes>().is_err(), "{text}");
    }
    assert_eq!(Bytes(3 << 29).to_string(), "1.5 GiB");
}

#[test]
fn any_grid_parameter_asks_for_the_grid() {
    assert!(parse(r#"{"final_scale": 0.03}"#).unwrap().custom_wcs());
    assert!(parse(r#"{"final_wcs": true}"#).unwrap().custom_wcs());
    let contradiction = parse(r#"{"final_wcs": false, "final_rot": 0}"#).unwrap();
    assert!(matches!(
        contradiction.check(),
        Err(Error::BadOption {
            option: "final_wcs",
            ..
        })
    ));
}

#[test]
fn what_cannot_be_is_refused() {
    let bad = [
        (r#"{"final_pixfrac": 0}"#, "final_pixfrac"),
        (r#"{"driz_sep_pixfrac": 2}"#, "driz_sep_pixfrac"),
        (r#"{"driz_sep_bits": "7,8"}"#, "driz_sep_bits"),
        (r#"{"static_sig": -1}"#, "static_sig"),
        (r#"{"skywidth": 0}"#, "skywidth"),
        (r#"{"gain": "two"}"#, "gain"),
        (r#"{"gain": "2", "gnkeyword": "ATODGNA"}"#, "gain"),
        (r#"{"driz_cr_snr": "-3 2"}"#, "driz_cr_snr"),
        (r#"{"final_pixfrac": 1.5}"#, "final_pixfrac"),
        (r#"{"final_scale": 0}"#, "final_scale"),
        (r#"{"final_wt_scl": -1}"#, "final_wt_scl"),
        (r#"{"final_ra": 1}"#, "final_ra"),
        (r#"{"final_outny": 10}"#, "final_outny"),
        (r#"{"final_crpix1": 10}"#, "final_crpix1"),
        (r#"{"final_bits": "7,8"}"#, "final_bits"),
        (r#"{"resetbits": "many"}"#, "resetbits"),
    ];
    for (json, expected) in bad {
        let option = match parse(json).unwrap().check() {
            Err(Error::BadOption { option, .. }) => option,
            Err(Error::MissingOption { given, .. }) => given,
            other => panic!("{json}: {other:?}"),
        };
        assert_eq!(option, expected);
    }
}

//! Cards and headers: what is read, what is kept, what is written.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use firstlight_fits::{Card, Error, Header, Value};

fn header(cards: &[&str]) -> Header {
    let mut bytes: Vec<u8> = cards
        .iter()
        .flat_map(|card| format!("{card:<80}").into_bytes())
        .collect();
    bytes.extend(format!("{:<80}", "END").into_bytes());
    Header::parse(&bytes).unwrap()
}

#[test]
fn every_kind_of_value_is_read() {
    let header = header(&[
        "TEXT    = 'it''s   '           / a comment / with a slash",
        "INTEGER =                   42",
        "BIG     = 123456789012345678901234567890",
        "REAL    =  1.5D-3 / Fortran's exponent",
        "BOOL    =                    T",
        "NOTHING =",
        "PAIR    = (1.0, -2.5)",
        "EMPTY   = ''",
        "WEIRD   = 12abc",
        "HIERARCH ESO DET ID = 'CCD 1'",
        "COMMENT = not a value",
    ]);
    assert_eq!(header.text("text").as_deref(), Some("it's"));
    assert_eq!(
        header.card("TEXT").unwrap().comment().as_deref(),
        Some("a comment / with a slash")
    );
    assert_eq!(header.integer("INTEGER"), Some(42));
    assert_eq!(
        header.get("BIG"),
        Some(Value::Real(123456789012345678901234567890.0))
    );
    assert_eq!(header.real("REAL"), Some(1.5e-3));
    assert_eq!(header.logical("BOOL"), Some(true));
    assert_eq!(header.get("NOTHING"), Some(Value::Undefined));
    assert_eq!(header.get("PAIR"), Some(Value::Complex(1.0, -2.5)));
    assert_eq!(header.text("EMPTY").as_deref(), Some(""));
    assert_eq!(header.text("ESO DET ID").as_deref(), Some("CCD 1"));
    assert_eq!(header.text("HIERARCH ESO DET ID").as_deref(), Some("CCD 1"));
    assert_eq!(header.commentary("COMMENT"), ["= not a value"]);
    let error = header.require_real("WEIRD").unwrap_err();
    assert!(matches!(error, Error::BadCard { index: Some(8), .. }), "{error}");
}

#[test]
fn long_strings_go_on_in_continue_records() {
    let text = "It's a long story ".repeat(12);
    let card = Card::new("STORY", text.as_str(), Some("the end")).unwrap();
    assert_eq!(card.raw().len() % 80, 0);
    assert!(card.raw().len() > 160);
    let mut bytes = card.raw().to_vec();
    bytes.extend(format!("{:<80}", "END").into_bytes());
    let header = Header::parse(&bytes).unwrap();
    assert_eq!(header.cards().len(), 1);
    assert_eq!(header.text("STORY").as_deref(), Some(text.trim_end()));
    assert_eq!(
        header.card("STORY").unwrap().comment().as_deref(),
        Some("the end")
    );
    assert_eq!(header.to_bytes()[..card.raw().len()], *card.raw());
}

#[test]
fn a_continue_record_without_an_ampersand_before_it_is_a_card_of_its_own() {
    let header = header(&["A       = 'one'", "CONTINUE  'two'"]);
    assert_eq!(header.cards().len(), 2);
    assert_eq!(header.text("A").as_deref(), Some("one"));
}

#[test]
fn setting_one_card_keeps_all_others_verbatim() {
    let cards = [
        "A       =   1.000 / odd   spacing",
        "B       = 'x'",
        "C       =                    F",
        "junk without value",
    ];
    let mut header = header(&cards);
    let before = header.to_bytes();
    header.set("b", "other", Some("why")).unwrap();
    let after = header.to_bytes();
    assert_eq!(before.len(), after.len());
    for record in [0, 2, 3] {
        assert_eq!(before[record * 80..][..80], after[record * 80..][..80]);
    }
    assert!(after[80..160].starts_with(b"B       = 'other   '           / why"));
}

#[test]
fn record_valued_keywords_are_read_and_set_by_field() {
    let mut header = header(&[
        "DP1     = 'EXTVER: 1.0'        / Version number",
        "DP1     = 'AXIS.1: 2'",
        "DP2     = 'EXTVER: 2.0'",
    ]);
    assert_eq!(
        header.record_values("DP1"),
        [("EXTVER".to_owned(), 1.0), ("AXIS.1".to_owned(), 2.0)]
    );
    assert_eq!(header.record("DP1", "AXIS.1"), Some(2.0));
    assert_eq!(header.real("DP1.AXIS.1"), Some(2.0));
    assert_eq!(header.require_real("DP2.EXTVER").unwrap(), 2.0);
    header.set("DP1.EXTVER", 3, None).unwrap();
    header.set_record("DP1", "NAXES", 2.0, None).unwrap();
    assert_eq!(header.cards()[0].comment().as_deref(), Some("Version number"));
    assert_eq!(header.text("DP1").as_deref(), Some("EXTVER: 3.0"));
    assert_eq!(
        header.cards()[2].value().unwrap(),
        Some(Value::Text("NAXES: 2.0".to_owned()))
    );
    assert_eq!(header.real("DP1.NONE"), None);
}

#[test]
fn numbers_are_written_as_astropy_writes_them() {
    let written = |value: f64| {
        let card = Card::new("X", value, None).unwrap();
        String::from_utf8_lossy(&card.raw()[10..30]).trim().to_owned()
    };
    assert_eq!(written(1.0), "1.0");
    assert_eq!(written(0.1 + 0.2), "0.30000000000000004");
    assert_eq!(written(1e-5), "1E-05");
    assert_eq!(written(-1.5e300), "-1.5E+300");
    assert_eq!(written(-1.2345678901234567e-100), "-1.234567890123E-100");
    assert_eq!(written(1e16), "1E+16");
    assert_eq!(written(2f64.powi(63)), "9223372036854775808.");
    assert_eq!(written(123456789.25), "123456789.25");
    assert_eq!(Value::from(0.1f32), Value::Real(0.1));
    assert!(matches!(
        Card::new("X", f64::NAN, None),
        Err(Error::Unwritable { .. })
    ));
    assert!(matches!(
        Card::new("X", "Ångström", None),
        Err(Error::Unwritable { .. })
    ));
    assert!(matches!(
        Card::new("COMMENT", 1, None),
        Err(Error::Unwritable { .. })
    ));
}

#[test]
fn commentary_is_cut_into_records_and_stays_together() {
    let mut header = header(&["HISTORY one", "A       = 1"]);
    header.push_commentary("HISTORY", &"x".repeat(100)).unwrap();
    assert_eq!(
        header.commentary("HISTORY"),
        ["one".to_owned(), "x".repeat(72), "x".repeat(28)]
    );
    assert_eq!(header.position("A"), Some(3));
    header.push_commentary("", "").unwrap();
    assert_eq!(header.commentary(""), [""]);
}

#[test]
fn bytes_that_are_not_ascii_are_kept() {
    let mut raw = format!("{:<80}", "A       = 'caf?'").into_bytes();
    raw[14] = 0xe9;
    raw.extend(format!("{:<80}", "END").into_bytes());
    let header = Header::parse(&raw).unwrap();
    assert_eq!(header.to_bytes()[..80], raw[..80]);
    assert!(header.text("A").unwrap().starts_with("caf"));
}

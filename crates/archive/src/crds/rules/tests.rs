#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use sha1::{Digest, Sha1};

/// A mapping with the checksum that its text has.
fn sealed(body: &str) -> String {
    let sum: String = Sha1::digest(body.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    body.replacen(
        "header = {\n",
        &format!("header = {{\n    'sha1sum' : '{sum}',\n"),
        1,
    )
}

fn rmap(header: &str, selector: &str) -> String {
    sealed(&format!(
        "header = {{\n    'mapping' : 'REFERENCE', 'instrument' : 'ACS', 'filekind' : 'DARKFILE',\n    {header}\n}}\n\n\
         comment = \"\"\"\nby hand # not a comment of Python's\n\"\"\"\n\nselector = {selector}\n"
    ))
}

fn load(header: &str, selector: &str) -> Result<Rules> {
    let text = rmap(header, selector);
    Rules::load("hst_acs_darkfile.rmap", &|_| Ok(text.clone()))
}

fn ask(rules: &Rules, pairs: &[(&str, &str)]) -> Option<Outcome> {
    let header = DatasetHeader::from_pairs(pairs.iter().copied());
    rules
        .best_references(&header, None)
        .unwrap()
        .pop()
        .map(|(_, outcome)| outcome)
}

const PARKEY: &str = "'parkey' : (('DETECTOR', 'GAIN'), ('DATE-OBS', 'TIME-OBS')),";

const TWO: &str = r#"Match({
    ('WFC', 2.0) : UseAfter({ # of adjacent strings one is made
        '2002-03-01 ' "00:00:00" : 'a' 'drk.fits',
        '2009-05-14 00:00:00' : "b.fits",
    }),
    ('HRC|WFC', '*') : UseAfter({
        '2001-01-01 00:00:00' : 'c.fits',
        '2009-05-14 00:00:00' : 'd.fits',
    }),
    ('WFC', 'N/A') : UseAfter({'1990-01-01 00:00:00' : 'e.fits'}),
    ('SBC', 'N/A') : 'N/A',
})"#;

fn file(name: &str) -> Option<Outcome> {
    Some(Outcome::File(name.to_owned()))
}

#[test]
fn equal_weights_merge_and_lower_ones_follow() {
    let rules = load(PARKEY, TWO).unwrap();
    let at = |detector, gain, date| {
        ask(
            &rules,
            &[
                ("DETECTOR", detector),
                ("GAIN", gain),
                ("DATE-OBS", date),
                ("TIME-OBS", "0:0:0"),
            ],
        )
    };
    // Both rules match equally well: the latest date of both counts, and of one date the name that sorts last.
    assert_eq!(at("wfc", "2", "2003-01-01"), file("adrk.fits"));
    assert_eq!(at("WFC", "2.", "2002-02-01"), file("c.fits"));
    assert_eq!(at("WFC", "2", "2010-01-01"), file("d.fits"));
    assert_eq!(at("WFC", "1", "2010-01-01"), file("d.fits"));
    // Too early for all that match best.
    assert_eq!(at("WFC", "2", "1999-01-01"), file("e.fits"));
    assert_eq!(
        at("WFC", "2", "1989-01-01"),
        Some(Outcome::NotFound(Reason::NoMatch))
    );
    assert_eq!(at("SBC", "2", "2010-01-01"), Some(Outcome::NotApplicable));
    assert!(matches!(
        at("FGS", "2", "2010-01-01"),
        Some(Outcome::NotFound(Reason::Value { .. }))
    ));
    assert!(matches!(
        at("WFC", "2", "someday"),
        Some(Outcome::NotFound(Reason::Date { .. }))
    ));
    assert_eq!(
        rules.references(),
        ["adrk.fits", "b.fits", "c.fits", "d.fits", "e.fits"]
    );
    assert_eq!(
        rules.keywords("acs"),
        ["DETECTOR", "GAIN", "DATE-OBS", "TIME-OBS"]
    );
}

#[test]
fn rules_that_may_not_merge_are_ambiguous() {
    let rules = load(&format!("{PARKEY} 'merge_overlaps' : 'false',"), TWO).unwrap();
    let header = [
        ("DETECTOR", "WFC"),
        ("GAIN", "2"),
        ("DATE-OBS", "2010-01-01"),
        ("TIME-OBS", "00:00:00"),
    ];
    assert_eq!(ask(&rules, &header), Some(Outcome::NotFound(Reason::Ambiguous)));
}

#[test]
fn conditions_on_types_and_keywords() {
    let header = format!(
        "{PARKEY} 'rmap_relevance' : '(DETECTOR != \"SBC\")', 'rmap_omit' : '(DETECTOR == \"FGS\")',
         'parkey_relevance' : {{'gain' : '(DETECTOR == \"HRC\")'}}, 'reffile_required' : 'NO',"
    );
    let rules = load(
        &header,
        "Match({('WFC', 'N/A') : UseAfter({'1990-01-01 00:00:00' : 'w.fits'}),
        ('HRC', '1') : UseAfter({'1990-01-01 00:00:00' : 'h.fits'})})",
    )
    .unwrap();
    let at = |detector, gain| {
        ask(
            &rules,
            &[
                ("DETECTOR", detector),
                ("GAIN", gain),
                ("DATE-OBS", "2010-01-01"),
                ("TIME-OBS", "0:0"),
            ],
        )
    };
    assert_eq!(at("FGS", "1"), None);
    assert_eq!(at("SBC", "1"), Some(Outcome::NotApplicable));
    assert_eq!(at("WFC", "7"), file("w.fits"));
    assert_eq!(at("HRC", "1"), file("h.fits"));
    // Not found, but not required either.
    assert_eq!(at("HRC", "3"), Some(Outcome::NotApplicable));
}

#[test]
fn substitutions_stand_for_other_values() {
    let header = "'parkey' : (('SUBARRAY',),), 'substitutions' : {'SUBARRAY' : {'ANYTHING' : ('A', 'B')}},";
    let rules = load(header, "Match({('ANYTHING',) : 'ab.fits', 'C' : 'c.fits'})").unwrap();
    assert_eq!(ask(&rules, &[("SUBARRAY", "b")]), file("ab.fits"));
    assert_eq!(ask(&rules, &[("SUBARRAY", "c")]), file("c.fits"));
    assert!(matches!(
        ask(&rules, &[]),
        Some(Outcome::NotFound(Reason::Value { .. }))
    ));
}

#[test]
fn other_selectors() {
    let by = |parkey: &str, selector: &str| load(&format!("'parkey' : (('{parkey}',),),"), selector).unwrap();
    let nearest = by("WAVE", "GeometricallyNearest({1.2 : 'a', 1.5 : 'b', 5.0 : 'c'})");
    for (value, name) in [("1.3", "a"), ("1.4", "b"), ("9", "c")] {
        assert_eq!(ask(&nearest, &[("WAVE", value)]), file(name));
    }
    let bracket = by("WAVE", "Bracket({1.2 : 'a', 1.5 : 'b', 5.0 : 'c'})");
    for (value, names) in [
        ("1", ["a", "a"]),
        ("1.3", ["a", "b"]),
        ("1.5", ["b", "b"]),
        ("7", ["c", "c"]),
    ] {
        assert_eq!(
            ask(&bracket, &[("WAVE", value)]),
            Some(Outcome::Files(names.map(str::to_owned).into()))
        );
    }
    let version = by(
        "SW",
        "SelectVersion({'<3.1' : 'a', '<5' : 'b', 'default' : 'c', '== 4' : 'd'})",
    );
    for (value, name) in [
        ("3", "a"),
        ("3.1", "d"),
        ("4", "d"),
        ("4.5", "b"),
        ("5", "c"),
        ("60", "c"),
    ] {
        assert_eq!(ask(&version, &[("SW", value)]), file(name), "{value}");
    }
    let closest = by(
        "T",
        "ClosestTime({'2017-04-24 00:00:00' : 'a', '2018-02-01 00:00:00' : 'b'})",
    );
    for (value, name) in [("2000-01-01", "a"), ("2017-09-01", "a"), ("2017-12-01", "b")] {
        assert_eq!(ask(&closest, &[("T", value)]), file(name));
    }
    for rules in [&nearest, &bracket, &version, &closest] {
        assert!(matches!(ask(rules, &[]), Some(Outcome::NotFound(_))));
    }
}

#[test]
fn wrong_text_is_told_with_its_place() {
    let at = |text: &str| match Rules::load("x.rmap", &|_| Ok(text.to_owned())) {
        Err(Error::RulesSyntax { line, column, .. }) => Some((line, column)),
        other => panic!("{other:?}"),
    };
    assert_eq!(at("header = {\n  'a' : 'b\n}"), Some((2, 9)));
    assert_eq!(at("header = {\n  'ä' : $\n}"), Some((2, 9)));
    assert_eq!(at("import os"), Some((1, 1)));
    assert_eq!(at("header = {'a' : open('x')}\nselector = 1 2"), Some((2, 14)));
    assert_eq!(at("header = {'a' 'b'}"), Some((1, 18)));
    at(&"header = (".repeat(50_000));
    at(&format!("header = {}", "[".repeat(500_000)));
    at(&format!("selector = {}", "Match({1:".repeat(100_000)));
}

#[test]
fn rules_without_meaning_are_refused() {
    let twice = "Match({('WFC', 2) : 'a', ('WFC', '2.0') : 'b'})";
    let short = "Match({('WFC',) : 'a'})";
    let deep = "Match({('W', '1') : UseAfter({'2000-01-01 00:00:00' : UseAfter({})})})";
    for selector in [
        twice,
        short,
        deep,
        "Fancy({})",
        "{}",
        "Match('x')",
        "Match({('WFC', '>X') : 'a'})",
    ] {
        assert!(load(PARKEY, selector).is_err(), "{selector}");
    }
    assert!(matches!(load("", TWO), Err(Error::RulesContent { .. })));
    let relevance = format!("{PARKEY} 'rmap_relevance' : '(__import__(\"os\"))',");
    assert!(matches!(load(&relevance, TWO), Err(Error::RulesContent { .. })));
}

#[test]
fn a_wrong_checksum_is_told() {
    let text = rmap(PARKEY, TWO).replace("a' 'drk.fits", "x' 'drk.fits");
    let error = Rules::load("x.rmap", &|_| Ok(text.clone())).unwrap_err();
    assert!(matches!(&error, Error::RulesChecksum { .. }), "{error}");
    let error = Rules::load("x.rmap", &|_| Ok("header = {}\nselector = {}".to_owned())).unwrap_err();
    assert!(error.to_string().contains("states the checksum none"), "{error}");
    // Ends of lines do not count.
    let text = rmap(PARKEY, TWO).replace('\n', "\r\n");
    assert!(Rules::load("x.rmap", &|_| Ok(text.clone())).is_ok());
}

#[test]
fn instruments_are_loaded_when_they_are_asked_for() {
    let pmap = sealed(
        "header = {\n'mapping' : 'PIPELINE', 'parkey' : ('INSTRUME',),\n}\nselector = {'ACS' : 'acs.imap', 'COS' : 'none.imap', 'SYNPHOT' : 'N/A'}",
    );
    let imap = sealed(
        "header = {\n'mapping' : 'INSTRUMENT', 'instrument' : 'ACS', 'parkey' : ('REFTYPE',),\n}\nselector = {'darkfile' : 'd.rmap', 'biasfile' : 'n/a', 'ccdtab' : 'omit'}",
    );
    let dark = rmap(PARKEY, TWO);
    let read = |name: &str| match name {
        "hst.pmap" => Ok(pmap.clone()),
        "acs.imap" => Ok(imap.clone()),
        "d.rmap" => Ok(dark.clone()),
        _ => Err(Error::RulesContent {
            mapping: name.to_owned(),
            reason: "is not there".to_owned(),
        }),
    };
    assert!(Rules::load("hst.pmap", &read).is_err());
    let rules = Rules::load_for("hst.pmap", Some(&["ACS".to_owned()]), &read).unwrap();
    assert_eq!(rules.mappings(), ["hst.pmap", "acs.imap", "d.rmap"]);
    assert_eq!(rules.types("ACS"), ["biasfile", "ccdtab", "darkfile"]);
    let header = DatasetHeader::from_pairs([
        ("instrume", "acs"),
        ("DETECTOR", "SBC"),
        ("DATE-OBS", "2010-01-01"),
        ("TIME-OBS", "00:00:00"),
    ]);
    let found = rules
        .best_references(&header, Some(&["DARKFILE", "ccdtab", "biasfile", "xfile"]))
        .unwrap();
    let kinds: Vec<&str> = found.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(kinds, ["darkfile", "biasfile", "xfile"]);
    assert!(matches!(
        found[2].1,
        Outcome::NotFound(Reason::UnknownType { .. })
    ));
    let other = DatasetHeader::from_pairs([("INSTRUME", "FOC")]);
    assert!(matches!(
        rules.best_references(&other, None),
        Err(Error::UnknownInstrument { .. })
    ));
    let none = DatasetHeader::from_pairs([("INSTRUME", " ")]);
    assert!(matches!(
        rules.best_references(&none, None),
        Err(Error::NoInstrument { .. })
    ));
}

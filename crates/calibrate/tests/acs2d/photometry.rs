//! PHOTCORR, with the archive's own tables where they are at hand.

use super::world::{World, ccd, chip, frame};
use firstlight_calibrate::acs::tables::imphttab::{OUTSIDE, photometry};
use firstlight_calibrate::acs::{Outcome, Reference};
use firstlight_frame::fits::{Column, Table, Value};
use std::path::PathBuf;

/// One row with the day for a parameter, one without.
fn table(name: &str, values: [f64; 3], constant: f64) -> Table {
    let mut table = Table::new();
    let mut push = |column: Column| table.push(column).unwrap();
    push(Column::text("OBSMODE", ["acs,wfc1,f606w,mjd#", "acs,hrc,f606w"]));
    push(Column::text("DATACOL", [format!("{name}1"), name.to_owned()]));
    push(Column::f64(name, vec![0.0, constant]));
    let array = |name: String, values: [f64; 3]| {
        let cells = [values, [0.0; 3]].concat();
        Column::array(name, vec![3], firstlight_frame::ColumnData::F64(cells)).unwrap()
    };
    push(array(format!("{name}1"), values));
    push(Column::i16("NELEM1", vec![3, 0]));
    push(Column::text("PAR1NAMES", ["MJD#", ""]));
    push(array("PAR1VALUES".to_owned(), [52000.0, 53000.0, 55000.0]));
    push(Column::text("PEDIGREE", ["INFLIGHT", "DUMMY"]));
    push(Column::text("DESCRIP", ["", ""]));
    table
}

fn world(extrap: bool) -> World {
    let mut world = World::new();
    world.ccdtab("ABCD", &[1]);
    let tables = [
        ("PHOTFLAM", table("PHOTFLAM", [4e-20, 6e-20, 8e-20], 1e-19)),
        ("PHOTPLAM", table("PHOTPLAM", [5900.0, 5900.0, 5902.0], 5888.0)),
        ("PHOTBW", table("PHOTBW", [600.0, 700.0, 700.0], 664.0)),
    ];
    let cards = [
        ("PHOTZPT", Value::from(-21.1)),
        ("PARNUM", Value::from(1)),
        ("EXTRAP", Value::from(extrap)),
    ];
    world.tables("IMPHTTAB", &tables, &cards);
    world
}

fn observed(mjd: f64) -> firstlight_calibrate::acs::Observation {
    let one = chip(1, 1, (0.0, 0.0), frame((3, 4), |_, _| 100.0, 10.0, |_, _| 0));
    let mut observation = ccd("WFC", "ABCD", vec![one], &["PHOTCORR"]);
    observation.primary.set("EXPSTART", mjd, None).unwrap();
    observation
}

#[test]
fn keywords_are_linear_in_the_day() {
    let mut observation = observed(54000.0);
    world(false).run(&mut observation).unwrap();
    let real = |keyword| observation.chips[0].sci.real(keyword).unwrap();
    assert!((real("PHOTFLAM") / 7e-20 - 1.0).abs() < 1e-7);
    assert_eq!(
        (real("PHOTPLAM"), real("PHOTBW"), real("PHOTZPT")),
        (5901.0, 700.0, -21.1)
    );
    assert_eq!(observation.primary.text("PHOTCORR").unwrap(), "COMPLETE");
}

#[test]
fn beyond_the_last_day_the_line_goes_on_where_the_table_allows_it() {
    let mut observation = observed(56000.0);
    world(true).run(&mut observation).unwrap();
    assert!((observation.chips[0].sci.real("PHOTFLAM").unwrap() / 9e-20 - 1.0).abs() < 1e-7);

    let mut observation = observed(56000.0);
    let report = world(false).run(&mut observation).unwrap();
    assert_eq!(observation.chips[0].sci.real("PHOTFLAM"), Some(OUTSIDE));
    assert_eq!(report.steps, [("PHOTCORR".to_owned(), Outcome::NotPerformed)]);
    assert_eq!(observation.primary.text("PHOTCORR").unwrap(), "SKIPPED");
    assert!(report.warnings[0].contains("mjd# 56000"), "{:?}", report.warnings);
}

#[test]
fn a_row_without_the_day_serves_where_there_is_no_other_and_an_unknown_mode_names_the_nearest() {
    let world = world(false);
    let imphttab = world.references.get("IMPHTTAB").unwrap();
    let found = photometry(imphttab, "ACS HRC F606W MJD#53000").unwrap();
    assert_eq!(
        (found.photflam, found.photplam, found.dummy_row),
        (1e-19, 5888.0, true)
    );
    let words = photometry(imphttab, "ACS WFC1 F814W MJD#53000")
        .unwrap_err()
        .to_string();
    assert!(
        words.contains("f814w") && words.contains("acs,f606w,mjd#,wfc1"),
        "{words}"
    );
}

#[test]
fn photmode_is_written_whether_or_not_photcorr_is_done() {
    let mut observation = observed(53000.0);
    observation.primary.set("PHOTCORR", "OMIT", None).unwrap();
    observation.primary.set("DARKCORR", "PERFORM", None).unwrap();
    observation.primary.set("FILTER1", "POL0UV", None).unwrap();
    observation.primary.set("FILTER2", "FR656N", None).unwrap();
    observation.primary.set("LRFWAVE", 6560.0, None).unwrap();
    observation.primary.set("OBSTYPE", "CORONAGRAPHIC", None).unwrap();
    let mut world = world(false);
    let dark = super::world::Plane::of(1, frame((3, 4), |_, _| 0.0, 0.0, |_, _| 0));
    world.image("DARKFILE", &[dark], &[]);
    world.run(&mut observation).unwrap();
    assert_eq!(
        observation.chips[0].sci.text("PHOTMODE").unwrap(),
        "ACS WFC1 CORON POL_UV FR656N#6560 MJD#53000.0000"
    );
}

/// What the official program wrote for modes of a table of the archive.
#[test]
fn modes_of_a_real_table_have_the_official_values() {
    let Some(data) = std::env::var_os("FIRSTLIGHT_DATA").map(PathBuf::from) else {
        eprintln!("SKIPPED: FIRSTLIGHT_DATA is not set: the archive's IMPHTTAB is not read");
        return;
    };
    let path = data.join("hst/reffiles/imphttab/w3m17171j_extrap_imp.fits");
    let imphttab = Reference::open("IMPHTTAB", "jref$w3m17171j_imp.fits", &path).unwrap();
    for (photmode, photflam, photplam, photbw) in [
        (
            "ACS WFC1 F502N FR782N#7500 MJD#53807.1375",
            3.4667093e-12,
            5555.9722,
            833.39954,
        ),
        (
            "ACS WFC1 F550M FR551N#5400 MJD#53807.1375",
            3.3818624e-18,
            5401.9058,
            31.816053,
        ),
        (
            "ACS WFC1 POL_UV MJD#53807.1375",
            7.8416347e-20,
            6633.0933,
            1714.7448,
        ),
        (
            "ACS WFC1 F606W POL_V MJD#53807.1375",
            3.0521788e-19,
            5934.9258,
            685.57983,
        ),
        (
            "ACS WFC1 F658N MJD#53807.1375",
            1.9726258e-18,
            6583.9531,
            36.998234,
        ),
        (
            "ACS WFC1 FR1016N#1.012e+04 MJD#53807.1375",
            5.3339757e-18,
            10108.867,
            149.90401,
        ),
    ] {
        let found = photometry(&imphttab, photmode).unwrap();
        let found = (found.photflam as f32, found.photplam as f32, found.photbw as f32);
        let expected: (f64, f64, f64) = (photflam, photplam, photbw);
        let expected = (expected.0 as f32, expected.1 as f32, expected.2 as f32);
        assert_eq!(found, expected, "{photmode}");
    }
    let outside = photometry(&imphttab, "ACS WFC1 F502N FR782N#9500 MJD#53807.1375").unwrap();
    assert_eq!(outside.photflam, OUTSIDE);
    assert!(outside.outside.unwrap().contains("fr782n#"));
}

//! PHOTCORR.

use super::world::{World, image, table};
use firstlight_calibrate::acs::tables::imphttab::OUTSIDE;
use firstlight_calibrate::record::Outcome;
use firstlight_calibrate::stis::basic2d::{Basic2dReport, HousingTemperatures, basic2d};
use firstlight_calibrate::{Error, Observation};
use firstlight_frame::fits::{Column, ColumnData, Table, Value};

/// Of 50CCD with the day as a parameter, of F28X50LP without.
fn of_keyword(name: &str, nodes: [f64; 2], constant: f64) -> Table {
    let array = |name: String, values: [f64; 2]| {
        let cells = [values, [0.0; 2]].concat();
        Column::array(name, vec![2], ColumnData::F64(cells)).unwrap()
    };
    table(vec![
        Column::text(
            "OBSMODE",
            ["stis,50ccd,mirror,ccd,mjd#", "stis,f28x50lp,mirror,ccd"],
        ),
        Column::text("DATACOL", [format!("{name}1"), name.to_owned()]),
        Column::f64(name, vec![0.0, constant]),
        array(format!("{name}1"), nodes),
        Column::i16("NELEM1", vec![2, 0]),
        Column::text("PAR1NAMES", ["MJD#", ""]),
        array("PAR1VALUES".to_owned(), [50000.0, 60000.0]),
        Column::text("PEDIGREE", ["INFLIGHT", "INFLIGHT"]),
        Column::text("DESCRIP", ["", ""]),
    ])
}

fn world(cards: &[(&str, Value)]) -> World {
    let mut world = World::new();
    let tables = [
        ("PHOTFLAM", of_keyword("PHOTFLAM", [1e-19, 3e-19], 5e-19)),
        ("PHOTPLAM", of_keyword("PHOTPLAM", [5800.0, 5800.0], 7200.0)),
        ("PHOTBW", of_keyword("PHOTBW", [1800.0, 1900.0], 1200.0)),
    ];
    let mut all = vec![("PHOTZPT", Value::from(-21.1)), ("EXTRAP", Value::from(false))];
    all.extend_from_slice(cards);
    world.tables("IMPHTTAB", &tables, &all);
    world
}

/// −0.002 per degree at 5000 Å, −0.004 at 6000 Å: −0.0036 at 5800 Å.
fn with_temperatures(world: &mut World, opt_elem: &str) {
    let array = |name: &str, values: [f64; 2]| {
        Column::array(name.to_owned(), vec![2], ColumnData::F64(values.to_vec())).unwrap()
    };
    let columns = vec![
        Column::text("OPT_ELEM", [opt_elem]),
        Column::i16("NWL", vec![2]),
        array("WAVELENGTH", [5000.0, 6000.0]),
        Column::f64("REFTEMP", vec![19.0]),
        array("TEMPSENS", [-0.002, -0.004]),
    ];
    world.tables("TDSTAB", &[("TDS", table(columns))], &[]);
}

fn run(world: &World, observation: &mut Observation) -> Result<Basic2dReport, Error> {
    basic2d(observation, &world.references, &HousingTemperatures::new())
}

fn keyword(observation: &Observation, keyword: &str) -> f64 {
    observation.primary.real(keyword).unwrap()
}

fn said(observation: &Observation, words: &str) -> bool {
    let mut cards = observation.primary.cards().iter();
    cards.any(|card| card.keyword() == "HISTORY" && card.commentary_text().contains(words))
}

#[test]
fn keywords_are_those_of_counts_on_the_day() {
    let world = world(&[]);
    let mut observation = image(55000.0, 20.0);
    let before = observation.chips[0].frame.clone();
    let report = run(&world, &mut observation).unwrap();
    // Half way between the nodes, times the gain.
    assert!((keyword(&observation, "PHOTFLAM") / (2e-19 * 4.016) - 1.0).abs() < 1e-6);
    assert_eq!(keyword(&observation, "PHOTPLAM"), 5800.0);
    assert_eq!(keyword(&observation, "PHOTBW"), 1850.0);
    assert_eq!(keyword(&observation, "PHOTZPT"), -21.1);
    assert_eq!(
        observation.primary.text("PHOTMODE").unwrap(),
        "STIS 50CCD A2D4 MIRROR CCD MJD#55000.0000"
    );
    assert_eq!(observation.primary.text("PHOTCORR").unwrap(), "COMPLETE");
    assert_eq!(report.outcomes["PHOTCORR"], Outcome::Complete);
    assert!(said(&observation, "oref$imphttab.fits") && said(&observation, "Without TDSTAB"));
    assert_eq!(observation.chips[0].frame, before);
}

#[test]
fn the_temperature_of_the_housing_divides() {
    let mut world = world(&[]);
    with_temperatures(&mut world, "MIRVIS");
    let flam = |celsius: f64| {
        let mut observation = image(55000.0, celsius);
        run(&world, &mut observation).unwrap();
        assert!(said(&observation, "oref$tdstab.fits"));
        keyword(&observation, "PHOTFLAM") / (2e-19 * 4.016)
    };
    assert!((flam(24.0) - 1.0 / (1.0 - 0.0036 * 5.0)).abs() < 1e-6);
    assert!((flam(19.0) - 1.0).abs() < 1e-6);
    // Not known: as it is in headers of the first electronics.
    assert!((flam(-1.0) - 1.0).abs() < 1e-6);
}

#[test]
fn another_element_in_the_table_of_temperatures_changes_nothing() {
    let mut world = world(&[]);
    with_temperatures(&mut world, "G750L");
    let mut observation = image(55000.0, 24.0);
    run(&world, &mut observation).unwrap();
    assert!((keyword(&observation, "PHOTFLAM") / (2e-19 * 4.016) - 1.0).abs() < 1e-6);
}

#[test]
fn a_day_beyond_the_table_is_told_and_a_dummy_table_skips() {
    let beyond = world(&[]);
    let mut observation = image(61000.0, 20.0);
    let report = run(&beyond, &mut observation).unwrap();
    assert_eq!(keyword(&observation, "PHOTFLAM"), OUTSIDE);
    assert_eq!(observation.primary.text("PHOTCORR").unwrap(), "SKIPPED");
    assert_eq!(report.outcomes["PHOTCORR"], Outcome::NotPerformed);
    assert!(said(&observation, "mjd#"));
    let dummy = world(&[("PEDIGREE", "DUMMY".into())]);
    let mut observation = image(55000.0, 20.0);
    let report = run(&dummy, &mut observation).unwrap();
    assert_eq!(report.outcomes["PHOTCORR"], Outcome::Dummy);
    assert_eq!(observation.primary.text("PHOTCORR").unwrap(), "SKIPPED");
    assert!(observation.primary.real("PHOTFLAM").is_none());
}

#[test]
fn a_mode_that_is_not_in_the_table_is_an_error_and_spectra_are_left_alone() {
    let world = world(&[]);
    let mut observation = image(55000.0, 20.0);
    observation.primary.set("APERTURE", "F25ND5", None).unwrap();
    let error = run(&world, &mut observation).unwrap_err();
    assert!(matches!(error, Error::NoRow { .. }), "{error}");
    let mut spectrum = image(55000.0, 20.0);
    spectrum.primary.set("OBSTYPE", "SPECTROSCOPIC", None).unwrap();
    run(&world, &mut spectrum).unwrap();
    assert!(spectrum.primary.real("PHOTFLAM").is_none());
    let none = World::new();
    let error = run(&none, &mut image(55000.0, 20.0)).unwrap_err();
    assert!(matches!(error, Error::NoReference { .. }), "{error}");
}

//! Answers as tables, the recorded ones among them.

use super::super::*;
use serde_json::{Value, json};
use std::path::PathBuf;

#[test]
fn answers_of_any_make_are_survived() {
    let answer = json!({
        "fields": [{"name": "a", "type": "int"}, {"name": "A", "type": "float"}, {"name": "b", "type": "boolean"},
            {"name": "c", "type": "int"}, {"name": "d", "type": "string"}, {"name": "_selected_", "type": "boolean"},
            {"name": "e", "type": "int"}, {"type": "int"}],
        "data": [
            {"a": 1, "A": 1.5, "b": true, "c": "7", "d": 2003585980, "e": "x"},
            {"a": null, "A": null, "b": null, "d": "", "e": 5},
            [-999, "2.5", 0, 3.0, null, false, [1, 2]],
        ],
    });
    let table = table_of("test", answer, &observation_columns()).unwrap();
    assert_eq!(table.names(), ["a", "A_1", "b", "c", "d", "e"]);
    let [a, real, b, c, d, e] = table.columns() else {
        panic!()
    };
    assert_eq!(a.null_mask(), Some(&[false, true, true][..]));
    assert_eq!(real.reals().unwrap()[2], 2.5);
    assert!(real.is_null(1) && b.is_null(1) && c.is_null(1));
    assert_eq!(c.data().integer(0), Some(7));
    assert_eq!(d.data().text(0), Some("2003585980"));
    assert!(d.is_null(1) && d.is_null(2));
    assert_eq!(e.texts().unwrap(), ["x", "5", "[1,2]"]);
}

#[test]
fn answers_without_rows_are_empty_tables_or_errors() {
    let columns = observation_columns();
    let fields = json!({"fields": [{"name": "obsid", "type": "string"}], "data": [], "status": "COMPLETE"});
    let table = table_of("test", fields, &columns).unwrap();
    assert_eq!((table.rows(), table.names()), (0, vec!["obsid"]));
    for bad in [
        json!(null),
        json!({}),
        json!([]),
        json!({"data": 5}),
        json!({"data": [5], "fields": []}),
    ] {
        assert!(
            matches!(
                table_of("test", bad.clone(), &columns),
                Err(crate::Error::BadAnswer { .. })
            ),
            "{bad}"
        );
    }
    let error = json!({"status": "ERROR", "msg": "Invalid column"});
    let error = table_of("test", error, &columns).unwrap_err().to_string();
    assert!(error.contains("Invalid column"), "{error}");
}

fn recorded(name: &str) -> Option<Value> {
    let Some(folder) = std::env::var_os("FIRSTLIGHT_DATA") else {
        eprintln!("SKIPPED: FIRSTLIGHT_DATA is not set: no recorded answers of MAST");
        return None;
    };
    let text = std::fs::read(PathBuf::from(folder).join("mast").join(name)).unwrap();
    Some(serde_json::from_slice(&text).unwrap())
}

#[test]
fn recorded_tables_parse() {
    for (name, rows, columns) in [
        ("caom.json", 19, 27),
        ("products.json", 22, 15),
        ("advSearch.json", 3, 26),
        ("advSearchPos.json", 12, 28),
        ("countsResp.json", 1, 1),
    ] {
        let Some(answer) = recorded(name) else { return };
        let table = table_of(name, answer, &observation_columns()).unwrap();
        assert_eq!((table.rows(), table.columns().len()), (rows, columns), "{name}");
    }
    // Tables of other services, of the same form or of their own.
    for (name, rows, columns) in [
        ("dd.json", 7, 64),
        ("hsc.json", 28, 45),
        ("matchid.json", 9, 37),
        ("spectra.json", 26, 16),
        ("tic.json", 7, 89),
        ("ddcolumns_filtered.json", 0, 120),
        ("ticcolumns_filtered.json", 0, 89),
        ("mission_columns.json", 57, 8),
        ("mission_products.json", 5, 13),
        ("mission_results.json", 3, 19),
        ("panstarrs.json", 35, 6),
        ("panstarrs_columns.json", 124, 17),
        ("tess_sector.json", 1, 4),
    ] {
        let Some(answer) = recorded(name) else { return };
        let table = table_of(name, answer, &Columns::default()).unwrap();
        assert_eq!((table.rows(), table.columns().len()), (rows, columns), "{name}");
    }
    for name in ["ddcolumns.json", "ticcolumns.json"] {
        let Some(answer) = recorded(name) else { return };
        assert!(Columns::parse(name, &answer).unwrap().0.len() > 35, "{name}");
    }
    // What is no table is told so.
    for name in ["bundleResponse.json", "zcut_survey.json"] {
        let Some(answer) = recorded(name) else { return };
        let error = table_of(name, answer, &Columns::default()).unwrap_err();
        assert!(error.to_string().contains("no rows"), "{name}: {error}");
    }
    let Some(answer) = recorded("caom.json") else {
        return;
    };
    let table = table_of("caom", answer, &observation_columns()).unwrap();
    assert_eq!(table.find("obsid").unwrap().data().text(0), Some("2003585980"));
    assert_eq!(table.find("t_min").unwrap().data().real(0), Some(49756.25506));
    assert!(table.find("dataURL").unwrap().is_null(0));
}

#[test]
fn the_recorded_columns_are_known_here() {
    let Some(config) = recorded("columnsconfig.json") else {
        return;
    };
    let recorded = Columns::parse("test", &config).unwrap();
    let known = observation_columns();
    for column in recorded.0.iter().filter(|column| !column.removed) {
        let own = known
            .find(&column.name)
            .unwrap_or_else(|| panic!("{} is not known", column.name));
        assert_eq!(
            (own.continuous, &own.separator),
            (column.continuous, &column.separator),
            "{}",
            column.name
        );
    }
    let metadata = recorded.metadata().unwrap();
    assert_eq!(
        metadata.names()[..4],
        ["Column Name", "Column Label", "Data Type", "Units"]
    );
    assert!(Columns::parse("test", &json!({})).is_err());
}

#[test]
fn recorded_names_and_paths_parse() {
    let Some(names) = recorded("resolver.json") else {
        return;
    };
    let found = resolved(&names);
    let barnard = found
        .iter()
        .find(|object| object.name == "barnard's star")
        .unwrap();
    assert_eq!(
        (barnard.resolver.as_str(), barnard.ra_deg),
        ("SIMBAD", 269.4520769586187)
    );
    let Some(paths) = recorded("mast_relative_path.json") else {
        return;
    };
    let path = |uri: &str| products::public_path(&paths, uri);
    assert_eq!(
        path("mast:HST/product/u9o40504m_c3m.fits").unwrap(),
        "hst/public/u9o4/u9o40504m/u9o40504m_c3m.fits"
    );
    assert_eq!(path("mast:HST/product/does_not_exist.fits"), None);
    assert_eq!(path("mast:HST/product/never_asked.fits"), None);
}

//! Requests as the service takes them, and its recorded answers as tables.

use super::*;
use crate::client::{Client, ClientOptions};
use serde_json::{Value, json};
use std::path::PathBuf;

fn text(column: &str, values: &[&str]) -> Criterion {
    Criterion {
        column: column.to_owned(),
        values: values
            .iter()
            .map(|value| Wanted::Text((*value).to_owned()))
            .collect(),
    }
}

fn one_request(criteria: &[Criterion]) -> Vec<Value> {
    let mut requests = filters(criteria, &observation_columns(), Lists::Values).unwrap();
    assert_eq!(requests.len(), 1);
    requests.remove(0)
}

#[test]
fn values_lists_and_patterns_become_filters() {
    let criteria = [
        text("OBS_ID", &["JCMC11*", "j9l960010"]),
        text("proposal_id", &["13655"]),
        text("filters", &["F125LP,F150LP"]),
        text("proposal_pi", &["Sarajedini, Ata"]),
        text("calib_level", &["1..3"]),
        text("filters", &["F165LP"]),
    ];
    assert_eq!(
        json!(one_request(&criteria)),
        json!([
            {"paramName": "obs_id", "values": ["j9l960010"], "freeText": "JCMC11%"},
            {"paramName": "proposal_id", "values": ["13655"]},
            {"paramName": "filters", "separator": ";", "values": ["F125LP", "F150LP", "F165LP"]},
            {"paramName": "proposal_pi", "values": ["Sarajedini, Ata"]},
            {"paramName": "calib_level", "values": ["1", "2", "3"]},
        ])
    );
}

#[test]
fn ranges_dates_and_open_ends_become_intervals() {
    let values = |column: &str, values: &[&str]| one_request(&[text(column, values)])[0]["values"].clone();
    assert_eq!(
        values("t_exptime", &["1099..1101"]),
        json!([{"min": 1099, "max": 1101}])
    );
    assert_eq!(
        values("t_exptime", &["1000"]),
        json!([{"min": 1000, "max": 1000}])
    );
    assert_eq!(
        values("t_exptime", &["0.5,10..20"]),
        json!([{"min": 0.5, "max": 0.5}, {"min": 10, "max": 20}])
    );
    assert_eq!(
        values("t_exptime", &["1000.."]),
        json!([{"min": 1000, "max": 1e30}])
    );
    assert_eq!(values("t_exptime", &["<=5"]), json!([{"min": -1e30, "max": 5}]));
    assert_eq!(values("s_dec", &["-73..-72"]), json!([{"min": -73, "max": -72}]));
    assert_eq!(
        values("t_min", &["2015-03-03"]),
        json!([{"min": 57084.0, "max": 57085.0}])
    );
    assert_eq!(
        values("t_min", &["2015-03-01..2015-03-31T12:00:00"]),
        json!([{"min": 57082.0, "max": 57112.5}])
    );
    assert_eq!(
        values("t_min", &["57082..2015-03-31"]),
        json!([{"min": 57082, "max": 57113.0}])
    );
}

#[test]
fn pairs_are_ranges_where_astroquery_has_them() {
    let pair = Criterion {
        column: "t_min".to_owned(),
        values: vec![Wanted::Real(57000.25), Wanted::Integer(57010)],
    };
    let request = filters(std::slice::from_ref(&pair), &observation_columns(), Lists::Range).unwrap();
    assert_eq!(
        json!(request),
        json!([[{"paramName": "t_min", "values": [{"min": 57000.25, "max": 57010}]}]])
    );
    let three = Criterion {
        values: vec![Wanted::Integer(1), Wanted::Integer(2), Wanted::Integer(3)],
        ..pair
    };
    assert!(filters(&[three], &observation_columns(), Lists::Range).is_err());
}

#[test]
fn several_patterns_make_several_requests() {
    let criteria = [
        text("obs_id", &["JCMC11*,JCMC12*"]),
        text("target_name", &["DARK"]),
    ];
    let requests = filters(&criteria, &observation_columns(), Lists::Values).unwrap();
    let patterns: Vec<&Value> = requests.iter().map(|request| &request[0]["freeText"]).collect();
    assert_eq!(json!(patterns), json!(["JCMC11%", "JCMC12%"]));
    let many = text("obs_id", &["a*"; 65]);
    assert!(filters(&[many], &observation_columns(), Lists::Values).is_err());
}

#[test]
fn obstype_is_the_intent() {
    let values = one_request(&[text("obstype", &["cal"])]);
    assert_eq!(
        json!(values),
        json!([{"paramName": "intentType", "values": ["calibration"]}])
    );
    assert!(one_request(&[text("obstype", &["all"])]).is_empty());
    assert!(
        filters(
            &[text("obstype", &["dark"])],
            &observation_columns(),
            Lists::Values
        )
        .is_err()
    );
}

#[test]
fn what_cannot_be_asked_for_is_refused() {
    let columns = observation_columns();
    for (column, value) in [
        ("t_exptime", "a..b"),
        ("t_exptime", "5..1"),
        ("t_exptime", ".."),
        ("t_exptime", "nan"),
        ("t_min", "2015-02-30"),
        ("t_exptime", "2015-03-03"),
        ("obsid", "5..1"),
        ("obsid", "0..5000000000"),
        ("obs_id", ","),
    ] {
        let refused = filters(&[text(column, &[value])], &columns, Lists::Values);
        assert!(
            matches!(refused, Err(crate::Error::BadCriterion { .. })),
            "{column} {value} {refused:?}"
        );
    }
    let error = filters(&[text("exptime", &["1"])], &columns, Lists::Values).unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is no column 'exptime'; did you mean t_exptime?"
    );
}

#[test]
fn the_service_depends_on_what_is_given() {
    let around = Some(Where {
        position: "6.0 -72.5".parse().unwrap(),
        radius_deg: 0.02,
    });
    let made = |query: Query| query.invocations(&observation_columns());
    let region = made(Query {
        around,
        ..Query::default()
    })
    .unwrap();
    assert_eq!(
        region,
        [Invocation::new(
            "Mast.Caom.Cone",
            json!({"ra": 6.0, "dec": -72.5, "radius": 0.02})
        )]
    );
    let both = made(Query {
        around,
        criteria: vec![text("project", &["HST"])],
        ..Query::default()
    })
    .unwrap();
    assert_eq!(both[0].service, "Mast.Caom.Filtered.Position");
    assert_eq!(both[0].params["position"], "6.0, -72.5, 0.02");
    assert!(matches!(made(Query::default()), Err(crate::Error::Nothing)));
}

#[test]
fn offline_names_are_checked_and_then_the_network_is_missed() {
    let client = Client::new(ClientOptions {
        offline: true,
        ..ClientOptions::default()
    });
    let mast = Mast::new(client, SERVER);
    let query = |column: &str| Query {
        criteria: vec![text(column, &["1"])],
        ..Query::default()
    };
    assert!(matches!(
        mast.query(&query("nothing_of_the_kind")),
        Err(crate::Error::NoSuchColumn { .. })
    ));
    assert!(matches!(
        mast.query(&query("obs_id")),
        Err(crate::Error::Offline { .. })
    ));
    assert!(matches!(
        mast.products(&["J9L960010".to_owned()], &|_| {}),
        Err(crate::Error::BadCriterion { .. })
    ));
    assert!(matches!(
        mast.products(&[String::new()], &|_| {}),
        Err(crate::Error::Nothing)
    ));
}

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

fn products_table() -> firstlight_frame::table::Table {
    let answer = json!({"fields": [], "data": [
        {"obs_id": "jcmc11ctq", "obs_collection": "HST", "dataURI": "mast:HST/product/jcmc11ctq_flt.fits",
         "productFilename": "jcmc11ctq_flt.fits", "productSubGroupDescription": "FLT", "size": 10, "calib_level": 2,
         "productGroupDescription": null},
        {"obs_id": "jcmc11010", "obs_collection": "HST", "dataURI": "mast:HST/product/jcmc11ctq_flt.fits",
         "productFilename": "jcmc11ctq_flt.fits", "productSubGroupDescription": "FLT", "size": 10, "calib_level": 2,
         "productGroupDescription": null},
        {"obs_id": "jcmc11010", "obs_collection": "HST", "dataURI": "mast:HST/product/jcmc11010_asn.fits",
         "productFilename": "jcmc11010_asn.fits", "productSubGroupDescription": "ASN", "size": 0, "calib_level": 1,
         "productGroupDescription": "Minimum Recommended Products"},
        {"obs_id": "jcmc11010", "obs_collection": "HST", "dataURI": "mast:HST/product/jcmc11010_drz.jpg",
         "productFilename": null, "productSubGroupDescription": null, "size": null, "calib_level": 3,
         "productGroupDescription": null},
    ]});
    table_of("test", answer, &product_columns()).unwrap()
}

fn names(table: &firstlight_frame::table::Table) -> Vec<String> {
    table
        .find("dataURI")
        .unwrap()
        .texts()
        .unwrap()
        .iter()
        .map(|uri| uri.rsplit('/').next().unwrap().to_owned())
        .collect()
}

#[test]
fn products_are_had_once_and_filtered() {
    let Unique { products, duplicates } = unique(&products_table()).unwrap();
    assert_eq!((products.rows(), duplicates), (3, 1));
    let kept = |filter: ProductFilter| names(&filter.apply(&products).unwrap());
    let by = |column: &str, values: &[&str]| {
        let values = values
            .iter()
            .map(|value| Wanted::Text((*value).to_owned()))
            .collect();
        ProductFilter {
            columns: vec![(column.to_owned(), values)],
            ..ProductFilter::default()
        }
    };
    assert_eq!(
        kept(by("productSubGroupDescription", &["FLT", "asn"])),
        ["jcmc11ctq_flt.fits", "jcmc11010_asn.fits"]
    );
    assert_eq!(
        kept(by("productSubGroupDescription", &["!FLT"])),
        ["jcmc11010_asn.fits", "jcmc11010_drz.jpg"]
    );
    assert_eq!(kept(by("calib_level", &[">=2", "!3"])), ["jcmc11ctq_flt.fits"]);
    assert_eq!(
        kept(by("calib_level", &["1..2"])),
        ["jcmc11ctq_flt.fits", "jcmc11010_asn.fits"]
    );
    assert_eq!(kept(by("dataURI", &["*.jpg"])), ["jcmc11010_drz.jpg"]);
    let fits = ProductFilter {
        extension: vec!["fits".to_owned()],
        ..ProductFilter::default()
    };
    assert_eq!(kept(fits), ["jcmc11ctq_flt.fits", "jcmc11010_asn.fits"]);
    let mrp = ProductFilter {
        mrp_only: true,
        ..ProductFilter::default()
    };
    assert_eq!(kept(mrp), ["jcmc11010_asn.fits"]);
    assert!(by("calib_level", &["x"]).apply(&products).is_err());
    let error = by("productSubGroup", &["x"])
        .apply(&products)
        .unwrap_err()
        .to_string();
    assert!(error.contains("productSubGroupDescription"), "{error}");
}

#[test]
fn files_go_where_astroquery_puts_them() {
    let products = unique(&products_table()).unwrap().products;
    let planned = plan("http://h", &products, "out".as_ref(), Layout::Mast).unwrap();
    let paths: Vec<_> = planned.iter().map(|planned| planned.target.clone()).collect();
    assert_eq!(
        paths[0],
        PathBuf::from("out/mastDownload/HST/jcmc11ctq/jcmc11ctq_flt.fits")
    );
    assert_eq!(
        paths[2],
        PathBuf::from("out/mastDownload/HST/jcmc11010/jcmc11010_drz.jpg")
    );
    assert_eq!(
        planned[0].url,
        "http://h/api/v0.1/Download/file?uri=mast:HST/product/jcmc11ctq_flt.fits"
    );
    assert_eq!(
        planned.iter().map(|planned| planned.size).collect::<Vec<_>>(),
        [Some(10), None, None]
    );
    assert_eq!(total_size(&planned), (10, 2));
    let flat = plan("http://h", &products, "out".as_ref(), Layout::Flat).unwrap();
    assert_eq!(flat[0].target, PathBuf::from("out/jcmc11ctq_flt.fits"));
}

#[test]
fn names_that_lead_elsewhere_are_refused() {
    for (name, obs_id) in [
        ("..", "a"),
        ("x.fits", ".."),
        ("x.fits", "../a"),
        ("", "a"),
        ("x.fits", "/etc"),
        ("a\\..\\b", "a"),
        ("x\ny", "a"),
    ] {
        let answer = json!({"data": [{"dataURI": "mast:HST/product/", "productFilename": name, "obs_id": obs_id, "obs_collection": "HST"}]});
        let products = table_of("test", answer, &product_columns()).unwrap();
        let planned = plan("http://h", &products, "out".as_ref(), Layout::Mast).unwrap();
        assert!(planned[0].refusal.is_some(), "{name} {obs_id} {planned:?}");
    }
    let answer = json!({"data": [{"dataURI": "mast:HST/product/../../etc/passwd", "productFilename": "../../etc/passwd"}]});
    let products = table_of("test", answer, &product_columns()).unwrap();
    let planned = plan("http://h", &products, "out".as_ref(), Layout::Flat).unwrap();
    assert_eq!(planned[0].target, PathBuf::from("out/passwd"));
}

#[test]
fn products_that_would_lie_on_one_another_are_told() {
    let answer = json!({"data": [
        {"dataURI": "mast:HST/product/a.fits", "productFilename": "a.fits", "obs_id": "x"},
        {"dataURI": "mast:HLA/product/a.fits", "productFilename": "a.fits", "obs_id": "y"},
    ]});
    let products = table_of("test", answer, &product_columns()).unwrap();
    let planned = plan("http://h", &products, "out".as_ref(), Layout::Flat).unwrap();
    assert!(planned[0].refusal.is_none() && planned[1].refusal.is_some());
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
    // Tables of other services have the same form.
    for name in ["dd.json", "hsc.json", "matchid.json", "spectra.json", "tic.json"] {
        let Some(answer) = recorded(name) else { return };
        assert!(
            table_of(name, answer, &Columns::default()).unwrap().rows() > 0,
            "{name}"
        );
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

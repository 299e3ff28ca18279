//! Requests as the service takes them.

use super::super::*;
use crate::client::{Client, ClientOptions};
use serde_json::{Value, json};

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
    // What no whole number's range can begin with is a value, and no list without end.
    let least = one_request(&[text("obsid", &["-9223372036854775808..5"])]);
    assert_eq!(least[0]["values"], json!(["-9223372036854775808..5"]));
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

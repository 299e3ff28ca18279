//! Requests to a server that answers as MAST does: pages, work that takes its time, errors, names, counts.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod server_that_answers;

use firstlight_archive::Error;
use firstlight_archive::client::{Client, ClientOptions, Proxies};
use firstlight_archive::mast::{Criterion, Lists, Mast, Paging, Query, Resolver, Wanted};
use serde_json::{Value, json};
use server_that_answers::{Answer, Server};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

fn service(server: &Server) -> Mast {
    let options = ClientOptions {
        attempts: 1,
        proxies: Some(Proxies::default()),
        ..ClientOptions::default()
    };
    Mast::new(Client::new(options), &server.url)
}

fn ok(value: &Value) -> Answer {
    (200, value.to_string().into_bytes())
}

fn by(column: &str, value: &str) -> Query {
    let values = vec![Wanted::Text(value.to_owned())];
    let column = column.to_owned();
    Query {
        criteria: vec![Criterion { column, values }],
        lists: Lists::Values,
        ..Query::default()
    }
}

/// The page that a request is for, of 7 rows.
fn page_of_seven(body: &str) -> Answer {
    let request: Value = serde_json::from_str(body.strip_prefix("request=").unwrap()).unwrap();
    let (page, size) = (
        request["page"].as_u64().unwrap(),
        request["pagesize"].as_u64().unwrap(),
    );
    let rows: Vec<Value> = ((page - 1) * size..(page * size).min(7))
        .map(|n| json!({ "obsid": n, "obs_id": format!("j{n}") }))
        .collect();
    ok(&json!({
        "status": "COMPLETE", "msg": "", "data": rows,
        "fields": [{"name": "obsid", "type": "string"}, {"name": "obs_id", "type": "string"}],
        "paging": {"page": page, "pageSize": size, "pagesFiltered": 7u64.div_ceil(size), "rows": rows.len(),
            "rowsFiltered": 7, "rowsTotal": 7},
    }))
}

fn obs_ids(table: &firstlight_frame::table::Table) -> Vec<String> {
    table.find("obs_id").unwrap().texts().unwrap().to_vec()
}

#[test]
fn all_pages_come_unless_one_or_fewer_rows_are_wanted() {
    let server = Server::start(|_, body| page_of_seven(body));
    let mast = service(&server);
    let with = |paging: Paging| {
        obs_ids(
            &mast
                .query(&Query {
                    paging,
                    ..by("obs_id", "j*")
                })
                .unwrap(),
        )
    };
    let page_size = Some(3);
    assert_eq!(with(Paging::default()).len(), 7);
    assert_eq!(
        with(Paging {
            page_size,
            ..Paging::default()
        }),
        ["j0", "j1", "j2", "j3", "j4", "j5", "j6"]
    );
    assert_eq!(
        with(Paging {
            page_size,
            page: Some(2),
            limit: None
        }),
        ["j3", "j4", "j5"]
    );
    assert_eq!(
        with(Paging {
            page_size,
            page: None,
            limit: Some(4)
        }),
        ["j0", "j1", "j2", "j3"]
    );
    assert_eq!(
        with(Paging {
            limit: Some(2),
            ..Paging::default()
        }),
        ["j0", "j1"]
    );
    let documents = server.documents();
    assert_eq!(
        documents[0],
        json!({
            "service": "Mast.Caom.Filtered", "format": "json", "pagesize": 50000, "page": 1,
            "params": {"columns": "*", "filters": [{"paramName": "obs_id", "values": [], "freeText": "j%"}]},
        })
    );
    assert_eq!(documents.last().unwrap()["pagesize"], 2);
}

#[test]
fn what_two_patterns_match_is_there_once() {
    let server = Server::start(|_, body| page_of_seven(body));
    let found = service(&server).query(&by("obs_id", "j*,*1")).unwrap();
    assert_eq!(found.rows(), 7);
    assert_eq!(server.documents().len(), 2);
    assert_eq!(service(&server).count(&by("obs_id", "j*,*1")).unwrap(), 7);
}

#[test]
fn work_that_takes_its_time_is_waited_for() {
    let asked = AtomicUsize::new(0);
    let server = Server::start(move |_, body| match asked.fetch_add(1, Ordering::SeqCst) {
        0 | 1 => ok(&json!({ "status": "EXECUTING" })),
        _ => page_of_seven(body),
    });
    assert_eq!(service(&server).query(&by("obs_id", "j*")).unwrap().rows(), 7);
    let asked = server.asked.lock().unwrap();
    assert_eq!(asked.len(), 3);
    // It is the same request that is asked after.
    assert_eq!(asked[0], asked[2]);
}

#[test]
fn work_that_never_ends_is_given_up() {
    let server = Server::start(|_, _| ok(&json!({ "status": "EXECUTING" })));
    let mast = service(&server).patience(Duration::from_millis(250));
    assert!(matches!(
        mast.query(&by("obs_id", "x")),
        Err(Error::StillExecuting { .. })
    ));
}

#[test]
fn errors_in_the_answer_are_errors() {
    let answers = [
        ok(&json!({ "status": "ERROR", "msg": "Invalid column name", "data": [] })),
        (200, b"<!DOCTYPE html><html>down for maintenance</html>".to_vec()),
        (200, Vec::new()),
        ok(&json!(null)),
        (503, b"later".to_vec()),
    ];
    let texts: Vec<String> = answers
        .map(|answer| {
            let server = Server::start(move |_, _| answer.clone());
            service(&server)
                .query(&by("obs_id", "x"))
                .unwrap_err()
                .to_string()
        })
        .into_iter()
        .collect();
    assert!(
        texts[0].contains("Mast.Caom.Filtered answers with an error: Invalid column name"),
        "{texts:?}"
    );
    assert!(texts[1].contains("a page in place of JSON"), "{texts:?}");
    assert!(texts[2].contains("empty"), "{texts:?}");
    assert!(texts[3].contains("no rows"), "{texts:?}");
    assert!(texts[4].contains("503"), "{texts:?}");
}

#[test]
fn products_are_asked_for_in_batches() {
    let server = Server::start(|_, body| page_of_seven(body));
    let obsids: Vec<String> = (0..600).map(|n| (n % 500).to_string()).collect();
    let told = std::cell::Cell::new(0);
    let table = service(&server)
        .products(&obsids, &|n| told.set(told.get() + n))
        .unwrap();
    assert_eq!((table.rows(), told.get()), (14, 500));
    let documents = server.documents();
    assert_eq!(documents.len(), 2);
    assert_eq!(documents[0]["service"], "Mast.Caom.Products");
    let asked = |n: usize| {
        documents[n]["params"]["obsid"]
            .as_str()
            .unwrap()
            .split(',')
            .count()
    };
    assert_eq!((asked(0), asked(1)), (250, 250));
}

#[test]
fn unknown_columns_are_looked_for_in_the_services_configuration() {
    let server = Server::start(|path, body| match path {
        "/portal/Mashup/Mashup.asmx/columnsconfig" => {
            assert_eq!(body, "colConfigId=Mast.Caom.Cone");
            ok(&json!({"obs_id": {"vot.datatype": "char"}, "s_snr": {"type": "float"}}))
        }
        _ => page_of_seven(body),
    });
    service(&server).query(&by("s_snr", "5..")).unwrap();
    assert_eq!(
        server.documents()[0]["params"]["filters"][0]["values"],
        json!([{"min": 5, "max": 1e30}])
    );
    let error = service(&server).query(&by("s_snrr", "5")).unwrap_err();
    assert!(error.to_string().contains("did you mean s_snr?"), "{error}");
}

#[test]
fn names_are_resolved() {
    let server = Server::start(|_, body| {
        let known = body.contains("M101");
        let entry = |resolver: &str, ra: f64| json!({"resolver": resolver, "ra": ra, "decl": 54.3, "searchString": "m101"});
        let list = if known {
            vec![entry("SIMBAD", 210.8), entry("NED", 210.9)]
        } else {
            vec![]
        };
        ok(&json!({ "resolvedCoordinate": list, "status": "" }))
    });
    let mast = service(&server);
    assert_eq!(mast.resolve("M101", &Resolver::First).unwrap()[0].ra_deg, 210.8);
    assert_eq!(
        mast.resolve(" M101 ", &Resolver::Named("ned".to_owned()))
            .unwrap()[0]
            .ra_deg,
        210.9
    );
    assert!(matches!(
        mast.resolve("nowhere", &Resolver::All),
        Err(Error::NotResolved { .. })
    ));
    assert_eq!(
        server.documents()[0],
        json!({"service": "Mast.Name.Lookup", "params": {"input": "M101", "format": "json"}, "format": "json"})
    );
}

#[test]
fn a_count_is_one_number() {
    let server = Server::start(|_, _| {
        ok(
            &json!({"status": "COMPLETE", "fields": [{"name": "Column1", "type": "string"}],
        "data": [{"Column1": 599}]}),
        )
    });
    let around = Some(firstlight_archive::mast::Where {
        position: "6 -72".parse().unwrap(),
        radius_deg: 0.2,
    });
    assert_eq!(
        service(&server)
            .count(&Query {
                around,
                ..Query::default()
            })
            .unwrap(),
        599
    );
    let document = server.documents().remove(0);
    assert_eq!(document["service"], "Mast.Caom.Filtered.Position");
    assert_eq!(
        document["params"],
        json!({"columns": "COUNT_BIG(*)", "filters": [], "position": "6.0, -72.0, 0.2"})
    );
}

//! Products: each once, filtered, and where they go.

use super::super::*;
use serde_json::json;
use std::path::PathBuf;

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
        ("-rf", "a"),
        ("x.fits", "NUL"),
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
    let mut planned = plan("http://h", &products, "out".as_ref(), Layout::Flat).unwrap();
    part_targets(&mut planned);
    assert!(planned[0].refusal.is_none() && planned[1].refusal.is_some());
}

#[test]
fn manifests_tell_no_passwords() {
    let url = "http://me:secret@h/api/v0.1/Download/file?uri=mast:HST/product/a.fits".to_owned();
    let manifest = Manifest(vec![("a.fits".into(), Status::Complete, String::new(), url)]);
    let table = manifest.table().unwrap();
    let column = table.find("URL").unwrap();
    assert_eq!(
        firstlight_frame::table::cell_text(column, 0),
        "http://h/api/v0.1/Download/file?uri=mast:HST/product/a.fits"
    );
}

//! Contents, headers and logs of files: what is found where, what stays as it is, what one bad file does.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use firstlight::fits::{ArrayView, FitsFile, FitsWriter, Header, Overwrite, Value};
use firstlight::frame::table::Table;
use firstlight::header::{Change, change, get, show};
use firstlight::info::{InfoOptions, Sum, info};
use firstlight::log::{LogOptions, log};
use firstlight::progress::Silent;
use firstlight::{Error, ErrorClass};
use std::path::{Path, PathBuf};

/// An exposure with two science extensions.
fn exposure(folder: &Path, name: &str, temperature: f64, filter: Option<&str>) -> PathBuf {
    let path = folder.join(name);
    let mut primary = Header::new();
    primary
        .set(
            "ROOTNAME",
            name.trim_end_matches("_raw.fits"),
            Some("name of the observation"),
        )
        .unwrap();
    primary
        .set("EXPTIME", temperature * 10.0, Some("[s] exposure"))
        .unwrap();
    if let Some(filter) = filter {
        primary.set("FILTER1", filter, None).unwrap();
    }
    let mut writer = FitsWriter::create(&path, Overwrite::Refuse).unwrap();
    writer.empty_primary(&primary).unwrap();
    for version in [1_i64, 2] {
        let mut header = Header::new();
        header.set("EXTNAME", "SCI", None).unwrap();
        header.set("EXTVER", version, None).unwrap();
        header
            .set("MDECODT1", temperature + version as f64, None)
            .unwrap();
        header.set("ONLY2", version, None).unwrap();
        if version == 1 {
            header.remove("ONLY2");
        }
        writer
            .image(&header, ArrayView::new(&[2, 3], &[1.0f32; 6]).unwrap())
            .unwrap();
    }
    writer.finish().unwrap();
    path
}

fn folder() -> (tempfile::TempDir, Vec<PathBuf>) {
    let folder = tempfile::tempdir().unwrap();
    let files = vec![
        exposure(folder.path(), "c_raw.fits", 17.0, Some("F115LP")),
        exposure(folder.path(), "a_raw.fits", 26.5, Some("F165LP")),
        exposure(folder.path(), "b_raw.fits", 20.25, None),
    ];
    (folder, files)
}

fn options(columns: &str, filter: &str, sort: &str, extension: &[&str]) -> LogOptions {
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    LogOptions {
        columns: some(columns),
        filter: some(filter),
        sort: some(sort),
        extension: extension.iter().map(|&text| text.to_owned()).collect(),
        ..LogOptions::default()
    }
}

fn logged(files: &[PathBuf], options: &LogOptions) -> Table {
    let report = log(files, options, &Silent).unwrap();
    assert_eq!(report.failed, []);
    report.table
}

#[test]
fn a_log_has_a_row_a_file_in_the_order_of_names() {
    let (_folder, files) = folder();
    let table = logged(&files, &options("rootname,filter1,exptime,absent", "", "", &[]));
    assert_eq!(table.names(), ["rootname", "filter1", "exptime", "absent"]);
    assert_eq!(table.texts("rootname").unwrap(), ["a", "b", "c"]);
    let filter = table.column("filter1").unwrap();
    assert_eq!(
        (filter.is_null(0), filter.is_null(1), filter.is_null(2)),
        (false, true, false)
    );
    assert_eq!(table.column("exptime").unwrap().unit_text(), Some("s"));
    assert!((0..3).all(|row| table.column("absent").unwrap().is_null(row)));
    let usual = logged(&files, &LogOptions::default());
    assert_eq!(usual.names(), ["file", "rootname", "filter1", "exptime"]);
}

#[test]
fn columns_are_computed_sorted_and_filtered() {
    let (_folder, files) = folder();
    let columns = "rootname,mean=(mdecodt1@1+mdecodt1@2)/2";
    let table = logged(&files, &options(columns, "exptime > 180", "-mean", &[]));
    assert_eq!(table.names(), ["rootname", "mean"]);
    assert_eq!(table.reals("mean").unwrap(), [28.0, 21.75]);
    let table = logged(
        &files,
        &options("file", "contains(file, 'b_') or isnull(filter1)", "", &[]),
    );
    assert_eq!(table.rows(), 1);
}

#[test]
fn keywords_are_looked_for_where_it_is_said() {
    let (_folder, files) = folder();
    let one = |columns: &str, extension: &[&str]| {
        let table = logged(&files[..1], &options(columns, "", "", extension));
        let column = &table.columns()[0];
        (!column.is_null(0)).then(|| column.data().real(0)).flatten()
    };
    assert_eq!(one("mdecodt1", &[]), Some(18.0));
    assert_eq!(one("mdecodt1", &["0"]), None);
    assert_eq!(one("mdecodt1", &["SCI,2"]), Some(19.0));
    assert_eq!(one("mdecodt1", &["0,2"]), Some(19.0));
    assert_eq!(one("only2", &["SCI"]), Some(2.0));
    assert_eq!(one("sci.mdecodt1", &["0"]), Some(18.0));
    assert_eq!(one("`mdecodt1@sci,2`", &[]), Some(19.0));
    // The first HDU of that name does not have it, whether or not another does.
    assert_eq!(one("only2@sci,1", &[]), None);
}

#[test]
fn a_bad_file_does_not_stop_the_others() {
    let (folder, mut files) = folder();
    let bad = folder.path().join("bad.fits");
    std::fs::write(&bad, "<!DOCTYPE html><html>404").unwrap();
    files.push(bad.clone());
    files.push(folder.path().join("absent.fits"));
    let report = log(&files, &options("rootname", "", "", &[]), &Silent).unwrap();
    assert_eq!(report.table.rows(), 3);
    let classes: Vec<ErrorClass> = report.failed.iter().map(|failure| failure.class).collect();
    assert_eq!(classes, [ErrorClass::Missing, ErrorClass::Input]);
    assert!(report.failed[1].error.contains("bad.fits") && report.failed[1].error.contains("HTML"));
    assert_eq!(
        info(&files, &InfoOptions::default(), &Silent)
            .unwrap()
            .failed
            .len(),
        2
    );
    assert_eq!(
        log(&[bad], &LogOptions::default(), &Silent).unwrap_err().class(),
        ErrorClass::Input
    );
}

#[test]
fn headers_behind_the_last_keyword_are_not_read() {
    let (_folder, files) = folder();
    let mut bytes = std::fs::read(&files[0]).unwrap();
    let at = bytes.windows(8).position(|card| card == b"XTENSION").unwrap();
    let end = at + bytes[at..].windows(4).position(|card| card == b"END ").unwrap();
    bytes[at + 80 * 2..end].fill(b'?');
    std::fs::write(&files[0], &bytes).unwrap();
    assert!(FitsFile::open(&files[0]).is_err());
    let table = logged(&files[..1], &options("rootname", "", "", &[]));
    assert_eq!(table.texts("rootname").unwrap(), ["c"]);
    assert!(log(&files[..1], &options("rootname,mdecodt1", "", "", &[]), &Silent).is_err());
}

#[test]
fn types_of_a_column_hold_all_values() {
    let (_folder, files) = folder();
    let set = |file: usize, value: Value| {
        firstlight::fits::edit(&files[file], |edit| edit.set(0, "MIXED", value.clone(), None)).unwrap();
    };
    let kind = || {
        logged(&files, &options("mixed", "", "", &[])).columns()[0]
            .data()
            .type_name()
    };
    set(0, Value::Integer(1));
    assert_eq!(kind(), "int64");
    set(1, Value::Real(1.5));
    assert_eq!(kind(), "float64");
    set(2, Value::Text("N/A".to_owned()));
    assert_eq!(kind(), "text");
    (0..3).for_each(|file| set(file, Value::Logical(true)));
    assert_eq!(kind(), "bool");
}

#[test]
fn options_that_make_no_sense_fail_before_any_file() {
    let nowhere = [PathBuf::from("/nowhere/at/all.fits")];
    for wrong in [options("a=", "", "", &[]), options("a", "b >", "", &[])] {
        assert!(matches!(
            log(&nowhere, &wrong, &Silent),
            Err(Error::Expression(_))
        ));
    }
}

#[test]
fn setting_keywords_changes_nothing_else() {
    let (_folder, files) = folder();
    let before = std::fs::read(&files[0]).unwrap();
    let changes = [
        Change::parse("exptime = 99", None, None).unwrap(),
        Change::parse("NEWKEY=text", None, Some("new")).unwrap(),
        Change::Delete {
            keyword: "filter1".to_owned(),
        },
        Change::Delete {
            keyword: "NOTHERE".to_owned(),
        },
    ];
    let report = change(&files, None, &changes, false, &Silent).unwrap();
    assert_eq!(report.files.len(), 3);
    assert_eq!(report.files[0].deleted, ["FILTER1"]);
    assert_eq!(report.files[0].absent, ["NOTHERE"]);
    assert_eq!(
        report.files[2].absent,
        ["FILTER1", "NOTHERE"],
        "the third has no filter"
    );
    let header = firstlight::fits::read_header(&files[0], 0).unwrap();
    assert_eq!(
        header.get("EXPTIME"),
        Some(Value::Real(99.0)),
        "a real stays a real"
    );
    assert_eq!(
        header.card("EXPTIME").unwrap().comment().as_deref(),
        Some("[s] exposure")
    );
    assert_eq!(header.text("NEWKEY").as_deref(), Some("text"));
    let after = std::fs::read(&files[0]).unwrap();
    assert_eq!(after.len(), before.len());
    assert_eq!(after[2880..], before[2880..]);
    let wrong = [Change::parse("KEY=1", Some(firstlight::header::ValueType::Bool), None).unwrap()];
    assert!(change(&files[..1], None, &wrong, false, &Silent).is_err());
    assert!(change(&files[..1], Some("DQ"), &changes, false, &Silent).is_err());
    assert_eq!(
        std::fs::read(&files[0]).unwrap(),
        after,
        "a change that fails leaves the file alone"
    );
}

#[test]
fn checksums_are_written_and_verified() {
    let (_folder, files) = folder();
    let history = [Change::parse("HISTORY=looked at", None, None).unwrap()];
    change(&files[..1], Some("SCI,2"), &history, true, &Silent).unwrap();
    let sums = |path: &PathBuf| {
        let report = info(
            std::slice::from_ref(path),
            &InfoOptions { checksum: true },
            &Silent,
        )
        .unwrap();
        let wrong = report.any_wrong_checksum();
        (
            report.files[0]
                .hdus
                .iter()
                .map(|hdu| hdu.datasum.unwrap())
                .collect::<Vec<_>>(),
            wrong,
        )
    };
    assert_eq!(
        sums(&files[0]),
        (vec![Sum::Absent, Sum::Absent, Sum::Correct], false)
    );
    let mut bytes = std::fs::read(&files[0]).unwrap();
    let data = bytes.len() - 2880;
    bytes[data] ^= 1;
    std::fs::write(&files[0], bytes).unwrap();
    assert_eq!(
        sums(&files[0]),
        (vec![Sum::Absent, Sum::Absent, Sum::Wrong], true)
    );
}

#[test]
fn keywords_and_whole_headers_are_shown() {
    let (_folder, files) = folder();
    let keys = ["rootname".to_owned(), "sci.mdecodt1".to_owned()];
    let report = get(&files, &keys, &[], &Silent).unwrap();
    assert_eq!(report.table.names(), ["file", "rootname", "sci.mdecodt1"]);
    assert_eq!(
        report.table.texts("rootname").unwrap(),
        ["c", "a", "b"],
        "in the order given"
    );
    let all = show(&files[..1], &[]).unwrap();
    assert_eq!(all.files[0].headers.len(), 3);
    let sci = show(&files[..1], &["SCI,2".to_owned()]).unwrap();
    let text = sci.files[0].headers[0].to_text();
    assert!(
        text.starts_with("XTENSION= 'IMAGE   '") && text.ends_with("\nEND\n"),
        "{text}"
    );
    assert!(matches!(
        show(&files[..1], &["DQ".to_owned()]),
        Err(Error::Fits(_))
    ));
    let listed = info(&files[..1], &InfoOptions::default(), &Silent).unwrap();
    let text = listed.files[0].to_text();
    assert!(
        text.contains("  1  SCI           1 ImageHDU        10   (3, 2)   float32\n"),
        "{text}"
    );
}

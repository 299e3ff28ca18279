use super::*;
use crate::ErrorClass;
use crate::frame::table::{Column, ColumnData};

fn log() -> Table {
    [
        Column::text("rootname", ["a", "b", "c", "d"]),
        Column::text("filter1", ["F115LP", "F165LP", "F165LP", "F125LP"]),
        Column::f64("mdecodt1", vec![17.0, 26.0, f64::NAN, 25.0]),
        Column::f64("mdecodt2", vec![18.0, 28.0, 20.0, 26.0]).nulls(vec![false, false, false, true]),
        Column::i32("n", vec![3, 1, 2, 1]),
        Column::u64("big", vec![u64::MAX, 0, 1, 2]),
    ]
    .into_iter()
    .try_fold(Table::new(), Table::with)
    .and_then(|t| t.with(Column::array("pair", vec![2], ColumnData::F32(vec![0.0; 8]))?))
    .unwrap()
}

fn made(columns: &str, filter: &str, sort: &str, rows: &str) -> Result<Table> {
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let options = TableOptions {
        columns: some(columns),
        filter: some(filter),
        sort: some(sort),
        rows: some(rows),
    };
    transform(&log(), &options)
}

fn roots(filter: &str, sort: &str, rows: &str) -> String {
    made("rootname", filter, sort, rows)
        .unwrap()
        .texts("rootname")
        .unwrap()
        .concat()
}

#[test]
fn rows_are_filtered_sorted_and_cut() {
    assert_eq!(roots("", "", ""), "abcd");
    assert_eq!(roots("mdecodt1 > 20 && filter1 == \"F165LP\"", "", ""), "b");
    assert_eq!(roots("n in (1, 2)", "", ""), "bcd");
    // NaN and null last, whichever way.
    assert_eq!(roots("", "mdecodt1", ""), "adbc");
    assert_eq!(roots("", "-mdecodt1", ""), "bdac");
    assert_eq!(roots("", "-mdecodt2", ""), "bcad");
    assert_eq!(roots("", "n,-rootname", ""), "dbca");
    assert_eq!(roots("", "", "1:3"), "bc");
    assert_eq!(roots("", "", "-1"), "d");
    assert_eq!(roots("", "", "-2:"), "cd");
    assert_eq!(roots("", "", ":-2"), "ab");
    assert_eq!(roots("", "", "3:1"), "");
    assert_eq!(roots("", "", "2:99"), "cd");
    assert_eq!(roots("big > 2", "", ""), "a");
}

#[test]
fn columns_are_computed_and_selected() {
    let table = made(
        "ROOTNAME,avgtemp=(mdecodt1+mdecodt2)/2,hot=avgtemp>25",
        "avgtemp > 0",
        "-avgtemp",
        "",
    )
    .unwrap();
    assert_eq!(table.names(), ["rootname", "avgtemp", "hot"]);
    assert_eq!(table.reals("avgtemp").unwrap(), [27.0, 17.5]);
    assert_eq!(
        table.column("hot").unwrap().data(),
        &ColumnData::Logical(vec![true, false])
    );
    let table = made("*,n=n*10,t=upper(rootname)", "", "", "").unwrap();
    assert_eq!(
        table.names(),
        [
            "rootname", "filter1", "mdecodt1", "mdecodt2", "big", "pair", "n", "t"
        ]
    );
    assert_eq!(table.integers("n").unwrap(), [30, 10, 20, 10]);
    let nulls = made("x=mdecodt2+1", "", "", "").unwrap();
    assert_eq!(
        nulls.column("x").unwrap().null_mask(),
        Some(&[false, false, false, true][..])
    );
}

#[test]
fn what_does_not_fit_is_the_callers_to_mend() {
    for (columns, filter, sort, rows) in [
        ("absent", "", "", ""),
        ("x=absent+1", "", "", ""),
        ("x=pair+1", "", "", ""),
        ("", "n + 1", "", ""),
        ("", "n >", "", ""),
        ("", "", "absent", ""),
        ("", "", "pair", ""),
        ("", "", "", "a:b"),
        ("", "", "", ""),
    ] {
        let made = made(columns, filter, sort, rows);
        if [columns, filter, sort, rows].concat().is_empty() {
            assert!(made.is_ok());
            continue;
        }
        let error = made.unwrap_err();
        assert_eq!(error.class(), ErrorClass::Usage, "{error}");
    }
}

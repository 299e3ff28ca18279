//! Tables as text: what is written reads back, what others write is read, damage is an error.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use firstlight_frame::table::{Cells, Column, ColumnData, Table, TableFormat, TextError, parse, to_text};
use proptest::prelude::*;

const TYPED: [TableFormat; 2] = [TableFormat::Ecsv, TableFormat::Json];
const UNTYPED: [TableFormat; 3] = [
    TableFormat::Csv,
    TableFormat::FixedWidth,
    TableFormat::FixedWidthTwoLine,
];

fn table(columns: Vec<Column>) -> Table {
    columns.into_iter().try_fold(Table::new(), Table::with).unwrap()
}

fn back(table: &Table, format: TableFormat) -> Table {
    let text = to_text(table, format).unwrap();
    parse(&text, format).unwrap_or_else(|e| panic!("{e}\n{text}"))
}

/// Equal in names, units, types, nulls and bits; NaN equals NaN, and an empty text a null.
fn assert_same(a: &Table, b: &Table, units: bool) {
    assert_eq!(a.names(), b.names());
    assert_eq!(a.rows(), b.rows());
    for (a, b) in a.columns().iter().zip(b.columns()) {
        assert_eq!(a.cells(), b.cells(), "{}", a.name());
        if units {
            assert_eq!(a.unit_text(), b.unit_text());
            assert_eq!(a.description_text(), b.description_text());
            assert_eq!(a.data().type_name(), b.data().type_name(), "{}", a.name());
        }
        for i in 0..a.data().len() {
            let absent = |c: &Column| {
                c.is_null(i) || c.data().text(i) == Some("") || c.data().real(i).is_some_and(f64::is_nan)
            };
            if absent(a) || absent(b) {
                assert!(absent(a) && absent(b), "{}[{i}]", a.name());
                continue;
            }
            match (a.data().real(i), b.data().real(i)) {
                (Some(x), Some(y)) => assert_eq!(x.to_bits(), y.to_bits(), "{}[{i}]: {x} {y}", a.name()),
                _ => assert_eq!(a.data().text(i), b.data().text(i), "{}[{i}]", a.name()),
            }
        }
    }
}

fn every_type() -> Table {
    use ColumnData as D;
    let array = |name, shape, data| Column::array(name, shape, data).unwrap();
    table(vec![
        Column::logical("flag", vec![true, false, true]).nulls(vec![false, false, true]),
        Column::i16("i16", vec![i16::MIN, 0, i16::MAX]).unit("DN"),
        Column::u8("u8", vec![0, 1, 255]).nulls(vec![true, false, false]),
        Column::i64("i64", vec![i64::MIN, 0, i64::MAX]),
        Column::u64("u64", vec![u64::MAX, 0, 1]),
        Column::f32("f32", vec![0.1, f32::NAN, f32::MAX])
            .unit("electron / s")
            .description("a: b, 'c'"),
        Column::f64("f64", vec![1.0 / 3.0, f64::INFINITY, -5e-324])
            .unit("1/s")
            .display("F8.3"),
        Column::text("a name", ["plain", "two words, \"quoted\"", "#hash\nline"]),
        array(
            "pairs",
            vec![2, 2],
            D::F32((0..12).map(|n| n as f32 / 3.0).collect()),
        ),
        array(
            "texts",
            vec![2],
            D::Text(["a", "b c", "d\"e", "", "é", ","].map(str::to_owned).to_vec()),
        ),
        array(
            "bits",
            vec![2],
            D::Bits(vec![true, false, false, true, true, true]),
        ),
        Column::ragged("ragged", vec![0, 2, 2, 3], D::I32(vec![1, -2, 3])).unwrap(),
    ])
}

#[test]
fn typed_formats_keep_every_type() {
    for format in TYPED {
        let (mut expected, mut found) = (every_type(), back(&every_type(), format));
        if format == TableFormat::Ecsv {
            // ECSV knows neither bits nor the width of a display format.
            assert_eq!(found.column("f64").unwrap().display_format(), Some("F11.3"));
            assert_eq!(found.remove("bits").unwrap().data().type_name(), "bool");
            expected.remove("bits").unwrap();
        }
        assert_same(&expected, &found, true);
    }
    let complex = table(vec![Column::complex64("z", vec![[1.5, -2.0], [0.0, 1e-9]])]);
    for format in TYPED {
        assert_eq!(back(&complex, format).columns(), complex.columns());
    }
}

#[test]
fn tables_without_rows_keep_their_columns() {
    let empty = every_type().take(&[]);
    for format in TYPED {
        let found = back(&empty, format);
        assert_eq!(found.names(), empty.names());
        assert_eq!(found.rows(), 0);
    }
    let empty = table(vec![
        Column::f64("a", vec![]),
        Column::text("b", Vec::<String>::new()),
    ]);
    for format in UNTYPED {
        assert_eq!(back(&empty, format).names(), ["a", "b"]);
    }
}

#[test]
fn arrays_are_refused_where_they_cannot_stand() {
    for format in UNTYPED {
        let error = to_text(&every_type(), format).unwrap_err();
        assert!(
            matches!(error, TextError::Cell { ref column, .. } if column == "pairs"),
            "{error}"
        );
    }
    let broken = table(vec![Column::text("a", ["x\ny"])]);
    assert!(to_text(&broken, TableFormat::FixedWidth).is_err());
    assert!(to_text(&table(vec![Column::text("a|b", ["x"])]), TableFormat::FixedWidth).is_err());
}

#[test]
fn types_are_told_from_cells() {
    let text = "rootname,n,t,ok,id,none\nj1,1,17.25,True,99999999999999999999,\nj2,,nan,False,1,\n";
    let found = parse(text, TableFormat::Csv).unwrap();
    let types: Vec<_> = found.columns().iter().map(|c| c.data().type_name()).collect();
    assert_eq!(types, ["text", "int64", "float64", "bool", "text", "text"]);
    assert!(found.column("n").unwrap().is_null(1));
    assert!(!found.column("t").unwrap().is_null(1));
    assert!(found.column("none").unwrap().is_null(0));
    assert_eq!(
        parse("a,a,\n1,2,3\n", TableFormat::Csv).unwrap().names(),
        ["a", "a_1", "col3"]
    );
}

#[test]
fn fixed_width_variants_are_read() {
    let expected = [("F115LP", 17.25), ("F165LP long", 25.5)];
    for (text, format) in [
        (
            "| filter1     | t1    |\n| F115LP      | 17.25 |\n| F165LP long |  25.5 |\n",
            TableFormat::FixedWidth,
        ),
        (
            "  |  filter1     |t1    |\n  | F115LP       |17.25 |\n  | F165LP long  | 25.5 |\n",
            TableFormat::FixedWidth,
        ),
        (
            "filter1     | t1\nF115LP        17.25\nF165LP long   25.5\n",
            TableFormat::FixedWidth,
        ),
        (
            "\r\n| filter1     | t1    |\r\n| F115LP      | 17.25 |\r\n| F165LP long |  25.5 |\r\n",
            TableFormat::FixedWidth,
        ),
        (
            "filter1        t1\n=========== =====\nF115LP      17.25\nF165LP long  25.5",
            TableFormat::FixedWidthTwoLine,
        ),
        (
            "|  filter1   | t1    |\n|------------|-------|\n| F115LP     | 17.25 |\n|F165LP long |  25.5 |",
            TableFormat::FixedWidthTwoLine,
        ),
        (
            "| F115LP      | 17.25 |\n| F165LP long |  25.5 |\n",
            TableFormat::FixedWidthNoHeader,
        ),
    ] {
        let found = parse(text, format).unwrap();
        let names = if format == TableFormat::FixedWidthNoHeader {
            ["col1", "col2"]
        } else {
            ["filter1", "t1"]
        };
        assert_eq!(found.names(), names, "{text}");
        assert_eq!(
            found.texts(names[0]).unwrap(),
            expected.map(|(f, _)| f.to_owned()),
            "{text}"
        );
        assert_eq!(found.reals(names[1]).unwrap(), expected.map(|(_, t)| t), "{text}");
    }
    let bar = parse("| é  | b   |\n| ü| | 1   |\n", TableFormat::FixedWidth).unwrap();
    assert_eq!(bar.texts("é").unwrap(), ["ü|"]);
}

#[test]
fn plain_columns_are_read() {
    let found = parse(
        "# name  x\nM31  10.5\n# a remark\n\"NGC 1\"\t2\n",
        TableFormat::Columns,
    )
    .unwrap();
    assert_eq!(found.names(), ["name", "x"]);
    assert_eq!(found.texts("name").unwrap(), ["M31", "NGC 1"]);
    let found = parse("#name x\nM31 1\n", TableFormat::Columns).unwrap();
    assert_eq!(found.names(), ["name", "x"]);
}

#[test]
fn damaged_texts_are_errors() {
    use TableFormat as F;
    for (text, format) in [
        ("", F::Csv),
        ("", F::FixedWidth),
        ("\n\n", F::FixedWidth),
        ("a,b\n1,2,3\n", F::Csv),
        ("a b\n- -\n", F::FixedWidth),
        ("a b\n1 2\n", F::FixedWidthTwoLine),
        ("a b\n1 2 3\n", F::Columns),
        ("a b\n\"1 2\n", F::Columns),
        ("", F::Ecsv),
        ("a b\n1 2\n", F::Ecsv),
        (
            "# %ECSV 1.0\n# ---\n# datatype:\n# - {name: a, datatype: int16}\nb\n1\n",
            F::Ecsv,
        ),
        (
            "# %ECSV 1.0\n# ---\n# datatype:\n# - {name: a, datatype: int16}\na\n70000\n",
            F::Ecsv,
        ),
        (
            "# %ECSV 1.0\n# ---\n# datatype:\n# - {name: a, datatype: int16}\na\n1 2\n",
            F::Ecsv,
        ),
        (
            "# %ECSV 1.0\n# ---\n# datatype:\n# - {name: a, datatype: marble}\na\n1\n",
            F::Ecsv,
        ),
        (
            "# %ECSV 1.0\n# ---\n# datatype:\n# - {name: a, datatype: string, subtype: 'int8[2]'}\na\n[1]\n",
            F::Ecsv,
        ),
        (
            "# %ECSV 1.0\n# ---\n# datatype:\n# - {name: a, datatype: string, subtype: 'int8[2]'}\na\n[1,2\n",
            F::Ecsv,
        ),
        ("# %ECSV 1.0\n# ---\n# datatype: [\na\n1\n", F::Ecsv),
        ("{}", F::Json),
        ("[", F::Json),
        (
            "{\"columns\": [{\"name\": \"a\", \"type\": \"int16\", \"values\": [1.5]}]}",
            F::Json,
        ),
    ] {
        assert!(parse(text, format).is_err(), "{format:?}: {text}");
    }
}

#[test]
fn ecsv_of_others_is_read() {
    let text = "# %ECSV 1.0\n# ---\n# delimiter: ','\n# datatype:\n# - name: a\n#   unit: km / s\n#   datatype: float32\n\
                # - {name: 'b: c', datatype: string}\n# - {name: v, datatype: string, subtype: 'float64[null]'}\n\
                # meta: !!omap\n# - comments: [one, two]\na,\"b: c\",v\n1.5, \"x, y\" ,\"[1, NaN, null]\"\n,,[]\n";
    let found = parse(text, TableFormat::Ecsv).unwrap();
    assert_eq!(found.names(), ["a", "b: c", "v"]);
    assert_eq!(found.column("a").unwrap().unit_text(), Some("km / s"));
    assert!(found.column("a").unwrap().is_null(1));
    assert_eq!(found.texts("b: c").unwrap()[0], "x, y");
    let ragged = found.column("v").unwrap();
    assert_eq!(*ragged.cells(), Cells::Ragged(vec![0, 3, 3]));
    assert!(ragged.is_null(2) && !ragged.is_null(1));
}

fn numbers() -> impl Strategy<Value = Vec<(f64, i64, bool)>> {
    prop::collection::vec((any::<f64>(), any::<i64>(), any::<bool>()), 1..20)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn numbers_and_words_read_back(rows in numbers(), words in prop::collection::vec("[ -{}~]{0,8}x", 20)) {
        let nulls: Vec<bool> = rows.iter().map(|r| r.2).collect();
        let written = table(vec![
            // Two rows of NaN alone would read as text of nulls; a number makes it a column of numbers.
            Column::f64("x", rows.iter().map(|r| if r.0.is_nan() { 0.5 } else { r.0 }).collect()),
            Column::i64("n", rows.iter().map(|r| r.1).collect()).nulls(nulls),
            Column::text("word", words.iter().take(rows.len()).map(|w| w.trim().to_owned())),
        ]);
        for format in UNTYPED {
            let found = back(&written, format);
            assert_same(&written, &found, false);
        }
        for format in TYPED {
            let found = back(&written, format);
            assert_same(&written, &found, true);
        }
    }

    #[test]
    fn any_text_reads_back_from_typed_formats(cells in prop::collection::vec(any::<String>(), 1..6), name in "\\PC{1,12}") {
        prop_assume!(!name.trim().is_empty());
        let written = table(vec![Column::text(name.trim(), cells)]);
        for format in TYPED {
            let found = back(&written, format);
            assert_same(&written, &found, true);
        }
    }

    #[test]
    fn no_text_makes_a_reader_panic(text in "(# %ECSV 1.0\n# ---\n# datatype:\n# - \\{name: a, datatype: int64\\}\n)?[-ab1| ,\"'\n=#\\[\\]{}:é.]{0,60}") {
        for format in TYPED.into_iter().chain(UNTYPED).chain([TableFormat::Columns, TableFormat::FixedWidthNoHeader]) {
            let _ = parse(&text, format);
        }
    }
}

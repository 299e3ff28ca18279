//! Tables: every type of column, written and read.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use firstlight_fits::table::Cells;
use firstlight_fits::{Column, ColumnData, Error, FitsFile, FitsWriter, Header, Overwrite, Table, Verdict};

fn through_a_file(table: &Table) -> (Table, Header) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.fits");
    let mut writer = FitsWriter::create(&path, Overwrite::Refuse)
        .unwrap()
        .with_checksums(true);
    let mut header = Header::new();
    header.set("EXTNAME", "CAT", None).unwrap();
    header.set("TTYPE1", "stale", None).unwrap();
    writer.table(&header, table).unwrap();
    writer.finish().unwrap();
    let file = FitsFile::open(&path).unwrap();
    for hdu in 0..2 {
        let sums = file.checksums(hdu).unwrap();
        assert_eq!((sums.hdu, sums.data), (Verdict::Correct, Verdict::Correct));
    }
    (
        file.table("CAT").unwrap(),
        file.hdu("CAT").unwrap().header().clone(),
    )
}

#[test]
fn every_type_comes_back() {
    let table = Table::new()
        .with(Column::logical("L", vec![true, false, true]).nulls(vec![false, false, false]))
        .unwrap()
        .with(Column::u8("B", vec![0, 1, 255]))
        .unwrap()
        .with(Column::i8("SB", vec![-128, 0, 127]))
        .unwrap()
        .with(Column::i16("I", vec![-32768, 0, 32767]))
        .unwrap()
        .with(Column::u16("UI", vec![0, 32768, 65535]))
        .unwrap()
        .with(Column::i32("J", vec![i32::MIN, 0, i32::MAX]).unit("count"))
        .unwrap()
        .with(Column::u32("UJ", vec![0, 1 << 31, u32::MAX]))
        .unwrap()
        .with(Column::i64("K", vec![i64::MIN, 0, i64::MAX]))
        .unwrap()
        .with(Column::u64("UK", vec![0, 1 << 63, u64::MAX]))
        .unwrap()
        .with(Column::f32("E", vec![1.5, -0.0, f32::INFINITY]))
        .unwrap()
        .with(
            Column::f64("D", vec![0.1, 1e300, -1.0])
                .unit("deg")
                .display("F12.6"),
        )
        .unwrap()
        .with(Column::complex32("C", vec![[1.0, 2.0], [0.0, -1.0], [3.0, 4.0]]))
        .unwrap()
        .with(Column::complex64("M", vec![[1.0, 2.0], [0.0, -1.0], [3.0, 4.0]]))
        .unwrap()
        .with(Column::text("A", ["short", "", "rather longer"]))
        .unwrap();
    let (back, header) = through_a_file(&table);
    assert_eq!(back.names(), table.names());
    assert_eq!(back.rows(), 3);
    for (column, original) in back.columns().iter().zip(table.columns()) {
        assert_eq!(column.data(), original.data(), "{}", original.name());
        assert_eq!(column.unit_text(), original.unit_text());
        assert_eq!(column.display_format(), original.display_format());
        assert_eq!(column.null_mask(), None);
    }
    assert_eq!(header.text("TFORM14").as_deref(), Some("13A"));
    assert_eq!(header.all("TTYPE1").count(), 1);
}

#[test]
fn nulls_come_back_and_take_no_value_that_is_used() {
    let nulls = || vec![false, true, false];
    let table = Table::new()
        .with(Column::i16("I", vec![-32768, 7, 5]).nulls(nulls()))
        .unwrap()
        .with(Column::u16("UI", vec![0, 7, 5]).nulls(nulls()))
        .unwrap()
        .with(Column::u8("B", vec![0, 7, 1]).nulls(nulls()))
        .unwrap()
        .with(Column::f64("D", vec![1.0, 2.0, 3.0]).nulls(nulls()))
        .unwrap()
        .with(Column::logical("L", vec![true, true, false]).nulls(nulls()))
        .unwrap();
    let (back, header) = through_a_file(&table);
    assert_eq!(header.integer("TNULL1"), Some(-32767));
    assert_eq!(header.integer("TNULL3"), Some(2));
    for name in ["I", "UI", "B", "L"] {
        assert_eq!(
            back.column(name).unwrap().null_mask(),
            Some(nulls().as_slice()),
            "{name}"
        );
    }
    let reals = back.reals("D").unwrap();
    assert!(reals[1].is_nan() && reals[0] == 1.0);
    assert!(back.reals("UI").unwrap()[1].is_nan());
    assert!(back.integers("I").is_err());
}

#[test]
fn arrays_strings_in_arrays_bits_and_varying_lengths_come_back() {
    let bits: Vec<bool> = (0..22).map(|i| i % 3 == 0).collect();
    let words = ["a", "bb", "ccc", "", "e", "f", "g", "hh"]
        .map(str::to_owned)
        .to_vec();
    let table = Table::new()
        .with(
            Column::array(
                "V",
                vec![2, 3],
                ColumnData::F32((0..12).map(|v| v as f32).collect()),
            )
            .unwrap(),
        )
        .unwrap()
        .with(Column::array("X", vec![11], ColumnData::Bits(bits)).unwrap())
        .unwrap()
        .with(Column::array("W", vec![4], ColumnData::Text(words)).unwrap())
        .unwrap()
        .with(Column::ragged("P", vec![0, 3, 3], ColumnData::I32(vec![1, 2, 3])).unwrap())
        .unwrap()
        .with(Column::ragged("PX", vec![0, 1, 10], ColumnData::Bits(vec![true; 10])).unwrap())
        .unwrap()
        .with(Column::ragged("PD", vec![0, 0, 2], ColumnData::F64(vec![0.5, 0.25])).unwrap())
        .unwrap();
    let (back, header) = through_a_file(&table);
    for (column, original) in back.columns().iter().zip(table.columns()) {
        assert_eq!(
            (column.cells(), column.data()),
            (original.cells(), original.data()),
            "{}",
            original.name()
        );
    }
    assert_eq!(header.text("TDIM1").as_deref(), Some("(3,2)"));
    assert_eq!(header.text("TFORM4").as_deref(), Some("1PJ(3)"));
    assert_eq!(back.column("P").unwrap().elements(0), 0..3);
    assert_eq!(back.column("P").unwrap().elements(1), 3..3);
    let turned = back.take(&[1, 0, 1]);
    assert_eq!(turned.rows(), 3);
    assert_eq!(
        turned.column("P").unwrap().cells(),
        &Cells::Ragged(vec![0, 0, 3, 3])
    );
    let mut twice = back.clone();
    twice.append(&back).unwrap();
    assert_eq!(
        twice.column("PD").unwrap().cells(),
        &Cells::Ragged(vec![0, 0, 2, 2, 4])
    );
    assert_eq!(twice.rows(), 4);
}

#[test]
fn tables_that_do_not_fit_are_refused() {
    let table = Table::new().with(Column::i16("A", vec![1, 2])).unwrap();
    assert!(matches!(
        table.clone().with(Column::i16("B", vec![1])),
        Err(Error::WrongShape { .. })
    ));
    assert!(matches!(
        table.clone().with(Column::i16("a", vec![1, 2])),
        Err(Error::Unwritable { .. })
    ));
    assert!(matches!(table.column("C"), Err(Error::NoSuchColumn { .. })));
    assert!(matches!(table.texts("A"), Err(Error::WrongColumn { .. })));
    assert!(Column::array("V", vec![3], ColumnData::U8(vec![1, 2])).is_err());
    assert!(Column::ragged("V", vec![0, 5], ColumnData::U8(vec![1, 2])).is_err());
    let all = Column::u8("ALL", (0..=255).chain([0]).collect()).nulls((0..257).map(|i| i == 256).collect());
    let folder = tempfile::tempdir().unwrap();
    let mut writer = FitsWriter::create(folder.path().join("x.fits"), Overwrite::Refuse).unwrap();
    let error = writer
        .table(&Header::new(), &Table::new().with(all).unwrap())
        .unwrap_err();
    assert!(matches!(error.situation(), Error::Unwritable { .. }));
}

#[test]
fn empty_tables_come_back() {
    let table = Table::new()
        .with(Column::f64("D", vec![]))
        .unwrap()
        .with(Column::text("A", [""; 0]))
        .unwrap();
    let (back, _) = through_a_file(&table);
    assert_eq!((back.rows(), back.names()), (0, vec!["D", "A"]));
    assert_eq!(through_a_file(&Table::new()).0.rows(), 0);
}

/// A file with one extension of these cards and data.
fn file_of(cards: &[&str], data: &[u8], fill: u8) -> FitsFile {
    let mut bytes = Vec::new();
    let mut header = |cards: &[&str]| {
        for card in cards.iter().chain(&["END"]) {
            bytes.extend(format!("{card:<80}").into_bytes());
        }
        bytes.resize(bytes.len().next_multiple_of(2880), b' ');
    };
    header(&["SIMPLE  = T", "BITPIX  = 8", "NAXIS   = 0"]);
    header(cards);
    bytes.extend_from_slice(data);
    bytes.resize(bytes.len().next_multiple_of(2880), fill);
    FitsFile::from_bytes("t.fits", bytes).unwrap()
}

#[test]
fn ascii_tables_are_read() {
    let rows = b"  12 1.50D+01NGC 104 \
                 -999         M 31    ";
    let file = file_of(
        &[
            "XTENSION= 'TABLE   '",
            "BITPIX  = 8",
            "NAXIS   = 2",
            "NAXIS1  = 21",
            "NAXIS2  = 2",
            "PCOUNT  = 0",
            "GCOUNT  = 1",
            "TFIELDS = 3",
            "TBCOL1  = 1",
            "TFORM1  = 'I4'",
            "TTYPE1  = 'N'",
            "TNULL1  = '-999'",
            "TBCOL2  = 5",
            "TFORM2  = 'D9.2'",
            "TTYPE2  = 'X'",
            "TUNIT2  = 'pix'",
            "TBCOL3  = 14",
            "TFORM3  = 'A8'",
            "TTYPE3  = 'NAME'",
        ],
        rows,
        b' ',
    );
    let table = file.table(1).unwrap();
    assert_eq!(table.column("N").unwrap().data(), &ColumnData::I16(vec![12, 0]));
    assert_eq!(
        table.column("N").unwrap().null_mask(),
        Some([false, true].as_slice())
    );
    assert_eq!(
        table.column("X").unwrap().data(),
        &ColumnData::F64(vec![15.0, 0.0])
    );
    assert_eq!(table.column("X").unwrap().unit_text(), Some("pix"));
    assert_eq!(table.texts("NAME").unwrap(), ["NGC 104", "M 31"]);
    assert_eq!(file.summaries()[1].format, "[I4, D9.2, A8]");
}

#[test]
fn scaled_columns_and_substrings_are_read() {
    let mut data = vec![];
    for (n, text) in [(3i16, b"one  two  "), (-1, b"threefour ")] {
        data.extend(n.to_be_bytes());
        data.extend_from_slice(text);
    }
    let cards = [
        "XTENSION= 'BINTABLE'",
        "BITPIX  = 8",
        "NAXIS   = 2",
        "NAXIS1  = 12",
        "NAXIS2  = 2",
        "PCOUNT  = 0",
        "GCOUNT  = 1",
        "TFIELDS = 2",
        "TFORM1  = 'I'",
        "TTYPE1  = 'S'",
        "TSCAL1  = 0.5",
        "TZERO1  = 10.0",
        "TNULL1  = -1",
        "TFORM2  = '10A:5'",
        "TTYPE2  = 'T'",
    ];
    let table = file_of(&cards, &data, 0).table(1).unwrap();
    let ColumnData::F64(values) = table.column("S").unwrap().data() else {
        panic!("not scaled")
    };
    assert_eq!(values[0], 11.5);
    assert!(values[1].is_nan());
    let words = table.column("T").unwrap();
    assert_eq!(words.cells(), &Cells::Array(vec![2]));
    assert_eq!(words.texts().unwrap(), ["one", "two", "three", "four"]);
}

#[test]
fn descriptors_that_point_outside_are_errors() {
    let cards = [
        "XTENSION= 'BINTABLE'",
        "BITPIX  = 8",
        "NAXIS   = 2",
        "NAXIS1  = 8",
        "NAXIS2  = 1",
        "PCOUNT  = 8",
        "GCOUNT  = 1",
        "TFIELDS = 1",
        "TFORM1  = '1PJ(2)'",
        "TTYPE1  = 'P'",
    ];
    let with = |count: u32, offset: u32| {
        let mut data = [count.to_be_bytes(), offset.to_be_bytes()].concat();
        data.extend([0, 0, 0, 1, 0, 0, 0, 2]);
        file_of(&cards, &data, 0).table(1)
    };
    assert_eq!(
        with(2, 0).unwrap().column("P").unwrap().data(),
        &ColumnData::I32(vec![1, 2])
    );
    assert_eq!(with(0, 999).unwrap().column("P").unwrap().data().len(), 0);
    for (count, offset) in [(2, 4), (3, 0), (u32::MAX, 0), (1, u32::MAX)] {
        let error = with(count, offset).unwrap_err();
        assert!(matches!(error.situation(), Error::Damaged { .. }), "{error}");
        assert!(error.to_string().contains("t.fits[1]"), "{error}");
    }
}

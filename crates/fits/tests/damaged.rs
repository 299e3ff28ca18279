//! Damaged files: an error or other values, never a panic, and no more memory than the file accounts for.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use firstlight_fits::{
    Array, Card, Column, ColumnData, FitsFile, FitsWriter, HduKind, Header, Overwrite, Table, Value,
};
use proptest::prelude::*;

/// Small files of every kind.
fn seeds() -> Vec<Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("seed.fits");
    let mut writer = FitsWriter::create(&path, Overwrite::Refuse)
        .unwrap()
        .with_checksums(true);
    let mut header = Header::new();
    header.set("EXTNAME", "SCI", None).unwrap();
    header
        .set("LONG", "a string that goes on ".repeat(8), Some("and on"))
        .unwrap();
    header.set("HIERARCH ESO DET ID", 1, None).unwrap();
    writer
        .image(&header, &Array::new(vec![6, 7], (0..42u16).collect()).unwrap())
        .unwrap();
    writer.constant(&header, (3, 4), 1.5, -32).unwrap();
    let table = Table::new()
        .with(Column::array("V", vec![2, 2], ColumnData::F32(vec![1.0; 8])).unwrap())
        .unwrap()
        .with(Column::ragged("P", vec![0, 2, 5], ColumnData::I16(vec![1, 2, 3, 4, 5])).unwrap())
        .unwrap()
        .with(Column::text("T", ["one", "two"]).unit("m"))
        .unwrap()
        .with(Column::u16("N", vec![1, 2]).nulls(vec![true, false]))
        .unwrap();
    writer.table(&header, &table).unwrap();
    writer.finish().unwrap();
    let mut seeds = vec![std::fs::read(&path).unwrap()];

    let mut ascii = Vec::new();
    for cards in [
        vec!["SIMPLE  = T", "BITPIX  = 8", "NAXIS   = 0", "END"],
        vec![
            "XTENSION= 'TABLE   '",
            "BITPIX  = 8",
            "NAXIS   = 2",
            "NAXIS1  = 13",
            "NAXIS2  = 2",
            "PCOUNT  = 0",
            "GCOUNT  = 1",
            "TFIELDS = 2",
            "TBCOL1  = 1",
            "TFORM1  = 'I4'",
            "TBCOL2  = 5",
            "TFORM2  = 'E9.2'",
            "END",
        ],
    ] {
        ascii.extend(cards.iter().flat_map(|card| format!("{card:<80}").into_bytes()));
        ascii.resize(ascii.len().next_multiple_of(2880), b' ');
    }
    ascii.extend_from_slice(b"  12 1.50E+01-999         ");
    ascii.resize(ascii.len().next_multiple_of(2880), b' ');
    seeds.push(ascii);

    use fits_well::compress::{Compression, CompressionConfig, Dither, DitherSeed, Quantization};
    use fits_well::image::{Data, Image, Scaling};
    let integers = Data::I32((0..600).map(|i| (i * 7919) % 1000).collect());
    let floats = Data::F32((0..600).map(|i| ((i * 7919) % 1000) as f32 / 9.0).collect());
    let dither = Dither::Subtractive1(DitherSeed::FROM_SAMPLES);
    let quantized = Quantization::relative(16.0, dither).unwrap();
    for (data, config) in [
        (&integers, CompressionConfig::new(Compression::Rice)),
        (&integers, CompressionConfig::new(Compression::GZIP)),
        (&integers, CompressionConfig::new(Compression::GZIP_SHUFFLED)),
        (&integers, CompressionConfig::new(Compression::Plio)),
        (
            &floats,
            CompressionConfig::new(Compression::Rice).with_quantization(quantized),
        ),
    ] {
        let image = Image::new(vec![30, 20], data.clone(), Scaling::IDENTITY).unwrap();
        let mut writer = fits_well::FitsWriter::new(std::io::Cursor::new(Vec::new()));
        writer
            .write_compressed_image(image.view(), &config, None)
            .unwrap();
        seeds.push(writer.into_inner().into_inner());
    }
    seeds
}

/// Reads everything there is.
fn read_all(bytes: Vec<u8>) {
    let Ok(file) = FitsFile::from_bytes("damaged.fits", bytes) else {
        return;
    };
    let _ = file.summaries();
    for hdu in file.hdus() {
        let _ = file.checksums(hdu.index());
        let _ = file.pixels(hdu.index());
        let _ = file.image::<f32>(hdu.index());
        let _ = file.image::<u8>(hdu.index());
        let _ = file.image_rows::<f64>(hdu.index(), 1..2);
        if let Ok(table) = file.table(hdu.index()) {
            for column in table.columns() {
                let _ = (
                    column.reals(),
                    column.integers(),
                    column.elements(1),
                    column.take(&[1, 0, 9]),
                );
            }
        }
        for card in hdu.header().cards() {
            let _ = (card.value(), card.comment(), card.record(), card.keyword());
        }
        if hdu.kind() == HduKind::Other {
            let _ = file.data_bytes(hdu.index());
        }
    }
}

/// A generator whose numbers are the same on every run.
fn random(state: &mut u64) -> usize {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    (*state >> 16) as usize
}

#[test]
fn changed_bytes_never_panic() {
    let numbers: [&[u8]; 8] = [
        b"-1",
        b"0",
        b"9999999999",
        b"2147483648",
        b"1E9",
        b"'",
        b"T",
        b"-9223372036854775808",
    ];
    let mut state = 0x9e37_79b9_7f4a_7c15;
    for seed in seeds() {
        read_all(seed.clone());
        for _ in 0..400 {
            let mut bytes = seed.clone();
            for _ in 0..=random(&mut state) % 4 {
                let at = random(&mut state) % bytes.len();
                match random(&mut state) % 4 {
                    0 => bytes[at] = random(&mut state) as u8,
                    1 => bytes[at] ^= 1 << (random(&mut state) % 8),
                    2 => {
                        // A number in the place of a card's value.
                        let at = at / 80 * 80 + 10;
                        let number = numbers[random(&mut state) % numbers.len()];
                        if let Some(field) = bytes.get_mut(at..at + 22) {
                            field.fill(b' ');
                            field[1..=number.len()].copy_from_slice(number);
                        }
                    }
                    _ => bytes.truncate(at.max(1)),
                }
            }
            read_all(bytes);
        }
    }
}

#[test]
fn a_compressed_image_of_countless_axes_is_the_table_that_it_is() {
    let seed = seeds().pop().unwrap();
    let card = seed
        .chunks_exact(80)
        .position(|card| card.starts_with(b"ZNAXIS  ="))
        .unwrap()
        * 80;
    let mut bytes = seed;
    bytes[card + 10..card + 32].copy_from_slice(b"   9223372036854775807");
    let file = FitsFile::from_bytes("x.fits", bytes).unwrap();
    assert_eq!(file.hdus().last().unwrap().kind(), HduKind::BinTable);
}

#[test]
fn tables_that_claim_rows_of_no_bytes_are_refused() {
    for form in ["0A", "0J"] {
        let mut bytes = Vec::new();
        for cards in [
            vec![
                "SIMPLE  = T".to_owned(),
                "BITPIX  = 8".to_owned(),
                "NAXIS   = 0".to_owned(),
                "END".to_owned(),
            ],
            vec![
                "XTENSION= 'BINTABLE'".to_owned(),
                "BITPIX  = 8".to_owned(),
                "NAXIS   = 2".to_owned(),
                "NAXIS1  = 0".to_owned(),
                "NAXIS2  = 999999999999".to_owned(),
                "PCOUNT  = 0".to_owned(),
                "GCOUNT  = 1".to_owned(),
                "TFIELDS = 1".to_owned(),
                format!("TFORM1  = '{form}'"),
                "END".to_owned(),
            ],
        ] {
            bytes.extend(cards.iter().flat_map(|card| format!("{card:<80}").into_bytes()));
            bytes.resize(bytes.len().next_multiple_of(2880), b' ');
        }
        assert!(FitsFile::from_bytes("x.fits", bytes).unwrap().table(1).is_err());
    }
}

fn parsed(card: &Card) -> Card {
    let mut bytes = card.raw().to_vec();
    bytes.extend(format!("{:<80}", "END").into_bytes());
    Header::parse(&bytes).unwrap().cards()[0].clone()
}

proptest! {
    #[test]
    fn cards_of_text_come_back(keyword in "[A-Z][A-Z0-9_-]{0,7}", text in "[ -~]{0,300}", comment in "[!-~]{0,10}") {
        prop_assume!(!["COMMENT", "HISTORY", "CONTINUE", "END", "HIERARCH"].contains(&keyword.as_str()));
        let card = Card::new(&keyword, text.as_str(), Some(comment.as_str())).unwrap();
        let read = parsed(&card);
        prop_assert_eq!(read.raw(), card.raw());
        prop_assert_eq!(read.keyword(), keyword);
        // Blanks at the end of a string do not count, and a final `&` would ask for a CONTINUE record.
        if !text.trim_end().ends_with('&') {
            prop_assert_eq!(read.value().unwrap(), Some(Value::Text(text.trim_end().to_owned())));
        }
    }

    #[test]
    fn cards_of_numbers_come_back(real in any::<f64>(), integer in any::<i64>()) {
        prop_assert_eq!(parsed(&Card::new("N", integer, None).unwrap()).value().unwrap(), Some(Value::Integer(integer)));
        if real.is_finite() {
            let Some(Value::Real(read)) = parsed(&Card::new("R", real, None).unwrap()).value().unwrap() else {
                panic!("not a real");
            };
            // Twenty characters hold 13 digits at least.
            prop_assert!((read - real).abs() <= real.abs() * 1e-12);
        }
    }

    #[test]
    fn any_bytes_are_an_error_or_a_header(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let mut file = b"SIMPLE  =                    T".to_vec();
        file.resize(80, b' ');
        file.extend(&bytes);
        file.resize(2800, b' ');
        file.extend(format!("{:<80}", "END").into_bytes());
        read_all(file);
        read_all(bytes);
    }
}

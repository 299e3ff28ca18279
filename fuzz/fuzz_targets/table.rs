//! Any cards and data as a binary table: the first line of the input is its TFORM, TDIM, TSCAL….
#![no_main]

use firstlight_fits::FitsFile;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let split = bytes.iter().position(|&b| b == b'\n').unwrap_or(bytes.len());
    let (forms, data) = bytes.split_at(split);
    let data = data.get(1..).unwrap_or_default();
    let row_bytes = usize::from(data.first().copied().unwrap_or(1));
    let rows = if row_bytes == 0 { 3 } else { data.len() / row_bytes / 2 };
    let heap = data.len() - rows * row_bytes;
    let forms: Vec<String> = forms.split(|&b| b == b';').map(|f| String::from_utf8_lossy(f).into_owned()).collect();
    let mut cards = vec![
        "XTENSION= 'BINTABLE'".to_owned(),
        "BITPIX  = 8".to_owned(),
        "NAXIS   = 2".to_owned(),
        format!("NAXIS1  = {row_bytes}"),
        format!("NAXIS2  = {rows}"),
        format!("PCOUNT  = {heap}"),
        "GCOUNT  = 1".to_owned(),
        format!("TFIELDS = {}", forms.len().min(99)),
    ];
    for (number, form) in (1..100).zip(&forms) {
        let mut parts = form.split('|');
        for keyword in ["TFORM", "TDIM", "TSCAL", "TZERO", "TNULL"] {
            if let Some(part) = parts.next().filter(|part| part.is_ascii() && !part.is_empty()) {
                let quote = if keyword == "TFORM" || keyword == "TDIM" { "'" } else { "" };
                cards.push(format!("{:<8}= {quote}{part}{quote}", format!("{keyword}{number}")));
            }
        }
    }
    cards.push("END".to_owned());
    let mut file = Vec::new();
    let mut header = |cards: &[String]| {
        for card in cards {
            let mut record = card.clone().into_bytes();
            record.resize(80, b' ');
            file.extend(record);
        }
        file.resize(file.len().next_multiple_of(2880), b' ');
    };
    header(&["SIMPLE  = T", "BITPIX  = 8", "NAXIS   = 0", "END"].map(str::to_owned));
    header(&cards);
    file.extend_from_slice(data);
    file.resize(file.len().next_multiple_of(2880), 0);
    let Ok(file) = FitsFile::from_bytes("fuzz.fits", file) else { return };
    if let Ok(table) = file.table(1) {
        for column in table.columns() {
            let _ = (column.reals(), column.take(&[2, 0]), column.elements(1));
        }
    }
});

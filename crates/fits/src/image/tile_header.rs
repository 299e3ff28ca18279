//! The header of a compressed image, from that of the table which holds it (FITS 4.0, section 10.1).

use crate::{Card, Header, Result};

/// Keywords that describe the table, not the image; those with `n` take a number.
const TABLE: [&str; 13] = [
    "TTYPE", "TFORM", "TUNIT", "TNULL", "TSCAL", "TZERO", "TDISP", "TDIM", "TBCOL", "TCTYP", "TCUNI",
    "TCRPX", "TRPOS",
];
/// Keywords of the compression itself.
const COMPRESSION: [&str; 8] = [
    "ZIMAGE", "ZCMPTYPE", "ZMASKCMP", "ZQUANTIZ", "ZDITHER0", "ZBLANK", "ZSCALE", "ZZERO",
];
const NUMBERED: [&str; 4] = ["ZNAXIS", "ZTILE", "ZNAME", "ZVAL"];
/// What the image called its keyword, and where the table keeps it.
const RENAMED: [(&str, &str); 9] = [
    ("SIMPLE", "ZSIMPLE"),
    ("XTENSION", "ZTENSION"),
    ("BITPIX", "ZBITPIX"),
    ("EXTEND", "ZEXTEND"),
    ("BLOCKED", "ZBLOCKED"),
    ("PCOUNT", "ZPCOUNT"),
    ("GCOUNT", "ZGCOUNT"),
    ("CHECKSUM", "ZHECKSUM"),
    ("DATASUM", "ZDATASUM"),
];
const REPLACED: [&str; 5] = ["TFIELDS", "THEAP", "NAXIS", "ZNAXIS", "GROUPS"];

/// The image's header: its own structure first, then every card that does not speak of the table.
pub(crate) fn image_header(table: &Header) -> Result<Header> {
    let mut header = Header::new();
    let renamed = |from: &str, to: &str, header: &mut Header| -> Result<()> {
        if let Some(card) = table.card(from)
            && let Some(value) = card.value()?
        {
            header.push(Card::new(to, value, card.comment().as_deref())?);
        }
        Ok(())
    };
    if !table.contains("ZSIMPLE") {
        let comment = table.card("ZTENSION").and_then(Card::comment);
        header.push(Card::new("XTENSION", "IMAGE", comment.as_deref())?);
    } else {
        renamed("ZSIMPLE", "SIMPLE", &mut header)?;
    }
    renamed("ZBITPIX", "BITPIX", &mut header)?;
    renamed("ZNAXIS", "NAXIS", &mut header)?;
    for axis in 1..=table.integer("ZNAXIS").unwrap_or(0).min(999) {
        renamed(&format!("ZNAXIS{axis}"), &format!("NAXIS{axis}"), &mut header)?;
    }
    for (to, default) in [("PCOUNT", 0), ("GCOUNT", 1)] {
        let from = format!("Z{to}");
        if table.contains(&from) {
            renamed(&from, to, &mut header)?;
        } else if !table.contains("ZSIMPLE") {
            header.push(Card::new(to, default, None)?);
        }
    }
    for card in table.cards().iter().filter(|card| !is_reserved(card)) {
        header.push(card.clone());
    }
    for (to, from) in [
        ("EXTEND", "ZEXTEND"),
        ("BLOCKED", "ZBLOCKED"),
        ("CHECKSUM", "ZHECKSUM"),
        ("DATASUM", "ZDATASUM"),
    ] {
        renamed(from, to, &mut header)?;
    }
    if !header.contains("BLANK") && header.integer("BITPIX").is_some_and(|bitpix| bitpix > 0) {
        renamed("ZBLANK", "BLANK", &mut header)?;
    }
    Ok(header)
}

fn is_reserved(card: &Card) -> bool {
    if card.is_commentary() {
        return false;
    }
    let keyword = card.keyword().to_ascii_uppercase();
    let keyword = keyword.as_str();
    let stem = keyword.trim_end_matches(|c: char| c.is_ascii_digit());
    let numbered = stem.len() < keyword.len();
    let unnamed = keyword == "EXTNAME"
        && matches!(card.value(), Ok(Some(crate::Value::Text(name))) if name == "COMPRESSED_IMAGE");
    unnamed
        || COMPRESSION.contains(&keyword)
        || REPLACED.contains(&keyword)
        || RENAMED
            .iter()
            .any(|&(image, table)| keyword == image || keyword == table)
        || numbered && (TABLE.contains(&stem) || NUMBERED.contains(&stem) || stem == "NAXIS")
}

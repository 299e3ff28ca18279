//! Cards as text: fixed format, CONTINUE, HIERARCH.

use super::text::format_real;
use super::value::Value;
use crate::{Error, Result};

const RECORD: usize = 80;

/// The records of a card with a value, unpadded.
pub(super) fn card(keyword: &str, value: &Value, comment: &str) -> Result<Vec<u8>> {
    let keyword = keyword.trim().to_ascii_uppercase();
    let keyword = keyword.strip_prefix("HIERARCH ").unwrap_or(&keyword).trim();
    let bad = |reason: &str| Error::Unwritable {
        keyword: keyword.to_owned(),
        reason: reason.to_owned(),
    };
    let texts = [
        keyword,
        comment,
        if let Value::Text(text) = &value { text } else { "" },
    ];
    if texts.iter().any(|text| !is_printable(text)) {
        return Err(bad("only printable ASCII characters can stand in a header"));
    }
    if keyword.is_empty() || keyword.contains('=') {
        return Err(bad("this is no keyword"));
    }
    if matches!(keyword, "COMMENT" | "HISTORY" | "CONTINUE" | "END" | "HIERARCH") {
        return Err(bad("this keyword takes no value"));
    }
    let plain = keyword.len() <= 8
        && keyword
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b"-_".contains(&b));
    let head = if plain {
        format!("{keyword:<8}= ")
    } else {
        format!("HIERARCH {keyword} = ")
    };
    let number = match value {
        Value::Text(text) if head.len() > 66 && !text.is_empty() => {
            return Err(bad("the keyword leaves no room for a value"));
        }
        Value::Text(text) => return Ok(string(&head, text, comment)),
        Value::Real(number) if !number.is_finite() => return Err(bad("NaN and infinity have no FITS form")),
        Value::Complex(re, im) if !re.is_finite() || !im.is_finite() => {
            return Err(bad("NaN and infinity have no FITS form"));
        }
        Value::Real(number) => format_real(*number),
        other => other.to_string(),
    };
    let mut text = if plain {
        format!("{head}{number:>20}")
    } else {
        format!("{head}{number}")
    };
    if text.len() > RECORD {
        return Err(bad("keyword and value do not fit in one card"));
    }
    if !comment.is_empty() {
        text.push_str(" / ");
        text.push_str(comment);
    }
    text.truncate(RECORD);
    Ok(text.into_bytes())
}

fn string(head: &str, text: &str, comment: &str) -> Vec<u8> {
    let quoted = text.replace('\'', "''");
    let mut card = format!("{head}'{quoted:<8}'");
    if card.len() <= RECORD {
        if !comment.is_empty() {
            card = format!("{card:<30} / {comment}");
            card.truncate(RECORD);
        }
        return card.into_bytes();
    }
    let mut records = Vec::new();
    let mut left = quoted.as_str();
    let mut lead = head;
    loop {
        let room = RECORD - lead.len() - 3;
        let last = left.len() <= room + 1;
        let mut cut = if last { left.len() } else { room };
        // A doubled quote is one character: never split it.
        if !last && left[..cut].bytes().rev().take_while(|&b| b == b'\'').count() % 2 == 1 {
            cut -= 1;
        }
        let ampersand = if last { "" } else { "&" };
        let mut record = format!("{lead}'{}{ampersand}'", &left[..cut]);
        if last && !comment.is_empty() {
            record.push_str(" / ");
            record.push_str(comment);
            record.truncate(RECORD);
        }
        records.extend_from_slice(format!("{record:<RECORD$}").as_bytes());
        if last {
            return records;
        }
        left = &left[cut..];
        lead = "CONTINUE  ";
    }
}

/// The records of commentary, 72 characters each.
pub(super) fn commentary(keyword: &str, text: &str) -> Result<Vec<Vec<u8>>> {
    let keyword = keyword.trim().to_ascii_uppercase();
    if keyword.len() > 8 || !is_printable(&keyword) || !is_printable(text) {
        let reason = "only printable ASCII characters can stand in a header".to_owned();
        return Err(Error::Unwritable { keyword, reason });
    }
    let mut records = Vec::new();
    let mut left = text;
    loop {
        let (now, rest) = left.split_at(left.len().min(72));
        records.push(format!("{keyword:<8}{now}").into_bytes());
        if rest.is_empty() {
            return Ok(records);
        }
        left = rest;
    }
}

fn is_printable(text: &str) -> bool {
    text.bytes().all(|b| (b' '..=b'~').contains(&b))
}

//! One card: verbatim bytes, read when asked.

use super::text::{comment_of, parse_quoted, parse_value};
use super::value::Value;
use super::write;
use crate::{Error, Result};

/// One card of a header: 80 bytes, or several times 80 where a string goes on in CONTINUE records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    raw: Raw,
    /// The keyword in upper case as eight bytes, for look-ups; 0 where it is longer than that.
    packed: u64,
    form: Form,
}

/// Most cards are one record, which then needs no allocation.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Raw {
    One([u8; 80]),
    Many(Vec<u8>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// `KEYWORD = value`; the value field begins at this byte.
    Valued(u8),
    /// `HIERARCH name = value`; the name ends before, the value field begins at, this byte.
    Hierarch(u8, u8),
    /// COMMENT, HISTORY, blank, or anything else without a value indicator.
    Commentary,
}

/// A keyword of at most eight characters in upper case as one number; 0 for longer ones.
pub(super) fn pack(keyword: &[u8]) -> u64 {
    if keyword.len() > 8 {
        return 0;
    }
    let mut bytes = [b' '; 8];
    for (to, from) in bytes.iter_mut().zip(keyword) {
        *to = from.to_ascii_uppercase();
    }
    u64::from_be_bytes(bytes)
}

impl Card {
    /// A card from the 80 bytes of a record as they stand in a file.
    pub(super) fn from_record(record: &[u8; 80]) -> Self {
        Self::of(Raw::One(*record))
    }

    /// A card from one or more whole records; what is missing of the last is taken for blanks.
    pub(super) fn from_records(mut bytes: Vec<u8>) -> Self {
        bytes.resize(bytes.len().next_multiple_of(80).max(80), b' ');
        match bytes.as_slice().try_into() {
            Ok(record) => Self::of(Raw::One(record)),
            Err(_) => Self::of(Raw::Many(bytes)),
        }
    }

    fn of(raw: Raw) -> Self {
        let mut card = Self {
            raw,
            packed: 0,
            form: Form::Commentary,
        };
        card.form = card.read_form();
        card.packed = pack(card.keyword().as_bytes());
        card
    }

    fn read_form(&self) -> Form {
        let record = self.first();
        if record.starts_with(b"HIERARCH ")
            && let Some(equals) = record.iter().position(|&b| b == b'=')
        {
            return Form::Hierarch(equals as u8, equals as u8 + 1);
        }
        let commentary = [b"COMMENT ", b"HISTORY ", b"        ", b"CONTINUE"];
        if record[8..10] == *b"= " && !commentary.iter().any(|keyword| record.starts_with(*keyword)) {
            Form::Valued(10)
        } else {
            Form::Commentary
        }
    }

    /// A card with a value, written in fixed format; long strings take CONTINUE records, long or
    /// spaced keywords the HIERARCH form.
    ///
    /// # Errors
    /// [`Error::Unwritable`] where the keyword, text or number cannot stand in a FITS header.
    pub fn new(keyword: &str, value: impl Into<Value>, comment: Option<&str>) -> Result<Self> {
        write::card(keyword, &value.into(), comment.unwrap_or_default()).map(Self::from_records)
    }

    /// Commentary records of 72 characters each; one empty record for an empty text.
    ///
    /// # Errors
    /// [`Error::Unwritable`] where the text is not printable ASCII.
    pub fn commentary(keyword: &str, text: &str) -> Result<Vec<Self>> {
        Ok(write::commentary(keyword, text)?
            .into_iter()
            .map(Self::from_records)
            .collect())
    }

    /// The bytes as they stand, or will stand, in the file.
    pub fn raw(&self) -> &[u8] {
        match &self.raw {
            Raw::One(record) => record,
            Raw::Many(records) => records,
        }
    }

    fn first(&self) -> &[u8] {
        &self.raw()[..80]
    }

    /// The keyword; for HIERARCH cards the name after the word; empty for blank cards.
    pub fn keyword(&self) -> &str {
        let field = match self.form {
            Form::Hierarch(end, _) => &self.first()[9..usize::from(end).max(9)],
            _ => &self.first()[..8],
        };
        let text = match std::str::from_utf8(field) {
            Ok(text) => text,
            Err(error) => std::str::from_utf8(&field[..error.valid_up_to()]).unwrap_or_default(),
        };
        text.trim()
    }

    /// Whether the keyword is this one; `packed` is [`pack`] of it.
    pub(super) fn is(&self, keyword: &str, packed: u64) -> bool {
        if packed != 0 || self.packed != 0 {
            return packed == self.packed;
        }
        self.keyword().eq_ignore_ascii_case(keyword)
    }

    /// Whether the card holds commentary rather than a value.
    pub fn is_commentary(&self) -> bool {
        self.form == Form::Commentary
    }

    /// Whether the keyword stands behind the word HIERARCH.
    pub fn is_hierarch(&self) -> bool {
        matches!(self.form, Form::Hierarch(..))
    }

    /// The text of a commentary card.
    pub fn commentary_text(&self) -> String {
        String::from_utf8_lossy(&self.first()[8..]).trim_end().to_owned()
    }

    /// The value; `None` for commentary.
    ///
    /// # Errors
    /// [`Error::BadCard`] where what stands there is no FITS value.
    pub fn value(&self) -> Result<Option<Value>> {
        Ok(self.read()?.map(|(value, _)| value))
    }

    /// The comment behind the value, if there is one.
    pub fn comment(&self) -> Option<String> {
        self.read()
            .ok()
            .flatten()
            .and_then(|(_, comment)| comment)
            .filter(|c| !c.is_empty())
    }

    /// Field and number of a record-valued card, as in `DP1 = 'EXTVER: 1.0'`.
    pub fn record(&self) -> Option<(String, f64)> {
        let Ok(Some(Value::Text(text))) = self.value() else {
            return None;
        };
        let (field, number) = text.split_once(": ")?;
        let name = |b: u8| b.is_ascii_alphanumeric() || b"_-.".contains(&b);
        let named = !field.is_empty() && field.bytes().all(name);
        named.then_some(())?;
        Some((field.to_owned(), super::text::parse_real(number.trim())?))
    }

    fn read(&self) -> Result<Option<(Value, Option<String>)>> {
        let (Form::Valued(start) | Form::Hierarch(_, start)) = self.form else {
            return Ok(None);
        };
        let bad = |reason| Error::BadCard {
            index: None,
            keyword: self.keyword().to_owned(),
            reason,
        };
        let first = String::from_utf8_lossy(&self.first()[usize::from(start)..]);
        let (value, comment) = parse_value(&first).map_err(bad)?;
        let mut comment = comment.map(str::to_owned);
        let Value::Text(mut text) = value else {
            return Ok(Some((value, comment)));
        };
        for record in self.raw()[80..].chunks_exact(80) {
            let field = String::from_utf8_lossy(&record[8..]);
            let Some(rest) = field.trim_start().strip_prefix('\'') else {
                break;
            };
            let (more, after) = parse_quoted(rest).map_err(bad)?;
            if text.ends_with('&') {
                text.pop();
            }
            text.push_str(&more);
            if let Some(more) = comment_of(after) {
                comment = Some(match comment {
                    Some(comment) if !comment.is_empty() => format!("{comment} {more}"),
                    _ => more.to_owned(),
                });
            }
        }
        // The last record may add nothing, and then the blanks before it are at the end.
        text.truncate(text.trim_end_matches(' ').len());
        Ok(Some((Value::Text(text), comment)))
    }

    /// Whether a CONTINUE record belongs to this card: its last string ends in `&`.
    pub(super) fn takes_continuation(&self, record: &[u8]) -> bool {
        let quoted = record[8..].iter().find(|b| **b != b' ') == Some(&b'\'');
        let open = || match &self.raw {
            Raw::One(_) => matches!(self.value(), Ok(Some(Value::Text(text))) if text.ends_with('&')),
            Raw::Many(records) => {
                let last = String::from_utf8_lossy(&records[records.len() - 72..]);
                let text = last
                    .trim_start()
                    .strip_prefix('\'')
                    .and_then(|rest| parse_quoted(rest).ok());
                text.is_some_and(|(text, _)| text.ends_with('&'))
            }
        };
        quoted && open()
    }

    /// Adds a CONTINUE record, verbatim.
    pub(super) fn extend(&mut self, record: &[u8]) {
        match &mut self.raw {
            Raw::One(first) => self.raw = Raw::Many([first.as_slice(), record].concat()),
            Raw::Many(records) => records.extend_from_slice(record),
        }
    }
}

//! One card: verbatim bytes, read when asked.

use super::text::{comment_of, format_real, parse_quoted, parse_value};
use super::value::Value;
use crate::{Error, Result};

/// One card of a header: 80 bytes, or several times 80 where a string goes on in CONTINUE records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    raw: Vec<u8>,
    keyword: String,
    form: Form,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// `KEYWORD = value`; the value field begins at this byte.
    Valued(usize),
    /// COMMENT, HISTORY, blank, or anything else without a value indicator.
    Commentary,
}

impl Card {
    /// A card from 80 bytes as they stand in a file.
    pub(super) fn from_raw(raw: &[u8]) -> Self {
        let text = String::from_utf8_lossy(&raw[..8]).trim_end().to_owned();
        let commentary = matches!(text.as_str(), "COMMENT" | "HISTORY" | "" | "CONTINUE");
        if text == "HIERARCH"
            && let Some(equals) = raw.iter().position(|&b| b == b'=')
        {
            let name = String::from_utf8_lossy(&raw[8..equals.max(8)]).trim().to_owned();
            return Self {
                raw: raw.to_vec(),
                keyword: name,
                form: Form::Valued(equals + 1),
            };
        }
        let form = if !commentary && raw[8..10] == *b"= " {
            Form::Valued(10)
        } else {
            Form::Commentary
        };
        Self {
            raw: raw.to_vec(),
            keyword: text,
            form,
        }
    }

    /// A card with a value, written in fixed format; long strings take CONTINUE records, long or
    /// spaced keywords the HIERARCH form.
    ///
    /// # Errors
    /// [`Error::Unwritable`] where the keyword, text or number cannot stand in a FITS header.
    pub fn new(keyword: &str, value: impl Into<Value>, comment: Option<&str>) -> Result<Self> {
        let keyword = keyword.trim().to_ascii_uppercase();
        let bad = |reason: &str| Error::Unwritable {
            keyword: keyword.clone(),
            reason: reason.to_owned(),
        };
        let value = value.into();
        let comment = comment.unwrap_or_default();
        let texts = [
            keyword.as_str(),
            comment,
            if let Value::Text(text) = &value { text } else { "" },
        ];
        if texts
            .iter()
            .any(|t| t.bytes().any(|b| !(b' '..=b'~').contains(&b)))
        {
            return Err(bad("only printable ASCII characters can stand in a header"));
        }
        if keyword.is_empty() || keyword.contains('=') {
            return Err(bad("not a keyword"));
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
        let number = match &value {
            Value::Text(text) => return Self::new_text(keyword.clone(), &head, text, comment),
            Value::Real(number) if !number.is_finite() => {
                return Err(bad("NaN and infinity have no FITS form"));
            }
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
        if text.len() > 80 {
            return Err(bad("keyword and value do not fit in one card"));
        }
        if !comment.is_empty() {
            text.push_str(" / ");
            text.push_str(comment);
        }
        text.truncate(80);
        Ok(Self {
            raw: pad(text),
            keyword,
            form: Form::Valued(head.len()),
        })
    }

    fn new_text(keyword: String, head: &str, text: &str, comment: &str) -> Result<Self> {
        if head.len() > 66 {
            return Err(Error::Unwritable {
                keyword,
                reason: "the keyword leaves no room for a value".to_owned(),
            });
        }
        let quoted = text.replace('\'', "''");
        let mut card = format!("{head}'{quoted:<8}'");
        if card.len() <= 80 {
            if !comment.is_empty() {
                card = format!("{card:<30} / {comment}");
                card.truncate(80);
            }
            return Ok(Self {
                raw: pad(card),
                keyword,
                form: Form::Valued(head.len()),
            });
        }
        let mut raw = Vec::new();
        let mut left = quoted.as_str();
        let mut lead = head.to_owned();
        loop {
            let room = 80 - lead.len() - 3;
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
                record.truncate(80);
            }
            raw.extend(pad(record));
            if last {
                break;
            }
            left = &left[cut..];
            lead = "CONTINUE  ".to_owned();
        }
        Ok(Self {
            raw,
            keyword,
            form: Form::Valued(head.len()),
        })
    }

    /// Commentary records of 72 characters each; one empty record for an empty text.
    ///
    /// # Errors
    /// [`Error::Unwritable`] where the text is not printable ASCII.
    pub fn commentary(keyword: &str, text: &str) -> Result<Vec<Self>> {
        let keyword = keyword.trim().to_ascii_uppercase();
        if keyword.len() > 8
            || keyword
                .bytes()
                .chain(text.bytes())
                .any(|b| !(b' '..=b'~').contains(&b))
        {
            let reason = "only printable ASCII characters can stand in a header".to_owned();
            return Err(Error::Unwritable { keyword, reason });
        }
        let mut cards = Vec::new();
        let mut left = text;
        loop {
            let (now, rest) = left.split_at(left.len().min(72));
            cards.push(Self {
                raw: pad(format!("{keyword:<8}{now}")),
                keyword: keyword.clone(),
                form: Form::Commentary,
            });
            if rest.is_empty() {
                return Ok(cards);
            }
            left = rest;
        }
    }

    /// The bytes as they stand, or will stand, in the file.
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// The keyword; for HIERARCH cards the name after the word; empty for blank cards.
    pub fn keyword(&self) -> &str {
        &self.keyword
    }

    /// Whether the card holds commentary rather than a value.
    pub fn is_commentary(&self) -> bool {
        self.form == Form::Commentary
    }

    /// The text of a commentary card.
    pub fn commentary_text(&self) -> String {
        String::from_utf8_lossy(&self.raw[8..80]).trim_end().to_owned()
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

    fn read(&self) -> Result<Option<(Value, Option<String>)>> {
        let Form::Valued(start) = self.form else {
            return Ok(None);
        };
        let bad = |reason| Error::BadCard {
            index: 0,
            keyword: self.keyword.clone(),
            reason,
        };
        let first = String::from_utf8_lossy(&self.raw[start..80]);
        let (value, comment) = parse_value(&first).map_err(bad)?;
        let mut comment = comment.map(str::to_owned);
        let Value::Text(mut text) = value else {
            return Ok(Some((value, comment)));
        };
        for record in self.raw[80..].chunks_exact(80) {
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
        Ok(Some((Value::Text(text), comment)))
    }

    /// Whether a CONTINUE record belongs to this card: it holds a string that ends in `&`.
    pub(super) fn takes_continuation(&self, record: &[u8]) -> bool {
        let quoted = record[8..].iter().find(|b| **b != b' ') == Some(&b'\'');
        quoted && matches!(self.value(), Ok(Some(Value::Text(text))) if text.ends_with('&'))
    }

    /// Adds a CONTINUE record, verbatim.
    pub(super) fn extend(&mut self, record: &[u8]) {
        self.raw.extend_from_slice(record);
    }
}

fn pad(text: String) -> Vec<u8> {
    let mut raw = text.into_bytes();
    raw.resize(80, b' ');
    raw
}

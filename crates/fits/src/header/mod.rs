//! Headers: an ordered list of cards, each kept verbatim until it is set.

mod card;
mod edit;
mod text;
mod value;
mod write;

pub use card::Card;
pub use value::Value;

use crate::{BLOCK, Error, Result};

/// The cards of one HDU, END not among them.
///
/// Keywords are looked up without regard to case, `HIERARCH` ones by the name that follows the word
/// (`"ESO DET ID"`). Where a keyword stands more than once, look-ups give the first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Header {
    cards: Vec<Card>,
}

impl Header {
    /// An empty header.
    pub fn new() -> Self {
        Self::default()
    }

    /// Parses cards of 80 bytes up to END.
    ///
    /// # Errors
    /// [`Error::NoEnd`] where no END card follows. A card that breaks the standard is kept verbatim and
    /// fails only when its value is asked for.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let mut cards: Vec<Card> = Vec::with_capacity(bytes.len() / 80);
        for record in bytes.as_chunks::<80>().0 {
            if record.starts_with(b"END     ") {
                return Ok(Self { cards });
            }
            if record.starts_with(b"CONTINUE")
                && let Some(previous) = cards.last_mut()
                && previous.takes_continuation(record)
            {
                previous.extend(record);
                continue;
            }
            cards.push(Card::from_record(record));
        }
        Err(Error::NoEnd)
    }

    /// The header as bytes, END and padding to a whole block included.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity((self.physical_cards() * 80).next_multiple_of(BLOCK));
        for card in &self.cards {
            out.extend_from_slice(card.raw());
        }
        out.extend_from_slice(b"END");
        out.resize(out.len().next_multiple_of(BLOCK), b' ');
        out
    }

    /// Number of 80-byte records, END included.
    pub fn physical_cards(&self) -> usize {
        self.cards.iter().map(|c| c.raw().len() / 80).sum::<usize>() + 1
    }

    /// The cards in order. A string and its CONTINUE records are one card.
    pub fn cards(&self) -> &[Card] {
        &self.cards
    }

    /// Position of a keyword's first card. `DP1.EXTVER` also finds the record-valued card
    /// `DP1 = 'EXTVER: 1.0'`.
    pub fn position(&self, keyword: &str) -> Option<usize> {
        let keyword = bare(keyword);
        let packed = card::pack(keyword.as_bytes());
        let found = self.cards.iter().position(|card| card.is(keyword, packed));
        found.or_else(|| {
            let (keyword, field) = keyword.split_once('.')?;
            self.record_position(keyword, field)
        })
    }

    fn record_position(&self, keyword: &str, field: &str) -> Option<usize> {
        let wanted = |card: &Card| {
            card.record()
                .is_some_and(|(name, _)| name.eq_ignore_ascii_case(field))
        };
        self.all(keyword)
            .find(|(_, card)| wanted(card))
            .map(|(index, _)| index)
    }

    /// All cards of a keyword, with their positions.
    pub fn all<'a>(&'a self, keyword: &'a str) -> impl Iterator<Item = (usize, &'a Card)> {
        let keyword = bare(keyword);
        let packed = card::pack(keyword.as_bytes());
        self.cards
            .iter()
            .enumerate()
            .filter(move |(_, card)| card.is(keyword, packed))
    }

    /// Whether the keyword is there.
    pub fn contains(&self, keyword: &str) -> bool {
        self.position(keyword).is_some()
    }

    /// The first card of a keyword.
    pub fn card(&self, keyword: &str) -> Option<&Card> {
        self.position(keyword).map(|i| &self.cards[i])
    }

    /// A keyword's value; `None` where it is absent, is commentary, or cannot be read. For
    /// `DP1.EXTVER` the number of that record.
    pub fn get(&self, keyword: &str) -> Option<Value> {
        let card = self.card(keyword)?;
        if keyword.contains('.') && !card.keyword().contains('.') {
            return card.record().map(|(_, number)| Value::Real(number));
        }
        card.value().ok().flatten()
    }

    /// A string value, trailing blanks removed.
    pub fn text(&self, keyword: &str) -> Option<String> {
        match self.get(keyword)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A number as f64, integers included.
    pub fn real(&self, keyword: &str) -> Option<f64> {
        self.get(keyword)?.as_real()
    }

    /// An integer, or a real without fraction.
    pub fn integer(&self, keyword: &str) -> Option<i64> {
        self.get(keyword)?.as_integer()
    }

    /// A logical value.
    pub fn logical(&self, keyword: &str) -> Option<bool> {
        match self.get(keyword)? {
            Value::Logical(value) => Some(value),
            _ => None,
        }
    }

    /// Like [`Header::text`], with an error that names the keyword.
    pub fn require_text(&self, keyword: &str) -> Result<String> {
        self.require(keyword, "a string", |value| match value {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        })
    }

    /// Like [`Header::real`], with an error that names the keyword.
    pub fn require_real(&self, keyword: &str) -> Result<f64> {
        self.require(keyword, "a number", Value::as_real)
    }

    /// Like [`Header::integer`], with an error that names the keyword.
    pub fn require_integer(&self, keyword: &str) -> Result<i64> {
        self.require(keyword, "an integer", Value::as_integer)
    }

    fn require<T>(
        &self,
        keyword: &str,
        expected: &'static str,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Result<T> {
        let missing = || Error::MissingKeyword {
            keyword: keyword.to_ascii_uppercase(),
        };
        let index = self.position(keyword).ok_or_else(missing)?;
        let value = self.value_at(index)?;
        let value = if keyword.contains('.') {
            self.get(keyword)
        } else {
            value
        };
        value.as_ref().and_then(read).ok_or_else(|| Error::WrongType {
            keyword: keyword.to_ascii_uppercase(),
            expected,
            found: value.map_or_else(|| "no value".to_owned(), |v| v.to_string()),
        })
    }

    /// The value of the card at a position; `None` for commentary and beyond the last card.
    ///
    /// # Errors
    /// [`Error::BadCard`] with the position where what stands there is no FITS value.
    pub fn value_at(&self, index: usize) -> Result<Option<Value>> {
        let Some(card) = self.cards.get(index) else {
            return Ok(None);
        };
        card.value().map_err(|error| match error {
            Error::BadCard { keyword, reason, .. } => Error::BadCard {
                index: Some(index),
                keyword,
                reason,
            },
            other => other,
        })
    }

    /// The record-valued sub-keywords of `keyword`, as in `DP1 = 'EXTVER: 1.0'`: pairs such as
    /// `("EXTVER", 1.0)`, in the order of the cards.
    pub fn record_values(&self, keyword: &str) -> Vec<(String, f64)> {
        self.all(keyword).filter_map(|(_, card)| card.record()).collect()
    }

    /// One record-valued sub-keyword: `record("DP1", "EXTVER")`.
    pub fn record(&self, keyword: &str, field: &str) -> Option<f64> {
        self.cards[self.record_position(keyword, field)?]
            .record()
            .map(|(_, number)| number)
    }

    /// The texts of a commentary keyword (`COMMENT`, `HISTORY` or blank), in order.
    pub fn commentary(&self, keyword: &str) -> Vec<String> {
        let cards = self.all(keyword).filter(|(_, card)| card.is_commentary());
        cards.map(|(_, card)| card.commentary_text()).collect()
    }
}

/// A keyword without the word HIERARCH before it and blanks around it.
fn bare(keyword: &str) -> &str {
    let keyword = keyword.trim();
    match keyword.split_at_checked(9) {
        Some((word, rest)) if word.eq_ignore_ascii_case("HIERARCH ") => rest.trim(),
        _ => keyword,
    }
}

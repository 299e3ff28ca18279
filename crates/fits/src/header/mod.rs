//! Headers: an ordered list of cards, each kept verbatim until it is set.

mod card;
mod text;
mod value;

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
        for raw in bytes.chunks_exact(80) {
            if raw[..8] == *b"END     " {
                return Ok(Self { cards });
            }
            if raw[..8] == *b"CONTINUE"
                && let Some(previous) = cards.last_mut()
                && previous.takes_continuation(raw)
            {
                previous.extend(raw);
                continue;
            }
            cards.push(Card::from_raw(raw));
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

    /// Position of a keyword's first card.
    pub fn position(&self, keyword: &str) -> Option<usize> {
        self.cards
            .iter()
            .position(|c| c.keyword().eq_ignore_ascii_case(keyword))
    }

    /// Whether the keyword is there.
    pub fn contains(&self, keyword: &str) -> bool {
        self.position(keyword).is_some()
    }

    /// The first card of a keyword.
    pub fn card(&self, keyword: &str) -> Option<&Card> {
        self.position(keyword).map(|i| &self.cards[i])
    }

    /// A keyword's value; `None` where it is absent, is commentary, or cannot be read.
    pub fn get(&self, keyword: &str) -> Option<Value> {
        self.card(keyword)?.value().ok().flatten()
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
        let card = self.card(keyword).ok_or_else(|| Error::MissingKeyword {
            keyword: keyword.to_ascii_uppercase(),
        })?;
        let value = card.value()?;
        value.as_ref().and_then(read).ok_or_else(|| Error::WrongType {
            keyword: keyword.to_ascii_uppercase(),
            expected,
            found: value.map_or_else(|| "no value".to_owned(), |v| v.to_string()),
        })
    }

    /// The record-valued sub-keywords of `keyword`, as in `DP1 = 'EXTVER: 1.0'`: pairs such as
    /// `("EXTVER", 1.0)`, in the order of the cards.
    pub fn record_values(&self, keyword: &str) -> Vec<(String, f64)> {
        let mut records = Vec::new();
        for card in self
            .cards
            .iter()
            .filter(|c| c.keyword().eq_ignore_ascii_case(keyword))
        {
            if let Ok(Some(Value::Text(text))) = card.value()
                && let Some((field, number)) = text.split_once(": ")
                && let Ok(number) = number.trim().parse()
            {
                records.push((field.trim().to_owned(), number));
            }
        }
        records
    }

    /// The texts of a commentary keyword (`COMMENT`, `HISTORY` or blank), in order.
    pub fn commentary(&self, keyword: &str) -> Vec<String> {
        let of_keyword = |c: &&Card| c.keyword().eq_ignore_ascii_case(keyword) && c.is_commentary();
        self.cards
            .iter()
            .filter(of_keyword)
            .map(Card::commentary_text)
            .collect()
    }

    /// Sets a keyword: in place where it is there already (its comment is kept unless a new one is
    /// given), else as the last card. Other cards are not touched.
    ///
    /// # Errors
    /// [`Error::Unwritable`] for keywords or texts that FITS cannot hold.
    pub fn set(&mut self, keyword: &str, value: impl Into<Value>, comment: Option<&str>) -> Result<()> {
        match self.position(keyword) {
            Some(index) => {
                let old = self.cards[index].comment();
                self.cards[index] = Card::new(keyword, value, comment.or(old.as_deref()))?;
            }
            None => self.cards.push(Card::new(keyword, value, comment)?),
        }
        Ok(())
    }

    /// Appends one or more records of commentary (`COMMENT`, `HISTORY` or blank), 72 characters each,
    /// after the last card of the same keyword, or at the end.
    ///
    /// # Errors
    /// [`Error::Unwritable`] where the text is not printable ASCII.
    pub fn push_commentary(&mut self, keyword: &str, text: &str) -> Result<()> {
        let at = self
            .cards
            .iter()
            .rposition(|c| c.keyword().eq_ignore_ascii_case(keyword))
            .map_or(self.cards.len(), |i| i + 1);
        for (n, card) in Card::commentary(keyword, text)?.into_iter().enumerate() {
            self.cards.insert(at + n, card);
        }
        Ok(())
    }

    /// Inserts a card before position `index` (at the end where that lies beyond it).
    pub fn insert(&mut self, index: usize, card: Card) {
        self.cards.insert(index.min(self.cards.len()), card);
    }

    /// Appends a card, whether or not its keyword is there already.
    pub fn push(&mut self, card: Card) {
        self.cards.push(card);
    }

    /// Removes the first card of a keyword; tells whether there was one.
    pub fn remove(&mut self, keyword: &str) -> bool {
        match self.position(keyword) {
            Some(index) => {
                self.cards.remove(index);
                true
            }
            None => false,
        }
    }

    /// Keeps only the cards for which `keep` answers true.
    pub fn retain(&mut self, keep: impl FnMut(&Card) -> bool) {
        self.cards.retain(keep);
    }
}

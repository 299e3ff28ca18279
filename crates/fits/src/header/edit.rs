//! Changing a header: only the cards that are named change.

use super::text::format_real;
use super::{Card, Header, Value, bare};
use crate::{Error, Result};

impl Header {
    /// Sets a keyword: in place where it is there already (its comment is kept unless a new one is
    /// given), else as the last card. Other cards are not touched. `DP1.EXTVER` sets that record where
    /// it is there.
    ///
    /// # Errors
    /// [`Error::Unwritable`] for keywords or texts that FITS cannot hold.
    pub fn set(&mut self, keyword: &str, value: impl Into<Value>, comment: Option<&str>) -> Result<()> {
        let value = value.into();
        let Some(index) = self.position(keyword) else {
            self.cards.push(Card::new(keyword, value, comment)?);
            return Ok(());
        };
        if let Some((base, field)) = bare(keyword).split_once('.')
            && !self.cards[index].keyword().contains('.')
        {
            let number = value.as_real().ok_or_else(|| Error::Unwritable {
                keyword: keyword.to_owned(),
                reason: "a record-valued keyword holds a number".to_owned(),
            })?;
            return self.set_record(base, field, number, comment);
        }
        let old = self.cards[index].comment();
        self.cards[index] = Card::new(keyword, value, comment.or(old.as_deref()))?;
        Ok(())
    }

    /// Sets only the comment of a keyword, its value as it stands.
    ///
    /// # Errors
    /// [`Error::MissingKeyword`], [`Error::BadCard`], [`Error::Unwritable`].
    pub fn set_comment(&mut self, keyword: &str, comment: &str) -> Result<()> {
        let missing = || Error::MissingKeyword {
            keyword: keyword.to_ascii_uppercase(),
        };
        let index = self.position(keyword).ok_or_else(missing)?;
        let value = self.value_at(index)?.ok_or_else(missing)?;
        self.cards[index] = Card::new(self.cards[index].keyword(), value, Some(comment))?;
        Ok(())
    }

    /// Sets a record-valued sub-keyword such as `DP1 = 'EXTVER: 1.0'`: in place, or behind the last
    /// card of the keyword.
    ///
    /// # Errors
    /// [`Error::Unwritable`].
    pub fn set_record(
        &mut self,
        keyword: &str,
        field: &str,
        value: f64,
        comment: Option<&str>,
    ) -> Result<()> {
        let text = format!("{field}: {}", format_real(value));
        match self.record_position(keyword, field) {
            Some(index) => {
                let old = self.cards[index].comment();
                self.cards[index] = Card::new(keyword, text, comment.or(old.as_deref()))?;
            }
            None => {
                let behind = self
                    .all(keyword)
                    .last()
                    .map_or(self.cards.len(), |(index, _)| index + 1);
                self.cards.insert(behind, Card::new(keyword, text, comment)?);
            }
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
            .all(keyword)
            .last()
            .map_or(self.cards.len(), |(index, _)| index + 1);
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

impl FromIterator<Card> for Header {
    fn from_iter<I: IntoIterator<Item = Card>>(cards: I) -> Self {
        Self {
            cards: cards.into_iter().collect(),
        }
    }
}

impl Extend<Card> for Header {
    fn extend<I: IntoIterator<Item = Card>>(&mut self, cards: I) {
        self.cards.extend(cards);
    }
}

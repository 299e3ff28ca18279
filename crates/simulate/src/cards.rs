//! Headers made card by card.

use crate::{Error, Result};
use firstlight_fits::{Card, Header, Value};

/// Collects cards, each line of code one card.
pub(crate) struct Cards(pub Header);

impl Cards {
    pub fn card(&mut self, keyword: &str, value: impl Into<Value>, comment: &str) -> Result<&mut Self> {
        let card = Card::new(keyword, value, Some(comment)).map_err(Error::Header)?;
        self.0.push(card);
        Ok(self)
    }

    pub fn section(&mut self, title: &str) -> Result<&mut Self> {
        for text in ["", &format!("      / {title}"), ""] {
            for card in Card::commentary("", text).map_err(Error::Header)? {
                self.0.push(card);
            }
        }
        Ok(self)
    }

    /// The cards that every primary header begins with.
    pub fn opening(
        &mut self,
        instrument: &str,
        extensions: i64,
        date: &str,
        (name, kind): (&str, &str),
    ) -> Result<()> {
        self.card("NEXTEND", extensions, "Number of standard extensions")?;
        self.card("DATE", date, "date this file was written (yyyy-mm-dd)")?;
        self.card("FILENAME", name, "name of file")?;
        self.card("FILETYPE", kind, "type of data found in data file")?;
        self.card("TELESCOP", "HST", "telescope used to acquire data")?;
        let comment = "identifier for instrument used to acquire data";
        self.card("INSTRUME", instrument, comment)?;
        self.card("EQUINOX", 2000.0, "equinox of celestial coord. system")?;
        Ok(())
    }

    pub fn history(&mut self, text: &str) -> Result<&mut Self> {
        self.0.push_commentary("HISTORY", text).map_err(Error::Header)?;
        Ok(self)
    }
}

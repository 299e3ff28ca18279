//! What is recorded of a step in the primary header: its switch, and HISTORY with the reference files it used.

use crate::Reference;
use crate::Result;
use firstlight_frame::fits::{Card, Header};

/// What became of a step that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It was done.
    Complete,
    /// It was not: its reference file is a dummy.
    Dummy,
    /// It was not, for another reason, as SHADCORR of an exposure of 0 s.
    NotPerformed,
}

/// Sets the switch of a step and says in HISTORY what became of it.
///
/// # Errors
/// [`crate::Error::Frame`] where the keyword cannot be written.
pub fn record_switch(primary: &mut Header, keyword: &str, outcome: Outcome) -> Result<()> {
    let (value, words) = match outcome {
        Outcome::Complete => ("COMPLETE", "complete ..."),
        Outcome::Dummy => ("SKIPPED", "skipped due to dummy reference file ..."),
        Outcome::NotPerformed => ("SKIPPED", "not performed ..."),
    };
    set(primary, keyword, value)?;
    history(primary, &format!("{keyword} {words}"))
}

/// Says in HISTORY that an image was used: its name, PEDIGREE and DESCRIP.
///
/// # Errors
/// As [`record_switch`].
pub fn record_image(primary: &mut Header, reference: &Reference) -> Result<()> {
    record_reference(primary, "image", reference, &reference.pedigree, "")
}

/// As [`record_image`] for a table, with the DESCRIP of the row that was used; empty where it has none.
///
/// # Errors
/// As [`record_switch`].
pub fn record_table(primary: &mut Header, reference: &Reference, row_descrip: &str) -> Result<()> {
    record_reference(primary, "table", reference, &reference.pedigree, row_descrip)
}

/// As [`record_table`] where the row has a PEDIGREE of its own, which stands for the table's; empty where it has none.
///
/// # Errors
/// As [`record_switch`].
pub fn record_row(
    primary: &mut Header,
    reference: &Reference,
    row_pedigree: &str,
    row_descrip: &str,
) -> Result<()> {
    let pedigree = match row_pedigree {
        "" => &reference.pedigree,
        of_row => of_row,
    };
    record_reference(primary, "table", reference, pedigree, row_descrip)
}

fn record_reference(
    primary: &mut Header,
    what: &str,
    reference: &Reference,
    pedigree: &str,
    row: &str,
) -> Result<()> {
    history(primary, &format!("  reference {what} {}", reference.named))?;
    for line in [pedigree, reference.descrip.as_str(), row] {
        if !line.is_empty() {
            history(primary, &format!("    {line}"))?;
        }
    }
    Ok(())
}

/// Adds a line of HISTORY as the last card, as the official programs do, even where keywords stand after the last line.
///
/// # Errors
/// As [`record_switch`].
pub fn history(primary: &mut Header, line: &str) -> Result<()> {
    let cards = Card::commentary("HISTORY", line).map_err(firstlight_frame::Error::from)?;
    primary.extend(cards);
    Ok(())
}

/// As [`history`], but a line that is longer than a card is broken at a blank, and goes on as far in as it began.
///
/// # Errors
/// As [`record_switch`].
pub(crate) fn told(primary: &mut Header, line: &str) -> Result<()> {
    for card in broken(line) {
        history(primary, &card)?;
    }
    Ok(())
}

/// Characters of a card of HISTORY.
const CARD: usize = 72;

/// The words of a line on as many cards as they need; a word that is longer than a card stays whole.
fn broken(line: &str) -> Vec<String> {
    if line.len() <= CARD {
        return vec![line.to_owned()];
    }
    let indent = &line[..line.len() - line.trim_start_matches(' ').len()];
    let mut cards: Vec<String> = Vec::new();
    for word in line.split(' ').filter(|word| !word.is_empty()) {
        match cards.last_mut() {
            Some(card) if card.len() + 1 + word.len() <= CARD => {
                card.push(' ');
                card.push_str(word);
            }
            _ => cards.push(format!("{indent}{word}")),
        }
    }
    cards
}

/// Sets a keyword, its comment kept.
///
/// # Errors
/// As [`record_switch`].
pub fn set(
    header: &mut Header,
    keyword: &str,
    value: impl Into<firstlight_frame::fits::Value>,
) -> Result<()> {
    Ok(header
        .set(keyword, value, None)
        .map_err(firstlight_frame::Error::from)?)
}

/// Sets a keyword to a number of single precision, with the eight digits that such a number is written with.
///
/// # Errors
/// As [`record_switch`].
pub fn set_single(header: &mut Header, keyword: &str, value: f32) -> Result<()> {
    let rounded = format!("{value:.7e}").parse().unwrap_or(f64::from(value));
    set(header, keyword, rounded)
}

/// As [`set`], with a comment where the keyword is new.
///
/// # Errors
/// As [`record_switch`].
pub fn put(
    header: &mut Header,
    keyword: &str,
    value: impl Into<firstlight_frame::fits::Value>,
    comment: &str,
) -> Result<()> {
    let comment = (!comment.is_empty() && !header.contains(keyword)).then_some(comment);
    Ok(header
        .set(keyword, value, comment)
        .map_err(firstlight_frame::Error::from)?)
}

/// As [`set_single`], with a comment where the keyword is new.
///
/// # Errors
/// As [`record_switch`].
pub fn put_single(header: &mut Header, keyword: &str, value: f32, comment: &str) -> Result<()> {
    let rounded: f64 = format!("{value:.7e}").parse().unwrap_or(f64::from(value));
    put(header, keyword, rounded, comment)
}

#[cfg(test)]
mod tests {
    use super::broken;

    #[test]
    fn a_long_line_breaks_between_words() {
        let short = "  odk128010_flt.fits  times 0.982260";
        assert_eq!(broken(short), [short]);
        let sigmas = "Cosmic rays rejected: INITGUES minimum, SKYSUB none, CRSIGMAS 6.5,5.5,4.5,";
        assert_eq!(
            broken(sigmas),
            [
                "Cosmic rays rejected: INITGUES minimum, SKYSUB none, CRSIGMAS",
                "6.5,5.5,4.5,"
            ]
        );
        let name = format!("  {}_flt.fits times 0.982260", "x".repeat(70));
        let cards = broken(&name);
        assert_eq!(cards[0], format!("  {}_flt.fits", "x".repeat(70)));
        assert_eq!(cards[1], "  times 0.982260");
    }
}

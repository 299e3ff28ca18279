//! Colour maps of 256 entries, equal to matplotlib's of the same names.

mod segmented;

use crate::{Colour, Error, Result};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// plasma, viridis, inferno and magma (S. van der Walt and N. Smith, CC0), cividis (J. Nuñez, C. Anderton
/// and R. Renslow, CC0) and coolwarm (K. Moreland, 2009, "Diverging Color Maps for Scientific
/// Visualization"): a line with the name, then sixteen lines of sixteen colours.
const TABLES: &str = include_str!("tables.txt");

/// The maps there are, without their reverses.
const NAMES: [&str; 9] = [
    "plasma", "viridis", "inferno", "magma", "cividis", "gray", "hot", "RdBu", "coolwarm",
];

/// 256 colours from the lowest sample to the highest, and one each for what lies below, above, and for NaN.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ColourMap {
    name: String,
    entries: Vec<Colour>,
    under: Colour,
    over: Colour,
    bad: Colour,
}

impl ColourMap {
    /// The map of that name; `_r` after a name reverses it. `grey` is `gray`.
    ///
    /// # Errors
    /// [`Error::UnknownColourMap`], which lists the names.
    pub fn named(name: &str) -> Result<Self> {
        let (base, reversed) = match name.strip_suffix("_r") {
            Some(base) => (base, true),
            None => (name, false),
        };
        let base = if base == "grey" { "gray" } else { base };
        let entries = tabulated(base, reversed).or_else(|| segmented::entries(base, reversed));
        let entries = entries.ok_or_else(|| Error::UnknownColourMap {
            name: name.to_owned(),
            known: NAMES.join(", "),
        })?;
        let (under, over) = (entries[0], entries[255]);
        // Neutral, and in none of the maps but the grey ones, where a tint sets it apart.
        let bad = if base == "gray" {
            Colour::rgb(178, 200, 222)
        } else {
            Colour::rgb(190, 190, 190)
        };
        Ok(Self {
            name: name.to_owned(),
            entries,
            under,
            over,
            bad,
        })
    }

    /// Whether the map of that name runs from one colour through white to another, so that its middle means no difference.
    pub fn is_diverging(name: &str) -> bool {
        matches!(name.strip_suffix("_r").unwrap_or(name), "RdBu" | "coolwarm")
    }

    /// The names understood, without the reverses.
    pub fn names() -> &'static [&'static str] {
        &NAMES
    }

    /// The name it was asked for by.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Sets the colour of samples without a value (NaN, or masked).
    pub fn with_bad(mut self, bad: Colour) -> Self {
        self.bad = bad;
        self
    }

    /// Sets the colour of samples below the lower limit; by default the first entry.
    pub fn with_under(mut self, under: Colour) -> Self {
        self.under = under;
        self
    }

    /// Sets the colour of samples above the upper limit; by default the last entry.
    pub fn with_over(mut self, over: Colour) -> Self {
        self.over = over;
        self
    }

    /// The 256 entries, lowest first.
    pub fn entries(&self) -> &[Colour] {
        &self.entries
    }

    /// Colour of samples without a value.
    pub fn bad(&self) -> Colour {
        self.bad
    }

    /// The colour at `position`: 0 to 1 runs through the entries in 256 equal steps, as in matplotlib; less
    /// than 0 is *under*, more than 1 *over*, NaN *bad*.
    pub fn at(&self, position: f64) -> Colour {
        if position.is_nan() {
            self.bad
        } else if position < 0.0 {
            self.under
        } else if position > 1.0 {
            self.over
        } else {
            self.entries[((position * 256.0) as usize).min(255)]
        }
    }

    /// A colour for lines drawn over this map that occurs nowhere in it.
    pub fn overlay_colour(&self) -> Colour {
        match self.name.trim_end_matches("_r") {
            "viridis" | "cividis" => Colour::rgb(255, 70, 215),
            "RdBu" | "coolwarm" => Colour::rgb(20, 20, 20),
            _ => Colour::rgb(30, 225, 255),
        }
    }
}

/// plasma.
impl Default for ColourMap {
    fn default() -> Self {
        // The tables are part of the program, and a test reads all of them; black stands in for what cannot be.
        let entries = tabulated("plasma", false).unwrap_or_else(|| vec![Colour::BLACK; 256]);
        let (under, over) = (entries[0], entries[255]);
        Self {
            name: "plasma".to_owned(),
            entries,
            under,
            over,
            bad: Colour::rgb(190, 190, 190),
        }
    }
}

impl fmt::Display for ColourMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl FromStr for ColourMap {
    type Err = Error;
    fn from_str(name: &str) -> Result<Self> {
        Self::named(name)
    }
}

impl TryFrom<String> for ColourMap {
    type Error = Error;
    fn try_from(name: String) -> Result<Self> {
        Self::named(&name)
    }
}

impl From<ColourMap> for String {
    fn from(map: ColourMap) -> String {
        map.name
    }
}

/// The 256 colours under `name` in the tables.
fn tabulated(name: &str, reversed: bool) -> Option<Vec<Colour>> {
    let mut lines = TABLES.lines().skip_while(|line| *line != name).skip(1);
    let mut entries = Vec::with_capacity(256);
    while entries.len() < 256 {
        for digits in lines.next()?.as_bytes().chunks_exact(6) {
            let digits = std::str::from_utf8(digits).ok()?;
            entries.push(Colour::hex(u32::from_str_radix(digits, 16).ok()?));
        }
    }
    if reversed {
        entries.reverse();
    }
    (entries.len() == 256).then_some(entries)
}

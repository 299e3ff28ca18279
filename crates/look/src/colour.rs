//! Colours, by name or by hexadecimal digits.

use crate::Error;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A colour in sRGB with opacity, 8 bits each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Colour {
    /// Red.
    pub r: u8,
    /// Green.
    pub g: u8,
    /// Blue.
    pub b: u8,
    /// Opacity: 255 hides all that is below.
    pub a: u8,
}

/// Names that are understood, besides `#rrggbb`.
const NAMES: [(&str, u32); 22] = [
    ("black", 0x000000),
    ("white", 0xffffff),
    ("gray", 0x808080),
    ("grey", 0x808080),
    ("silver", 0xc0c0c0),
    ("red", 0xff0000),
    ("green", 0x008000),
    ("blue", 0x0000ff),
    ("cyan", 0x00ffff),
    ("magenta", 0xff00ff),
    ("yellow", 0xffff00),
    ("orange", 0xffa500),
    ("lime", 0x00ff00),
    ("navy", 0x000080),
    ("purple", 0x800080),
    ("pink", 0xffc0cb),
    ("brown", 0xa52a2a),
    ("gold", 0xffd700),
    ("deepskyblue", 0x00bfff),
    ("crimson", 0xdc143c),
    ("teal", 0x008080),
    ("turquoise", 0x40e0d0),
];

/// The colours of successive series: Okabe and Ito's, told apart by colour-blind readers as well
/// (<https://jfly.uni-koeln.de/color/>), in an order that puts the strongest contrasts first.
const CYCLE: [u32; 7] = [
    0x0072b2, 0xd55e00, 0x009e73, 0xcc79a7, 0xe69f00, 0x56b4e9, 0x4d4d4d,
];

impl Colour {
    /// Opaque black.
    pub const BLACK: Colour = Colour::rgb(0, 0, 0);
    /// Opaque white.
    pub const WHITE: Colour = Colour::rgb(255, 255, 255);
    /// Nothing at all.
    pub const TRANSPARENT: Colour = Colour {
        r: 0,
        g: 0,
        b: 0,
        a: 0,
    };

    /// An opaque colour.
    pub const fn rgb(r: u8, g: u8, b: u8) -> Self {
        Self { r, g, b, a: 255 }
    }

    /// An opaque colour from `0xrrggbb`.
    pub const fn hex(rgb: u32) -> Self {
        Self::rgb((rgb >> 16) as u8, (rgb >> 8) as u8, rgb as u8)
    }

    /// The colour of the `n`-th series of a plot; after seven they repeat.
    pub fn of_series(n: usize) -> Self {
        Self::hex(CYCLE[n % CYCLE.len()])
    }

    /// The same colour with opacity `alpha`, 0 to 1.
    pub fn with_alpha(self, alpha: f64) -> Self {
        Self {
            a: (alpha.clamp(0.0, 1.0) * 255.0).round() as u8,
            ..self
        }
    }

    /// Relative luminance from 0 (black) to 1, as Rec. 709 weighs the channels.
    pub fn luminance(self) -> f64 {
        (0.2126 * f64::from(self.r) + 0.7152 * f64::from(self.g) + 0.0722 * f64::from(self.b)) / 255.0
    }

    /// Black or white, whichever stands out against this colour.
    pub fn contrast(self) -> Self {
        if self.luminance() > 0.45 {
            Self::BLACK
        } else {
            Self::WHITE
        }
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.r, self.g, self.b)?;
        if self.a == 255 {
            Ok(())
        } else {
            write!(f, "{:02x}", self.a)
        }
    }
}

impl FromStr for Colour {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let unknown = || Error::UnknownColour {
            text: text.to_owned(),
        };
        let name = text.trim().to_ascii_lowercase();
        if let Some(&(_, rgb)) = NAMES.iter().find(|(known, _)| *known == name) {
            return Ok(Self::hex(rgb));
        }
        let digits = name.strip_prefix('#').ok_or_else(unknown)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(unknown());
        }
        let value = u32::from_str_radix(digits, 16).map_err(|_| unknown())?;
        match digits.len() {
            6 => Ok(Self::hex(value)),
            8 => Ok(Self {
                a: value as u8,
                ..Self::hex(value >> 8)
            }),
            _ => Err(unknown()),
        }
    }
}

impl TryFrom<String> for Colour {
    type Error = Error;
    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<Colour> for String {
    fn from(colour: Colour) -> String {
        colour.to_string()
    }
}

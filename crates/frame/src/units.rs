//! Units of pixel values, as BUNIT names them.

/// What a pixel counts, and whether it is a rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PixelUnit {
    /// What is counted.
    pub quantity: Quantity,
    /// Per second, rather than in total.
    pub per_second: bool,
}

/// What a pixel counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    /// Electrons.
    Electron,
    /// Data numbers; photon events on a MAMA.
    Count,
}

impl PixelUnit {
    /// Reads BUNIT (`ELECTRONS`, `COUNTS/S`, `DN`, `counts s-1`, …); `None` for anything else.
    pub fn from_bunit(bunit: &str) -> Option<Self> {
        let text: String = bunit.trim().to_ascii_lowercase();
        let (name, per_second) = match text.split_once('/') {
            Some((name, "s" | "sec" | "second")) => (name.trim().to_owned(), true),
            Some(_) => return None,
            None => match text.strip_suffix("s-1").or_else(|| text.strip_suffix("s**-1")) {
                Some(name) => (name.trim().to_owned(), true),
                None => (text, false),
            },
        };
        let quantity = match name.as_str() {
            "electron" | "electrons" | "e-" | "e" => Quantity::Electron,
            "count" | "counts" | "dn" | "adu" => Quantity::Count,
            "cps" if !per_second => {
                return Some(Self {
                    quantity: Quantity::Count,
                    per_second: true,
                });
            }
            _ => return None,
        };
        Some(Self { quantity, per_second })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spellings_of_hubble_headers_are_known() {
        let electron = |per_second| {
            Some(PixelUnit {
                quantity: Quantity::Electron,
                per_second,
            })
        };
        let count = |per_second| {
            Some(PixelUnit {
                quantity: Quantity::Count,
                per_second,
            })
        };
        assert_eq!(PixelUnit::from_bunit("ELECTRONS"), electron(false));
        assert_eq!(PixelUnit::from_bunit("ELECTRONS/S"), electron(true));
        assert_eq!(PixelUnit::from_bunit("COUNTS"), count(false));
        assert_eq!(PixelUnit::from_bunit("counts s-1"), count(true));
        assert_eq!(PixelUnit::from_bunit("cps"), count(true));
        assert_eq!(PixelUnit::from_bunit("DN"), count(false));
        assert_eq!(PixelUnit::from_bunit("COUNTS/pixel"), None);
        assert_eq!(PixelUnit::from_bunit("UNITLESS"), None);
    }
}

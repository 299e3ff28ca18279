//! A line of a catalogue of masks, as `stsci.skypac` has them.

use firstlight_fits::HduSelector;
use std::fmt;

/// An exposure and the masks of its images.
#[derive(Debug, PartialEq)]
pub(super) struct Line {
    pub(super) image: String,
    /// Which images are meant; all SCI images where none is named.
    pub(super) images: Vec<Image>,
    /// The file of each, and which of its images is the mask.
    pub(super) masks: Vec<Option<(String, Option<HduSelector>)>>,
}

/// What names an image of an exposure.
#[derive(Debug, PartialEq)]
pub(super) enum Image {
    /// The number of its extension.
    Number(usize),
    /// EXTVER of a SCI image.
    Sci(i64),
    AllSci,
}

impl fmt::Display for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Image::Number(number) => write!(f, "{number}"),
            Image::Sci(version) => write!(f, "sci,{version}"),
            Image::AllSci => f.write_str("sci"),
        }
    }
}

impl Line {
    /// Reads a line; nothing where it is empty or a comment.
    pub(super) fn parse(text: &str) -> Result<Option<Self>, String> {
        let text = text.trim();
        if text.is_empty() || text.starts_with('#') {
            return Ok(None);
        }
        let mut items = split(text)?.into_iter().map(Item::parse);
        let Some(image) = items.next().transpose()?.filter(|item| !item.name.is_empty()) else {
            return Err("it begins with no name of an exposure".to_owned());
        };
        let images = images(&image)?;
        let masks = items.map(|item| {
            let item = item?;
            let nothing = item.name.is_empty() || (!item.quoted && item.name.eq_ignore_ascii_case("none"));
            match (nothing, item.bracket) {
                (true, None) => Ok(None),
                (true, Some(_)) => Err("an extension stands without a file".to_owned()),
                (false, None) => Ok(Some((item.name, None))),
                (false, Some((_, inside))) => Ok(Some((item.name, Some(plain(&inside).as_str().into())))),
            }
        });
        Ok(Some(Self {
            image: image.name,
            images,
            masks: masks.collect::<Result<_, String>>()?,
        }))
    }
}

/// A name with what stands in brackets behind it.
struct Item {
    name: String,
    quoted: bool,
    /// The bracket that opens, and what is inside.
    bracket: Option<(char, String)>,
}

impl Item {
    fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let quote = text.chars().next().filter(|c| ['\'', '"'].contains(c));
        let (name, rest) = match quote {
            Some(quote) => text[1..]
                .split_once(quote)
                .ok_or_else(|| format!("{text} has no second quotation mark"))?,
            None => text.split_at(text.find(['[', '{']).unwrap_or(text.len())),
        };
        let (name, rest) = (name.trim(), rest.trim());
        let bracket = match rest.chars().next() {
            None => None,
            Some(open @ ('[' | '{')) => {
                let close = if open == '[' { ']' } else { '}' };
                let inside = rest[1..].strip_suffix(close);
                let inside =
                    inside.ok_or_else(|| format!("{text} has something behind its {close}, or none"))?;
                Some((open, inside.trim().to_owned()))
            }
            Some(_) => return Err(format!("{text}: {rest} stands behind the name")),
        };
        Ok(Self {
            name: name.to_owned(),
            quoted: quote.is_some(),
            bracket,
        })
    }
}

/// The parts of a text between commas that stand in no brackets and no quotation marks.
fn split(text: &str) -> Result<Vec<&str>, String> {
    let (mut parts, mut start, mut depth, mut quote) = (Vec::new(), 0, 0_usize, None);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '[' | '{' | '(') => depth += 1,
            (None, ']' | '}' | ')') => {
                depth = depth
                    .checked_sub(1)
                    .ok_or_else(|| format!("{c} closes no bracket"))?;
            }
            (None, ',') if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            (None, _) => {}
        }
    }
    if depth > 0 || quote.is_some() {
        return Err("a bracket or quotation mark stays open".to_owned());
    }
    parts.push(&text[start..]);
    Ok(parts)
}

/// An extension without its brackets, quotation marks and blanks: `sci,2` of `('sci', 2)`.
fn plain(text: &str) -> String {
    let kept = |c: &char| !['\'', '"', '(', ')', ' '].contains(c);
    text.chars().filter(kept).collect()
}

/// `[…]` names one image, `{…}` several, in which a name alone stands for all of that name.
fn images(item: &Item) -> Result<Vec<Image>, String> {
    let Some((open, inside)) = &item.bracket else {
        return Ok(Vec::new());
    };
    let parts = if *open == '[' {
        vec![inside.as_str()]
    } else {
        split(inside)?
    };
    let image = |part: &str| {
        let named = plain(part);
        let unknown = || format!("{part} names no SCI image: a number, 'sci', ('sci',2) or ('sci',*)");
        if let Ok(number) = named.parse() {
            return Ok(Image::Number(number));
        }
        let (name, version) = named.split_once(',').unwrap_or((&named, ""));
        match (name.eq_ignore_ascii_case("sci"), version) {
            (true, "") if *open == '[' => Ok(Image::Sci(1)),
            (true, "" | "*") => Ok(Image::AllSci),
            (true, version) => version.parse().map(Image::Sci).map_err(|_| unknown()),
            (false, _) => Err(unknown()),
        }
    };
    parts.into_iter().map(image).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Line {
        Line::parse(text).unwrap().unwrap()
    }

    fn mask(name: &str, hdu: Option<&str>) -> Option<(String, Option<HduSelector>)> {
        Some((name.to_owned(), hdu.map(HduSelector::from)))
    }

    #[test]
    fn images_and_masks_as_skypac_writes_them() {
        assert_eq!(Line::parse("  # image1.fits,mask.fits").unwrap(), None);
        assert_eq!(Line::parse("").unwrap(), None);
        let read = line("image1.fits{1,2,('sci',3)},mask1.fits,,mask3.fits[0]");
        assert_eq!(read.image, "image1.fits");
        assert_eq!(read.images, [Image::Number(1), Image::Number(2), Image::Sci(3)]);
        let none = None;
        assert_eq!(
            read.masks,
            [mask("mask1.fits", None), none, mask("mask3.fits", Some("0"))]
        );
        let read = line("image2.fits{'sci'}, None , 'None', m.fits['dq', 2]");
        assert_eq!(read.images, [Image::AllSci]);
        assert_eq!(
            read.masks,
            [None, mask("None", None), mask("m.fits", Some("dq,2"))]
        );
        assert_eq!(line("a.fits[sci]").images, [Image::Sci(1)]);
        assert_eq!(line("a.fits[sci,2], b.reg").images, [Image::Sci(2)]);
        assert_eq!(line("a.fits{('SCI',*)}").images, [Image::AllSci]);
        assert_eq!(line("a.fits").images, []);
        let read = line("\"a, b [1].fits\"[2],stars.reg");
        assert_eq!(
            (read.image.as_str(), &read.images[..]),
            ("a, b [1].fits", &[Image::Number(2)][..])
        );
    }

    #[test]
    fn what_is_no_line_is_said() {
        for (text, expected) in [
            (",mask.fits", "no name of an exposure"),
            ("a.fits[1,mask.fits", "stays open"),
            ("a.fits,mask.fits]", "closes no bracket"),
            ("a.fits[dq],mask.fits", "names no SCI image"),
            ("a.fits[sci,x],mask.fits", "names no SCI image"),
            ("a.fits[1]b,mask.fits", "behind its"),
            ("a.fits,[1]", "without a file"),
            ("'a.fits", "stays open"),
        ] {
            let error = Line::parse(text).unwrap_err();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}

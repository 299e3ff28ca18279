//! Which keyword of which HDU is meant.

use crate::fits::{Hdu, HduSelector, Header, Value};

/// A keyword, of one HDU or of the first that has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Keyword {
    /// The keyword.
    pub name: String,
    /// The HDU it is to be taken from.
    pub hdu: Option<HduSelector>,
}

impl Keyword {
    /// Reads `KEY`, `sci.KEY`, `KEY@1`, `KEY@sci,2`.
    pub fn parse(text: &str) -> Self {
        if let Some((name, hdu)) = text
            .split_once('@')
            .filter(|(name, hdu)| !name.is_empty() && !hdu.is_empty())
        {
            return Self {
                name: name.trim().to_owned(),
                hdu: Some(hdu.into()),
            };
        }
        match text
            .split_once('.')
            .filter(|(hdu, name)| !name.is_empty() && !hdu.is_empty())
        {
            Some((hdu, name)) => Self {
                name: name.trim().to_owned(),
                hdu: Some(hdu.into()),
            },
            None => Self {
                name: text.trim().to_owned(),
                hdu: None,
            },
        }
    }

    /// Whether it is to be looked for in this HDU, where `among` (unless empty) limits the search.
    pub(super) fn is_sought_in(&self, hdu: &Hdu, among: &[HduSelector]) -> bool {
        match &self.hdu {
            Some(selector) => hdu.matches(selector),
            None => among.is_empty() || among.iter().any(|selector| hdu.matches(selector)),
        }
    }

    /// Its value and, where the comment begins with one in brackets, its unit: `/ [deg] position angle`.
    pub(super) fn found_in(&self, header: &Header) -> Option<(Value, Option<String>)> {
        let card = header.card(&self.name)?;
        let value = card.value().ok().flatten()?;
        let comment = card.comment();
        let unit = comment
            .as_deref()
            .and_then(|comment| comment.strip_prefix('[')?.split_once(']'));
        Some((
            value,
            unit.map(|(unit, _)| unit.trim().to_owned())
                .filter(|unit| !unit.is_empty()),
        ))
    }
}

/// Reads `0,SCI`, `SCI,2`: a number behind a name is its version.
pub(crate) fn selectors(texts: &[String]) -> Vec<HduSelector> {
    let mut selectors: Vec<HduSelector> = Vec::new();
    for text in texts {
        let first = selectors.len();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let version = part.parse::<i64>().ok();
            match (selectors.get_mut(first..).and_then(<[_]>::last_mut), version) {
                (Some(last @ HduSelector::Name(_)), Some(version)) => {
                    *last = HduSelector::Version(last.to_string(), version);
                }
                _ => selectors.push(part.into()),
            }
        }
    }
    selectors
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_may_name_their_hdu() {
        let parsed = |text| {
            let keyword = Keyword::parse(text);
            (keyword.name, keyword.hdu.map(|hdu| hdu.to_string()))
        };
        assert_eq!(parsed("exptime"), ("exptime".to_owned(), None));
        assert_eq!(
            parsed("sci.CRVAL1"),
            ("CRVAL1".to_owned(), Some("sci".to_owned()))
        );
        assert_eq!(parsed("BUNIT@1"), ("BUNIT".to_owned(), Some("1".to_owned())));
        assert_eq!(
            parsed("BUNIT@sci,2"),
            ("BUNIT".to_owned(), Some("sci,2".to_owned()))
        );
        assert_eq!(parsed("@1"), ("@1".to_owned(), None));
    }

    #[test]
    fn numbers_behind_names_are_versions() {
        let read = |texts: &[&str]| {
            let texts: Vec<String> = texts.iter().map(|&text| text.to_owned()).collect();
            selectors(&texts)
                .iter()
                .map(HduSelector::to_string)
                .collect::<Vec<_>>()
        };
        assert_eq!(read(&["0,SCI"]), ["0", "SCI"]);
        assert_eq!(read(&["SCI,2"]), ["SCI,2"]);
        assert_eq!(read(&["SCI", "2"]), ["SCI", "2"]);
        assert_eq!(read(&["0,SCI,1,SCI,2,3"]), ["0", "SCI,1", "SCI,2", "3"]);
        assert!(read(&[]).is_empty());
    }
}

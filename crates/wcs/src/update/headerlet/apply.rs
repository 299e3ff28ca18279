//! Headerlets put to use: their coordinates as those that count, or as further ones.

use super::Headerlet;
use crate::update::ScienceFile;
use crate::update::alternate::{self, ORIGINAL, letters};
use crate::update::lookup_tables::{D2IM, NPOL};
use crate::update::names::DistortionNames;
use crate::update::science::{put, remove_where, text};
use crate::update::wcscorr;
use crate::{Error, Result};
use firstlight_fits::Header;
use serde::{Deserialize, Serialize};

/// How a headerlet is applied.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct ApplyOptions {
    /// Keep the description that counted as a further one, under the next free letter.
    #[cfg_attr(feature = "clap", arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = ApplyOptions::default().archive, action = clap::ArgAction::Set))]
    pub archive: bool,
    /// Attach the headerlet as an extension.
    #[cfg_attr(feature = "clap", arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = ApplyOptions::default().attach, action = clap::ArgAction::Set))]
    pub attach: bool,
    /// Apply it although its distortion models are others than the file's.
    #[cfg_attr(feature = "clap", arg(long))]
    pub force: bool,
    /// As a further description instead of the one that counts.
    #[cfg_attr(feature = "clap", arg(long))]
    pub alternate: bool,
    /// Letter of the further description [default: the next free one].
    #[cfg_attr(feature = "clap", arg(long))]
    pub wcskey: Option<char>,
}

impl Default for ApplyOptions {
    fn default() -> Self {
        Self {
            archive: true,
            attach: true,
            force: false,
            alternate: false,
            wcskey: None,
        }
    }
}

impl Headerlet {
    fn check_models(&self, file: &ScienceFile) -> Result<bool> {
        let own = text(self.primary()?, "DISTNAME");
        Ok(own == models(file)?)
    }

    fn other_models(&self, file: &ScienceFile, way_out: &str) -> Result<Error> {
        Ok(self.bad(format!(
            "its distortion models are {}, those of the exposure {}; {way_out}",
            text(self.primary()?, "DISTNAME"),
            models(file)?
        )))
    }
}

fn models(file: &ScienceFile) -> Result<String> {
    match text(file.primary()?, "DISTNAME") {
        empty if empty.is_empty() => Ok(DistortionNames::of(file)?.together()),
        known => Ok(known),
    }
}

/// Makes the headerlet's coordinates those that count: descriptions and distortion keywords of all its images, its
/// look-up tables, and the names of its reference files. What the WCSCORR table knows is kept up.
///
/// With other distortion models, and `force`, all other descriptions but the pipeline's are deleted, as they were made
/// with the old ones.
///
/// # Errors
/// [`Error::Headerlet`] where it is another exposure's, or was made with other distortion models and `force` is off.
pub fn apply_as_primary(file: &mut ScienceFile, headerlet: &Headerlet, options: &ApplyOptions) -> Result<()> {
    headerlet.check_destination(file)?;
    let same_models = headerlet.check_models(file)?;
    if !same_models && !options.force {
        return Err(headerlet.other_models(file, "--force applies it nevertheless")?);
    }
    wcscorr::begin(file)?;
    for description in headerlet.descriptions() {
        let at = headerlet.target(file, description)?;
        let header = &mut file.hdus[at].header;
        if !same_models {
            for letter in letters(header).iter().filter(|letter| *letter != ORIGINAL) {
                alternate::delete(header, letter);
            }
        } else if options.archive {
            archive(header, headerlet)?;
        }
    }
    NPOL.remove(file);
    D2IM.remove(file);
    for description in headerlet.descriptions() {
        let at = headerlet.target(file, description)?;
        replace(&mut file.hdus[at].header, description)?;
        put(
            &mut file.hdus[at].header,
            "HDRNAME",
            headerlet.name(),
            "headerlet that was applied",
        )?;
    }
    for table in headerlet.tables() {
        file.place(table.clone());
    }
    let primary = headerlet.primary()?.clone();
    for keyword in [
        "IDCTAB", "NPOLFILE", "D2IMFILE", "SIPNAME", "DISTNAME", "UPWCSVER", "PYWCSVER",
    ] {
        let value = text(&primary, keyword);
        if !value.is_empty() {
            put(file.primary_mut()?, keyword, value, "")?;
        }
    }
    for description in headerlet.descriptions() {
        wcscorr::add(file, &primary, description)?;
    }
    file.count_extensions()
}

/// The description that counts becomes a further one, unless it is the headerlet's or one of its name is there.
fn archive(header: &mut Header, headerlet: &Headerlet) -> Result<()> {
    let name = text(header, "WCSNAME");
    let known = letters(header);
    let is_name = |letter: &String| text(header, &format!("WCSNAME{letter}")).eq_ignore_ascii_case(&name);
    if name.is_empty() || text(header, "HDRNAME") == headerlet.name() || known.iter().any(is_name) {
        return Ok(());
    }
    let free = free_letter(&known)
        .ok_or_else(|| headerlet.bad("all letters of descriptions are taken".to_owned()))?;
    alternate::archive(header, &free, &name)
}

fn free_letter(known: &[String]) -> Option<String> {
    let letters = (b'A'..=b'Z').map(|letter| char::from(letter).to_string());
    letters
        .into_iter()
        .find(|letter| letter != ORIGINAL && !known.contains(letter))
}

/// Puts a description with its distortion in the place of an image's own.
fn replace(header: &mut Header, description: &Header) -> Result<()> {
    let is_polynomial = |keyword: &str| {
        let stem = keyword.split('_').next().unwrap_or_default();
        let rest = &keyword[stem.len()..];
        ["A", "B", "AP", "BP"].contains(&stem) && rest.len() > 1
    };
    remove_where(header, |keyword| {
        is_polynomial(keyword)
            || [
                "RMS_RA", "RMS_DEC", "NMATCH", "CATALOG", "FITNAME", "WCSTYPE", "CRDER1", "CRDER2",
            ]
            .contains(&keyword)
    });
    let of_the_extension = [
        "XTENSION", "BITPIX", "NAXIS", "PCOUNT", "GCOUNT", "EXTEND", "SIMPLE", "EXTNAME", "EXTVER",
    ];
    for card in description.cards() {
        let keyword = card.keyword();
        if card.is_commentary() || of_the_extension.contains(&keyword) || keyword.starts_with("TG_E") {
            continue;
        }
        if ["DP1", "DP2", "D2IM1", "D2IM2"].contains(&keyword) {
            // Several cards of one name; those of old are gone.
            let last = header.cards().iter().rposition(|card| !card.is_commentary());
            header.insert(last.map_or(0, |at| at + 1), card.clone());
        } else if let Some(value) = card.value()? {
            put(
                header,
                keyword,
                value,
                card.comment().as_deref().unwrap_or_default(),
            )?;
        }
    }
    Ok(())
}

/// Adds the headerlet's coordinates as a further description.
///
/// # Errors
/// [`Error::Headerlet`] where it is another exposure's, was made with other distortion models, or the letter is taken.
pub fn apply_as_alternate(
    file: &mut ScienceFile,
    headerlet: &Headerlet,
    options: &ApplyOptions,
) -> Result<()> {
    headerlet.check_destination(file)?;
    if !headerlet.check_models(file)? {
        return Err(headerlet.other_models(file, "it can be attached, or applied as the one that counts")?);
    }
    wcscorr::begin(file)?;
    let primary = headerlet.primary()?.clone();
    for description in headerlet.descriptions() {
        let at = headerlet.target(file, description)?;
        let header = &mut file.hdus[at].header;
        let known = letters(header);
        let letter = match options.wcskey {
            Some(key) => Some(key.to_ascii_uppercase().to_string()).filter(|key| {
                key != ORIGINAL && !known.contains(key) && key.bytes().all(|b| b.is_ascii_uppercase())
            }),
            None => free_letter(&known),
        };
        let letter =
            letter.ok_or_else(|| headerlet.bad("the letter of the description is taken".to_owned()))?;
        put(
            header,
            &format!("WCSNAME{letter}"),
            text(&primary, "WCSNAME"),
            "name of the coordinate system",
        )?;
        for (stem, value, comment) in alternate::description(description, "")? {
            put(header, &format!("{stem}{letter}"), value, comment)?;
        }
        for keyword in ["HDRNAME", "NMATCH", "CATALOG"] {
            if let Some(value) = primary.get(keyword) {
                put(header, &format!("{keyword}{letter}"), value, "")?;
            }
        }
    }
    for description in headerlet.descriptions() {
        wcscorr::add(file, &primary, description)?;
    }
    file.count_extensions()
}

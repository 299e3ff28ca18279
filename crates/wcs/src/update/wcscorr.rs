//! WCSCORR: a table of all world coordinates that a file has had.

use super::ScienceFile;
use super::alternate::{ORIGINAL, letters};
use super::names::DistortionNames;
use super::science::{Content, ScienceHdu, extension_version, put, text};
use crate::keywords::real;
use crate::{Error, Result};
use firstlight_fits::{Column, ColumnData, Header, Table};

/// Text columns with their widths; all others are numbers.
const TEXTS: [(&str, usize); 10] = [
    ("WCS_ID", 40),
    ("WCS_key", 1),
    ("HDRNAME", 24),
    ("SIPNAME", 24),
    ("NPOLNAME", 24),
    ("D2IMNAME", 24),
    ("CTYPE1", 24),
    ("CTYPE2", 24),
    ("Catalog", 40),
    ("DESCRIP", 128),
];

/// All columns, in their order.
const COLUMNS: [&str; 24] = [
    "WCS_ID", "EXTVER", "WCS_key", "HDRNAME", "SIPNAME", "NPOLNAME", "D2IMNAME", "CRVAL1", "CRVAL2",
    "CRPIX1", "CRPIX2", "CD1_1", "CD1_2", "CD2_1", "CD2_2", "CTYPE1", "CTYPE2", "ORIENTAT", "PA_V3",
    "RMS_RA", "RMS_Dec", "NMatch", "Catalog", "DESCRIP",
];

/// One description of one image.
#[derive(Debug, Clone, PartialEq, Default)]
struct Row {
    texts: [String; 10],
    /// Columns that are not text, in their order.
    numbers: Vec<f64>,
}

/// Makes the table where there is none: a row for each description of each image, those of the pipeline first.
///
/// # Errors
/// [`Error::NoWcs`](crate::Error::NoWcs) for an image without coordinates.
pub fn begin(file: &mut ScienceFile) -> Result<()> {
    if !file.named("WCSCORR").is_empty() {
        return Ok(());
    }
    let images = file.named("SCI");
    let Some(&first) = images.first() else {
        return Ok(());
    };
    let mut rows = Vec::new();
    let mut known = vec![ORIGINAL.to_owned(), String::new()];
    known.extend(
        letters(&file.hdus[first].header)
            .into_iter()
            .filter(|letter| letter != ORIGINAL),
    );
    for letter in &known {
        for &at in &images {
            let image = &file.hdus[at].header;
            let names = (letter != ORIGINAL)
                .then(|| DistortionNames::of(file))
                .transpose()?;
            if image.contains(&format!("CRVAL1{letter}")) {
                rows.push(row(image, letter, names.as_ref(), extension_version(image))?);
            }
        }
    }
    // Room for those to come, as readers of the table expect it.
    let room = images.len() * (letters(&file.hdus[first].header).len() + 6);
    let table = table(&rows, room)?;
    let mut header = Header::new();
    put(&mut header, "TROWS", rows.len(), "rows that are filled")?;
    put(
        &mut header,
        "EXTNAME",
        "WCSCORR",
        "all world coordinates that the file has had",
    )?;
    put(&mut header, "EXTVER", 1, "")?;
    file.hdus.push(ScienceHdu {
        header,
        content: Content::Table(table),
    });
    Ok(())
}

/// Adds the description that a headerlet brings for an image, unless it is there.
pub(super) fn add(file: &mut ScienceFile, headerlet: &Header, description: &Header) -> Result<()> {
    let version = description.integer("TG_EVER").unwrap_or(1);
    let root = |keyword: &str, suffix: &str| {
        super::names::root(&text(headerlet, keyword), suffix).unwrap_or_else(|| "NOMODEL".to_owned())
    };
    let names = DistortionNames {
        sip: text(headerlet, "SIPNAME"),
        npol: root("NPOLFILE", "_npl"),
        d2im: root("D2IMFILE", "_d2i"),
    };
    let mut new = row(description, "", Some(&names), version)?;
    new.texts[0] = text(headerlet, "WCSNAME");
    new.texts[2] = text(headerlet, "HDRNAME");
    new.texts[8] = text(headerlet, "CATALOG");
    new.texts[9] = text(headerlet, "DESCRIP");
    change(file, |rows| add_row(rows, new))
}

/// Adds a row unless there is one of the same name, image, headerlet and distortion models.
fn add_row(rows: &mut Vec<Row>, new: Row) {
    let selects = [0, 2, 3, 4, 5];
    let same = |row: &Row| {
        row.numbers.first() == new.numbers.first() && selects.iter().all(|&at| row.texts[at] == new.texts[at])
    };
    if !rows.iter().any(same) {
        rows.push(new);
    }
}

/// Adds the description that counts, of each image, unless it is there: a row tells it by name, image and distortion
/// models. The table, if there is one, must have been read ([`Content::Table`]).
///
/// # Errors
/// As [`begin`]; [`Error::BadTable`] where WCSCORR is no binary table.
pub fn record(file: &mut ScienceFile) -> Result<()> {
    let names = DistortionNames::of(file)?;
    let mut new = Vec::new();
    for at in file.named("SCI") {
        let image = &file.hdus[at].header;
        new.push(row(image, "", Some(&names), extension_version(image))?);
    }
    change(file, |rows| {
        for row in new {
            add_row(rows, row);
        }
    })
}

/// Takes the rows of a headerlet out.
pub(super) fn forget(file: &mut ScienceFile, hdrname: &str) -> Result<()> {
    change(file, |rows| {
        rows.retain(|row| row.texts[0] == "OPUS" || !row.texts[2].eq_ignore_ascii_case(hdrname.trim()));
    })
}

fn change(file: &mut ScienceFile, change: impl FnOnce(&mut Vec<Row>)) -> Result<()> {
    let Some(&at) = file.named("WCSCORR").first() else {
        return Ok(());
    };
    let hdu = &mut file.hdus[at];
    let Content::Table(old) = &hdu.content else {
        return Err(Error::BadTable {
            keyword: "EXTNAME".to_owned(),
            extension: "WCSCORR".to_owned(),
            reason: "is no binary table".to_owned(),
        });
    };
    let mut rows = read(old)?;
    change(&mut rows);
    let room = old.rows().max(rows.len() + 2);
    hdu.content = Content::Table(table(&rows, room)?);
    put(&mut hdu.header, "TROWS", rows.len(), "rows that are filled")
}

fn row(header: &Header, letter: &str, names: Option<&DistortionNames>, version: i64) -> Result<Row> {
    let texts = |keyword: &str| text(header, &format!("{keyword}{letter}"));
    let number =
        |keyword: &str| -> Result<f64> { Ok(real(header, &format!("{keyword}{letter}"))?.unwrap_or(0.0)) };
    let cd = super::alternate::matrix(header, letter)?;
    let name = |of: fn(&DistortionNames) -> &String| names.map(|names| of(names).clone()).unwrap_or_default();
    Ok(Row {
        texts: [
            texts("WCSNAME"),
            letter.to_owned(),
            if letter == ORIGINAL {
                String::new()
            } else {
                texts("HDRNAME")
            },
            name(|names| &names.sip),
            name(|names| &names.npol),
            name(|names| &names.d2im),
            texts("CTYPE1"),
            texts("CTYPE2"),
            texts("CATALOG"),
            String::new(),
        ],
        numbers: vec![
            version as f64,
            number("CRVAL1")?,
            number("CRVAL2")?,
            number("CRPIX1")?,
            number("CRPIX2")?,
            cd[0][0],
            cd[0][1],
            cd[1][0],
            cd[1][1],
            cd[0][1].atan2(cd[1][1]).to_degrees(),
            0.0,
            number("CRDER1")?,
            number("CRDER2")?,
            number("NMATCH")?,
        ],
    })
}

/// The filled rows of a table; columns that it lacks are empty.
fn read(table: &Table) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for at in 0..table.rows() {
        let of = |name: &str| table.find(name).filter(|column| column.is_scalar());
        let texts = TEXTS.map(|(name, _)| {
            of(name)
                .and_then(|column| column.data().text(at))
                .unwrap_or("")
                .to_owned()
        });
        let numbers = COLUMNS.iter().filter(|name| width(name).is_none());
        let numbers = numbers.map(|name| of(name).and_then(|column| column.data().real(at)).unwrap_or(0.0));
        if !texts[0].is_empty() && texts[0] != "0.0" {
            rows.push(Row {
                numbers: numbers.collect(),
                texts,
            });
        }
    }
    Ok(rows)
}

fn width(name: &str) -> Option<usize> {
    TEXTS
        .iter()
        .find(|(text, _)| text == &name)
        .map(|(_, width)| *width)
}

fn table(rows: &[Row], room: usize) -> Result<Table> {
    let mut table = Table::new();
    let mut next_number = 0..;
    let empty = room.saturating_sub(rows.len());
    for name in COLUMNS {
        if let Some(width) = width(name) {
            let at = TEXTS.iter().position(|(text, _)| *text == name).unwrap_or(0);
            let filled = rows
                .iter()
                .map(|row| row.texts[at].chars().take(width).collect::<String>());
            let all = filled.chain(std::iter::repeat_n(String::new(), empty));
            table.push(Column::text(name, all).width(width))?;
            continue;
        }
        let at: usize = next_number.next().unwrap_or(0);
        let default = if ["CD1_1", "CD2_2"].contains(&name) {
            1.0
        } else {
            0.0
        };
        let filled = rows.iter().map(|row| row.numbers.get(at).copied().unwrap_or(0.0));
        let all: Vec<f64> = filled.chain(std::iter::repeat_n(default, empty)).collect();
        let data = match name {
            "EXTVER" => ColumnData::I16(all.iter().map(|&value| value as i16).collect()),
            "NMatch" => ColumnData::I32(all.iter().map(|&value| value as i32).collect()),
            _ => ColumnData::F64(all),
        };
        table.push(Column::scalar(name, data))?;
    }
    Ok(table)
}

//! Which part of a frame is overscan, and which is kept.

use super::options::ReduceOptions;
use crate::Result;
use crate::ccd::CcdFile;
use firstlight_calibrate::ccd::Section;
use serde::Serialize;
use std::ops::Range;

/// Fewest columns or rows beside the image that are taken for an overscan that no keyword names.
const LEAST_OVERSCAN: usize = 4;

/// Sections of a frame, as 'firstlight ccd' takes them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Sections {
    /// Overscan.
    pub overscan: Option<String>,
    /// Axis along which the overscan is combined.
    pub overscan_axis: usize,
    /// What is kept.
    pub trim: Option<String>,
}

impl Sections {
    /// Rows and columns that are left of a frame.
    pub(super) fn shape(&self, shape: (usize, usize)) -> Result<(usize, usize)> {
        let Some(trim) = &self.trim else {
            return Ok(shape);
        };
        let (rows, columns) = Section::parse(trim)?.within(shape)?;
        Ok((rows.len(), columns.len()))
    }
}

/// The sections that are asked for, or that the header names.
pub(super) fn of(file: &CcdFile, options: &ReduceOptions) -> Result<Sections> {
    let (ny, nx) = file.shape();
    let header = file.header();
    let kept = ["TRIMSEC", "DATASEC"].iter().find_map(|keyword| {
        let text = header.text(keyword)?;
        let (rows, columns) = Section::parse(&text).ok()?.within((ny, nx)).ok()?;
        (rows.len() < ny || columns.len() < nx).then_some((text, rows, columns))
    });
    let trim = match options.trim.as_str() {
        "none" => None,
        "auto" => kept.as_ref().map(|(text, ..)| text.clone()),
        given => Some(section_or_keyword(file, given)?),
    };
    let overscan = match options.overscan.as_str() {
        "none" => None,
        "auto" => {
            let named = header.text("BIASSEC").filter(|text| {
                let section = Section::parse(text).ok();
                section.is_some_and(|section| section.within((ny, nx)).is_ok())
            });
            named.or_else(|| {
                let (_, rows, columns) = kept.as_ref()?;
                beside((ny, nx), rows, columns)
            })
        }
        given => Some(section_or_keyword(file, given)?),
    };
    // Levels of rows where the overscan is columns beside the image, of columns where it is rows.
    let overscan_axis = match &overscan {
        Some(text) => {
            let (rows, columns) = Section::parse(text)?.within((ny, nx))?;
            usize::from(rows.len() >= columns.len())
        }
        None => 1,
    };
    Ok(Sections {
        overscan,
        overscan_axis,
        trim,
    })
}

/// The columns or rows that an image leaves out on one side alone.
fn beside((ny, nx): (usize, usize), rows: &Range<usize>, columns: &Range<usize>) -> Option<String> {
    let left = [columns.start, nx - columns.end, rows.start, ny - rows.end];
    let [sides, first] = [
        left.iter().filter(|n| **n > 0).count(),
        left.iter().position(|n| *n > 0)?,
    ];
    if sides != 1 || left[first] < LEAST_OVERSCAN {
        return None;
    }
    Some(match first {
        0 => format!("[1:{},1:{ny}]", columns.start),
        1 => format!("[{}:{nx},1:{ny}]", columns.end + 1),
        2 => format!("[1:{nx},1:{}]", rows.start),
        _ => format!("[1:{nx},{}:{ny}]", rows.end + 1),
    })
}

fn section_or_keyword(file: &CcdFile, given: &str) -> Result<String> {
    if given.trim_start().starts_with('[') {
        return Ok(given.to_owned());
    }
    file.header()
        .text(given)
        .ok_or_else(|| crate::Error::MissingKeyword {
            path: file.path().to_owned(),
            keyword: given.to_owned(),
        })
}

#[cfg(test)]
mod tests {
    use super::beside;

    #[test]
    fn one_strip_beside_the_image_is_overscan() {
        assert_eq!(
            beside((1024, 1056), &(0..1024), &(0..1024)).unwrap(),
            "[1025:1056,1:1024]"
        );
        assert_eq!(beside((100, 80), &(0..100), &(10..80)).unwrap(), "[1:10,1:100]");
        assert_eq!(beside((100, 80), &(0..90), &(0..80)).unwrap(), "[1:80,91:100]");
        assert_eq!(beside((100, 80), &(6..100), &(0..80)).unwrap(), "[1:80,1:6]");
        assert_eq!(beside((100, 80), &(0..100), &(10..70)), None);
        assert_eq!(beside((100, 80), &(0..100), &(0..78)), None);
    }
}

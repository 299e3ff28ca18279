//! Parts of images in which no sources are sought: `exclusions`, a file that names for each image the region files or
//! masks of its chips.

use crate::excluded::Excluded;
use crate::input::{file_name, text_of};
use crate::{Error, Result};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// What stands in the place of a file for a chip that needs none.
const NONE: [&str; 2] = ["none", "indef"];

/// The files of the chips of images, by the image's name.
#[derive(Debug, Default)]
pub(super) struct Exclusions(HashMap<String, Vec<Option<Excluded>>>);

impl Exclusions {
    /// Reads the file and all region files that it names, which are looked for beside it. Lines begin with the name
    /// of an image, whose folder does not count; an image without a line has nothing left out.
    ///
    /// # Errors
    /// [`Error::Usage`] for a name that is none of the images'; files that cannot be read.
    pub(super) fn read(path: Option<&str>, images: &[PathBuf]) -> Result<Self> {
        let Some(path) = path.map(Path::new) else {
            return Ok(Self::default());
        };
        let folder = crate::output::folder_of(path);
        let known: Vec<String> = images.iter().map(|image| file_name(image)).collect();
        let mut files = HashMap::new();
        for line in text_of(path)?.lines() {
            let line = line.split('#').next().unwrap_or_default();
            let mut words = line.split_whitespace();
            let Some(image) = words.next().map(|word| file_name(Path::new(word))) else {
                continue;
            };
            if !known.contains(&image) {
                return Err(Error::Usage(format!(
                    "exclusions: {} has a line for {image}, which is none of the images: {}",
                    path.display(),
                    known.join(", ")
                )));
            }
            let chips = words.map(|word| match NONE.contains(&word.to_ascii_lowercase().as_str()) {
                true => Ok(None),
                false => Excluded::read(&folder.join(word), None).map(Some),
            });
            files.insert(image, chips.collect::<Result<Vec<_>>>()?);
        }
        Ok(Self(files))
    }

    /// What is left out of a chip of an image, counted from 0.
    pub(super) fn of(&self, image: &Path, chip: usize) -> Option<&Excluded> {
        self.0.get(&file_name(image))?.get(chip)?.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use firstlight_fits::Header;
    use firstlight_wcs::Wcs;

    #[test]
    fn files_stand_beside_the_list_in_the_order_of_chips() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("ghost.reg"), "image\n-circle(2,1,0.5)\n").unwrap();
        std::fs::write(at("list"), "# all\nraw/a_flt.fits None ghost.reg\nb_flt.fits\n").unwrap();
        let images = ["night1/a_flt.fits", "b_flt.fits", "c_flt.fits"].map(PathBuf::from);
        let read = |images: &[PathBuf]| Exclusions::read(at("list").to_str(), images);
        let exclusions = read(&images).unwrap();
        for (image, chip, excluded) in [
            (0, 0, false),
            (0, 1, true),
            (0, 2, false),
            (1, 0, false),
            (2, 0, false),
        ] {
            assert_eq!(
                exclusions.of(&images[image], chip).is_some(),
                excluded,
                "{image} {chip}"
            );
        }
        let wcs = Wcs::tangent((6.0, -72.0), (1.0, 1.0), [[-1e-5, 0.0], [0.0, 1e-5]], None).unwrap();
        let left_out = exclusions
            .of(&images[0], 1)
            .unwrap()
            .left_out((1, 3), &wcs, &Header::new());
        assert_eq!(left_out.unwrap(), [false, true, false]);
        let error = read(&images[..1]).unwrap_err().to_string();
        assert!(
            error.contains("b_flt.fits") && error.contains("a_flt.fits"),
            "{error}"
        );
        std::fs::write(at("ghost.reg"), "image\ncircle(2)\n").unwrap();
        let error = read(&images).unwrap_err().to_string();
        assert!(error.contains("ghost.reg") && error.contains("line 2"), "{error}");
    }
}

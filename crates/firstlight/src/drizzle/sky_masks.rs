//! `skymask_cat`: a catalogue of masks for the sky, a line for each exposure.
//!
//! `image.fits{1,('sci',2)}, mask1.fits[1], None, stars.reg`: the exposure, which of its images are meant, all SCI images
//! where that is not said, and then between commas the mask or the region file of each, none where nothing or `None`
//! stands. Names with commas or brackets stand between quotation marks.

mod line;

use super::DrizzleOptions;
use crate::excluded::Excluded;
use crate::input::{file_name, text_of};
use crate::{Error, Result};
use firstlight_mosaic::{BitMask, Member};
use line::{Image, Line};
use std::path::Path;

/// Gives the exposures their masks for the sky, and says what of the catalogue is not used.
///
/// # Errors
/// [`Error::Usage`] with the line for what is no line of a catalogue, for images that an exposure does not have, more
/// masks than images, and a catalogue none of whose exposures is an input; files that cannot be read or do not fit.
pub(super) fn mask(members: &mut [Member], options: &DrizzleOptions) -> Result<Vec<String>> {
    let Some(path) = options.sky.catalogue() else {
        return Ok(Vec::new());
    };
    let is_given = |name: &Path| !name.as_os_str().is_empty();
    if options.combine_only || !options.sky.skysub || options.sky.skyfile.as_deref().is_some_and(is_given) {
        return Ok(vec![format!(
            "skymask_cat={} is not used: no sky is measured",
            path.display()
        )]);
    }
    let (mut notes, mut used) = (Vec::new(), false);
    for (number, text) in text_of(path)?.lines().enumerate() {
        let bad = |reason: String| {
            let number = number + 1;
            Error::Usage(format!(
                "skymask_cat: {}, line {number}: {reason}",
                path.display()
            ))
        };
        let Some(line) = Line::parse(text).map_err(bad)? else {
            continue;
        };
        let name = file_name(Path::new(&line.image));
        let of = members
            .iter_mut()
            .find(|member| file_name(member.exposure.path()) == name);
        let Some(member) = of else {
            notes.push(format!(
                "skymask_cat: {} has a line for {name}, which is no input",
                path.display()
            ));
            continue;
        };
        used = true;
        let places = places(member, &line.images).map_err(bad)?;
        if line.masks.len() > places.len() {
            return Err(bad(format!(
                "{} masks for {} images of {name}",
                line.masks.len(),
                places.len()
            )));
        }
        let folder = crate::output::folder_of(path);
        for (place, mask) in places.into_iter().zip(line.masks) {
            let Some((file, hdu)) = mask else { continue };
            let excluded = Excluded::read(&folder.join(file), hdu)?;
            let made = bits(member, place, &excluded, options)?;
            put(member, place, made)?;
        }
    }
    if !used {
        return Err(Error::Usage(format!(
            "skymask_cat: {} has no line for any of the inputs",
            path.display()
        )));
    }
    Ok(notes)
}

/// Which of the SCI images are meant, in this order.
fn places(member: &Member, images: &[Image]) -> Result<Vec<usize>, String> {
    let exposure = &member.exposure;
    let imsets = exposure.imsets();
    if images.is_empty() {
        return Ok((0..imsets.len()).collect());
    }
    let mut places = Vec::new();
    for image in images {
        let found: Vec<usize> = match image {
            Image::Number(number) => (0..imsets.len())
                .filter(|at| imsets[*at].sci == *number)
                .collect(),
            Image::Sci(version) => (0..imsets.len())
                .filter(|at| imsets[*at].version == *version)
                .collect(),
            Image::AllSci => (0..imsets.len()).collect(),
        };
        if found.is_empty() {
            let there = imsets
                .iter()
                .map(|imset| format!("{} (sci,{})", imset.sci, imset.version));
            return Err(format!(
                "{} has no SCI image {image}; there are {}",
                exposure.path().display(),
                there.collect::<Vec<_>>().join(", ")
            ));
        }
        places.extend(found);
    }
    Ok(places)
}

/// What is left out of an image, as bits.
fn bits(member: &Member, place: usize, excluded: &Excluded, options: &DrizzleOptions) -> Result<BitMask> {
    let exposure = &member.exposure;
    let imset = &exposure.imsets()[place];
    let (ny, nx) = exposure.shape(imset.version)?;
    let wcs = member.wcs(imset, options)?;
    let left_out = excluded.left_out((ny, nx), &wcs, exposure.sci_header(imset.version)?)?;
    let mut bits = BitMask::new(ny, nx);
    for (y, row) in left_out.chunks(nx.max(1)).enumerate() {
        let marked = row.iter().enumerate().filter(|(_, left_out)| **left_out);
        marked.for_each(|(x, _)| bits.set(y, x));
    }
    Ok(bits)
}

/// Adds a mask to what is left out already.
fn put(member: &mut Member, place: usize, made: BitMask) -> Result<()> {
    let masks = &mut member.sky_masks;
    masks.resize(masks.len().max(place + 1), None);
    match &mut masks[place] {
        Some(mask) => mask.or(&made)?,
        none => *none = Some(made),
    }
    Ok(())
}

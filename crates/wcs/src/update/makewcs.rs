//! MakeWCS: CRVAL, CRPIX and CD of a chip from the pointing of the reference chip and the distortion models.

use super::alternate::set_number;
use super::chip::Chip;
use super::model::DistortionModel;
use super::science::put;
use super::tangent::{TangentPlane, angle_between};
use super::tdd::{chip_shift, product, rotation};
use crate::Result;
use firstlight_fits::Header;
use std::f64::consts::PI;

/// MakeWCS: lays `chip` out from `reference`, the same file's reference chip, whose own plane becomes that of the
/// focal plane: north by PA_V3 as it is at the aperture, scale and parity of the detector.
///
/// The reference point of the chip lies where its V2 and V3 put it; CD are the linear terms of its polynomial,
/// one pixel long, carried to the sky.
pub(super) fn makewcs(chip: &mut Chip, reference: &mut Chip) {
    let offsets = Offsets::of(chip);
    let shift = chip_shift(&chip.model, chip.of.chip);
    let reference_shift = chip_shift(&reference.model, reference.of.chip);
    place_reference(chip.of.roll, reference, reference_shift, &offsets);
    place_chip(chip, reference, shift, reference_shift, &offsets);
}

/// Where a subarray begins, as the reference pixel of its header and of the model have it.
struct Offsets {
    /// From the model's reference pixel to that of the subarray.
    subarray: [f64; 2],
    /// Reference pixel of the focal plane.
    plane: [f64; 2],
}

impl Offsets {
    fn of(chip: &Chip) -> Self {
        let (ltv, crpix) = (chip.of.ltv, chip.of.plane.crpix);
        if ltv == [0.0, 0.0] {
            return Self {
                subarray: [0.0; 2],
                plane: [0.0; 2],
            };
        }
        let model = reference_pixel(&chip.model);
        let off: [f64; 2] = std::array::from_fn(|axis| crpix[axis] - ltv[axis] - model[axis]);
        Self {
            subarray: std::array::from_fn(|axis| ltv[axis] + off[axis]),
            plane: std::array::from_fn(|axis| off[axis] + (model[axis] + ltv[axis])),
        }
    }
}

fn reference_pixel(model: &DistortionModel) -> [f64; 2] {
    [model.xref.value, model.yref.value]
}

/// Moves the polynomials of a subarray to the reference pixel that its header has.
fn move_origin(chip: &mut Chip) {
    let (ltv, crpix) = (chip.of.ltv, chip.of.plane.crpix);
    if ltv != [0.0, 0.0] {
        let model = reference_pixel(&chip.model);
        let off: [f64; 2] = std::array::from_fn(|axis| crpix[axis] - ltv[axis] - model[axis]);
        chip.model.shift(off[0], off[1]);
    }
}

fn place_reference(roll: f64, reference: &mut Chip, shift: [f64; 2], offsets: &Offsets) {
    move_origin(reference);
    let plane = reference.of.plane;
    let scale = reference.pixel_scale / reference.model.cx.at(1, 1);
    let v2 = reference.model.v2ref.value + shift[0] * scale;
    let v3 = reference.model.v3ref.value - shift[1] * scale;
    let model = reference_pixel(&reference.model);
    let crval = plane.sky(std::array::from_fn(|axis| model[axis] + offsets.subarray[axis]));
    let mut angle = roll_at_aperture(roll, plane.crval[1], v2, v3);
    if reference.model.theta.value != 0.0 {
        angle += reference.model.theta.value;
    }
    let step = reference.model.scale / 3600.0;
    let angle = angle * PI / 180.0;
    let parity = reference.of.parity;
    reference.of.plane = TangentPlane {
        crpix: offsets.plane,
        crval,
        cd: [
            [parity[0] * angle.cos() * step, parity[0] * -angle.sin() * step],
            [parity[1] * angle.sin() * step, parity[1] * angle.cos() * step],
        ],
    };
}

fn place_chip(
    chip: &mut Chip,
    reference: &Chip,
    shift: [f64; 2],
    reference_shift: [f64; 2],
    offsets: &Offsets,
) {
    move_origin(chip);
    let (cx, cy) = (&chip.model.cx, &chip.model.cy);
    let skew_scale = reference.pixel_scale / cx.at(1, 1);
    let v2 = chip.model.v2ref.value + shift[0] * skew_scale;
    let v3 = chip.model.v3ref.value - shift[1] * skew_scale;
    let v2_reference = reference.model.v2ref.value + reference_shift[0] * skew_scale;
    let v3_reference = reference.model.v3ref.value - reference_shift[1] * skew_scale;
    let step = reference.model.scale / 3600.0;
    let distance = ((v2 - v2_reference).powi(2) + (v3 - v3_reference).powi(2)).sqrt() / (step * 3600.0);
    let parity = chip.of.parity;
    let mut direction = if v3 == v3_reference {
        0.0
    } else {
        (parity[0] * (v2 - v2_reference)).atan2(parity[1] * (v3 - v3_reference))
    };
    if reference.model.theta.value != 0.0 {
        direction += reference.model.theta.value * PI / 180.0;
    }
    let centre = [
        distance * direction.sin() + offsets.plane[0],
        distance * direction.cos() + offsets.plane[1],
    ];
    let crval = reference.of.plane.sky(centre);
    let model = reference_pixel(&chip.model);
    let crpix = std::array::from_fn(|axis| model[axis] + offsets.subarray[axis]);
    // One pixel along each axis of the chip, in pixels of the focal plane.
    let steps =
        [[cx.at(1, 1), cy.at(1, 1)], [cx.at(1, 0), cy.at(1, 0)]].map(|row| row.map(|c| c / step / 3600.0));
    let turn = if chip.model.theta.value == 0.0 {
        0.0
    } else {
        chip.model.theta.value - reference.model.theta.value
    };
    let steps = if turn == 0.0 {
        steps
    } else {
        product(steps, rotation(turn))
    };
    let [x, y] = steps.map(|step| reference.of.plane.sky([centre[0] + step[0], centre[1] + step[1]]));
    let shrink = (crval[1] * PI / 180.0).cos();
    let cd = [
        [
            angle_between(x[0], crval[0]) * shrink,
            angle_between(y[0], crval[0]) * shrink,
        ],
        [angle_between(x[1], crval[1]), angle_between(y[1], crval[1])],
    ];
    chip.of.plane = TangentPlane { crpix, crval, cd };
}

/// Arcsec per pixel along the first axis.
pub(super) fn pixel_scale(plane: &TangentPlane) -> f64 {
    (plane.cd[0][0].powi(2) + plane.cd[1][0].powi(2)).sqrt() * 3600.0
}

/// The roll at an aperture, degrees, of a telescope whose V3 axis lies at position angle `roll`: by how much
/// north turns between the V1 axis and a field `v2`, `v3` arcsec from it at declination `dec`.
///
/// The spherical triangle of the pole, V1 and the aperture: Cox, "Generic conversion" (STScI).
fn roll_at_aperture(roll: f64, dec: f64, v2: f64, v3: f64) -> f64 {
    let (roll, dec) = (roll.to_radians(), dec.to_radians());
    let (v2, v3) = ((v2 / 3600.0).to_radians(), (v3 / 3600.0).to_radians());
    let (sin_v2, sin_v3) = (v2.sin(), v3.sin());
    let sin_distance = (sin_v2 * sin_v2 + sin_v3 * sin_v3 - sin_v2 * sin_v2 * (sin_v3 * sin_v3)).sqrt();
    if sin_distance == 0.0 {
        return roll.to_degrees();
    }
    let distance = sin_distance.asin();
    let mut beta = (sin_v3 / sin_distance).asin();
    if v2 < 0.0 {
        beta = PI - beta;
    }
    let mut gamma = (sin_v2 / sin_distance).asin();
    if v3 < 0.0 {
        gamma = PI - gamma;
    }
    let a = PI / 2.0 + roll - beta;
    let b = (a.sin() * dec.cos()).atan2(dec.sin() * sin_distance - dec.cos() * distance.cos() * a.cos());
    (PI - (gamma + b)).to_degrees()
}

/// Writes the description and the linear terms behind it; `idctab` is how the primary header names the table.
pub(super) fn record(chip: &Chip, idctab: &str, header: &mut Header) -> Result<()> {
    record_plane(&chip.of.plane, header)?;
    set_number(header, "CRPIX1", chip.of.plane.crpix[0])?;
    set_number(header, "CRPIX2", chip.of.plane.crpix[1])?;
    put(header, "IDCTAB", idctab, "")?;
    record_linear(&chip.model, header)
}

/// Writes CD and CRVAL.
pub(super) fn record_plane(plane: &TangentPlane, header: &mut Header) -> Result<()> {
    for (i, row) in plane.cd.iter().enumerate() {
        for (j, &element) in row.iter().enumerate() {
            set_number(header, &format!("CD{}_{}", i + 1, j + 1), element)?;
        }
    }
    set_number(header, "CRVAL1", plane.crval[0])?;
    set_number(header, "CRVAL2", plane.crval[1])
}

/// Writes OCX10 and its like: the linear terms, arcsec per pixel.
pub(super) fn record_linear(model: &DistortionModel, header: &mut Header) -> Result<()> {
    for (stem, c) in [("OCX", &model.cx), ("OCY", &model.cy)] {
        for m in [0, 1] {
            put(
                header,
                &format!("{stem}1{m}"),
                c.at(1, m),
                "linear term of the IDCTAB's polynomial",
            )?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_roll_of_an_aperture_on_the_axis_is_v3s() {
        let there = roll_at_aperture(60.0, -72.0, 1e-7, 1e-7);
        assert!((there - 60.0).abs() < 1e-6, "{there}");
        assert_eq!(
            roll_at_aperture(60.0, -72.0, 0.0, 0.0),
            60f64.to_radians().to_degrees()
        );
        // At the equator the roll hardly changes; at high declination it does.
        assert!((roll_at_aperture(60.0, 0.0, 256.6, 302.3) - 60.0).abs() < 0.001);
        assert!((roll_at_aperture(60.0, 80.0, 256.6, 302.3) - 60.0).abs() > 0.1);
    }
}

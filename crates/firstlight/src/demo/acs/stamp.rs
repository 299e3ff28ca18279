//! A star as it was put in, around the pixel that it stands on.

use firstlight_simulate::acs::{StarTruth, star_image};

/// The image of one star, electrons.
pub struct Stamp {
    /// Column of the pixel that the star stands on, 0-based.
    pub x: isize,
    /// Row of that pixel.
    pub y: isize,
    pixels: Vec<f32>,
}

/// Side of the square that is drawn.
const SIDE: isize = 2 * star_image::REACH + 1;

impl Stamp {
    /// Draws a star of so many electrons.
    pub fn of(star: &StarTruth, total_e: f64) -> Self {
        let (x, y) = (star.x.round() as isize, star.y.round() as isize);
        let side = SIDE as usize;
        let mut pixels = vec![0.0; side * side];
        let centre = star_image::REACH as f64;
        let place = (centre + star.x - x as f64, centre + star.y - y as f64);
        star_image::add(&mut pixels, (side, side), place, total_e);
        Self { x, y, pixels }
    }

    /// What is expected so many columns and rows from the star's pixel; 0 beyond the stamp.
    pub fn at(&self, dx: isize, dy: isize) -> f64 {
        let (i, j) = (star_image::REACH + dx, star_image::REACH + dy);
        let inside = (0..SIDE).contains(&i) && (0..SIDE).contains(&j);
        if inside {
            f64::from(self.pixels[(j * SIDE + i) as usize])
        } else {
            0.0
        }
    }
}

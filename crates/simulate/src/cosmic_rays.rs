//! Cosmic rays: straight tracks of charge.

use crate::Random;

/// Hits per second and µm² of silicon: some 1.1 a second and cm².
const HITS: f64 = 2.5e-6 / (15.0 * 15.0);

/// Adds an exposure's cosmic rays to an image of electrons, whose pixels have sides of `pixel_um`; gives back which pixels
/// they hit, as 1 in a mask.
pub fn add(
    image: &mut [f32],
    (ny, nx): (usize, usize),
    (pixel_um, exptime_s): (f64, f64),
    random: &mut Random,
) -> Vec<u8> {
    let mut mask = vec![0; image.len()];
    let area = pixel_um * pixel_um * image.len() as f64;
    let hits = random.counts(HITS * exptime_s * area);
    for _ in 0..hits as usize {
        let (x, y) = (random.uniform() * nx as f64, random.uniform() * ny as f64);
        let angle = std::f64::consts::TAU * random.uniform();
        // Most come down steeply; few graze.
        let length = 1.1 / random.uniform().max(0.035);
        let density = 550.0 * (0.55 * random.normal()).exp();
        let steps = (4.0 * length).ceil();
        let (sin, cos) = angle.sin_cos();
        for step in 0..steps as usize {
            let along = (step as f64 + 0.5) / steps * length;
            let (px, py) = (x + along * cos, y + along * sin);
            if px < 0.0 || py < 0.0 || px >= nx as f64 || py >= ny as f64 {
                continue;
            }
            let index = py as usize * nx + px as usize;
            image[index] += random.counts(density * length / steps) as f32;
            mask[index] = 1;
        }
    }
    mask
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mask_tells_where_charge_came_down() {
        let shape = (300, 400);
        let mut image = vec![0.0; 300 * 400];
        let mask = add(&mut image, shape, (15.0, 1000.0), &mut Random::new(4, 1));
        assert!(image.iter().zip(&mask).all(|(&e, &hit)| hit == 1 || e == 0.0));
        let hit: usize = mask.iter().map(|&m| usize::from(m)).sum();
        let share = hit as f64 / image.len() as f64;
        assert!((0.005..0.04).contains(&share), "{share}");
        let none = add(&mut image, shape, (15.0, 0.0), &mut Random::new(4, 1));
        assert!(none.iter().all(|&hit| hit == 0));
    }
}

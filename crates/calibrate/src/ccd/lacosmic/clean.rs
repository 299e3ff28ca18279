//! What takes the place of a cosmic ray: something of the 5 × 5 pixels around that are good.

use super::CleanType;
use rayon::prelude::*;
use std::f32::consts::FRAC_1_SQRT_2;

/// Weights of the inverse distance; the pixel itself has none.
const INVERSE_DISTANCE: [[f32; 5]; 5] = [
    [0.353_553_39, 0.447_213_6, 0.5, 0.447_213_6, 0.353_553_39],
    [0.447_213_6, FRAC_1_SQRT_2, 1.0, FRAC_1_SQRT_2, 0.447_213_6],
    [0.5, 1.0, 0.0, 1.0, 0.5],
    [0.447_213_6, FRAC_1_SQRT_2, 1.0, FRAC_1_SQRT_2, 0.447_213_6],
    [0.353_553_39, 0.447_213_6, 0.5, 0.447_213_6, 0.353_553_39],
];

/// Replaces the pixels of `cosmics`, but not in the border of two pixels: by those around that are neither cosmic rays
/// nor of `mask`, or by `level` where there are none.
pub(super) fn clean(
    data: &mut [f32],
    nx: usize,
    (cosmics, mask): (&[bool], &[bool]),
    how: CleanType,
    level: f32,
) {
    let ny = data.len().checked_div(nx).unwrap_or(0);
    if nx < 5 || ny < 5 {
        return;
    }
    let replaced: Vec<(usize, f32)> = (2..ny - 2)
        .into_par_iter()
        .flat_map_iter(|y| {
            let row = &cosmics[y * nx..(y + 1) * nx];
            let set = (2..nx - 2).filter(move |&x| row[x]);
            let data = &*data;
            set.map(move |x| {
                (
                    y * nx + x,
                    replacement(data, nx, y * nx + x, (cosmics, mask), how, level),
                )
            })
        })
        .collect();
    for (i, value) in replaced {
        data[i] = value;
    }
}

fn replacement(
    data: &[f32],
    nx: usize,
    at: usize,
    (cosmics, mask): (&[bool], &[bool]),
    how: CleanType,
    level: f32,
) -> f32 {
    let around = || (0..25).map(move |k| (k, at + (k / 5) * nx + k % 5 - 2 * nx - 2));
    let good = || around().filter(|&(_, i)| !cosmics[i] && !mask[i]);
    match how {
        CleanType::Median => lower_median(around().map(|(_, i)| data[i])).unwrap_or(level),
        CleanType::Medmask => lower_median(good().map(|(_, i)| data[i])).unwrap_or(level),
        CleanType::Meanmask => {
            let (sum, n) = good().fold((0.0f32, 0u16), |(sum, n), (_, i)| (sum + data[i], n + 1));
            if n == 0 { level } else { sum / f32::from(n) }
        }
        CleanType::Idw => {
            let (sum, weights) = good().fold((0.0f32, 0.0f32), |(sum, weights), (k, i)| {
                let weight = INVERSE_DISTANCE[k / 5][k % 5];
                (sum + weight * data[i], weights + weight)
            });
            if weights < 1e-6 { level } else { sum / weights }
        }
    }
}

/// Of an even number the lower one of the middle two.
fn lower_median(values: impl Iterator<Item = f32>) -> Option<f32> {
    let mut values: Vec<f32> = values.collect();
    median_of(&mut values)
}

/// As [`lower_median`], in place.
pub(super) fn median_of(values: &mut [f32]) -> Option<f32> {
    let middle = values.len().checked_sub(1)? / 2;
    Some(*values.select_nth_unstable_by(middle, f32::total_cmp).1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_has_its_replacement() {
        // 0 to 24 with a cosmic ray in the middle, and a masked neighbour.
        let mut data: Vec<f32> = (0..25u8).map(f32::from).collect();
        data[12] = 1000.0;
        let mut cosmics = vec![false; 25];
        cosmics[12] = true;
        let mut mask = vec![false; 25];
        mask[24] = true;
        let with = |how| {
            let mut cleaned = data.clone();
            clean(&mut cleaned, 5, (&cosmics, &mask), how, -1.0);
            cleaned[12]
        };
        // All but 12 and 24: 264 over 23.
        assert_eq!(with(CleanType::Meanmask), 264.0 / 23.0);
        assert_eq!(with(CleanType::Medmask), 11.0);
        assert_eq!(with(CleanType::Median), 13.0);
        let idw = with(CleanType::Idw);
        assert!(idw < 12.0 && idw > 11.0, "{idw}");
        let mut all = data.clone();
        clean(&mut all, 5, (&cosmics, &[true; 25]), CleanType::Meanmask, -1.0);
        assert_eq!(all[12], -1.0);
    }
}

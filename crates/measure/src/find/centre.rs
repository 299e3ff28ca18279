//! Position, sharpness and roundness of a source from the pixels of its box.

use super::kernel::{Kernel, weight};

/// The pixels of a box as large as the kernel's, row after row.
#[derive(Debug)]
pub(super) struct Stamp {
    /// The image.
    pub data: Vec<f32>,
    /// Sum of the image.
    pub flux: f64,
    /// Its greatest sample.
    pub high: f32,
}

/// Offset from the box's centre, in pixels, and how differently high the source is along the two axes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Centre {
    pub dx: f64,
    pub dy: f64,
    pub roundness: f64,
}

/// The marginal sums of a box that a Gaussian is fitted to, as DAOFIND does it.
#[derive(Debug, Default)]
struct Marginal {
    gd: f64,
    gg: f64,
    g: f64,
    d: f64,
    dx: f64,
    weight: f64,
    gdx: f64,
    gdx_squared: f64,
    d_gdx: f64,
    g_gdx: f64,
}

impl Marginal {
    /// Adds a column (or row), `offset` pixels before the middle, of Gaussian sum `g` and data sum `d`.
    fn add(&mut self, offset: f64, weight: f64, g: f64, d: f64) {
        let slope = g * offset;
        self.gd += weight * g * d;
        self.gg += weight * g * g;
        self.g += weight * g;
        self.d += weight * d;
        self.dx += weight * d * offset;
        self.weight += weight;
        self.gdx_squared += weight * slope * slope;
        self.gdx += weight * slope;
        self.d_gdx += weight * d * slope;
        self.g_gdx += weight * g * slope;
    }

    /// Height of the Gaussian that fits best on a sky of its own, and its offset from the middle. Nothing
    /// where that would be a hole.
    fn fit(&self, sigma_squared: f64, half_size: f64) -> Option<(f64, f64)> {
        let spread = self.gg - self.g * self.g / self.weight;
        if spread.is_nan() || spread <= 0.0 {
            return None;
        }
        let height = (self.gd - self.g * self.d / self.weight) / spread;
        if height.is_nan() || height <= 0.0 {
            return None;
        }
        let sky = (self.d - height * self.g) / self.weight;
        let offset = (self.g_gdx - (self.d_gdx - self.gdx * (height * self.g + sky * self.weight)))
            / (height * self.gdx_squared / sigma_squared);
        if offset.abs() <= half_size {
            return Some((height, offset));
        }
        // A fit that leaves the box: the centroid of the marginal sum, or the middle.
        let centroid = self.dx / self.d;
        let inside = self.d != 0.0 && centroid.abs() <= half_size;
        Some((height, if inside { centroid } else { 0.0 }))
    }
}

/// The position by Gaussian fits to the sums along rows and along columns, pixels near the middle
/// weighing more (the second method of DAOFIND, as in IRAF's `ap_xy_round`). `sky` is taken off first.
pub(super) fn centre(stamp: &Stamp, kernel: &Kernel, sky: f64) -> Option<Centre> {
    let (nx, ny) = (kernel.nx, kernel.ny);
    let (middle_x, middle_y) = kernel.half();
    let (mut of_columns, mut of_rows) = (vec![0.0; nx], vec![0.0; ny]);
    for (row, (samples, of_row)) in stamp.data.chunks_exact(nx).zip(&mut of_rows).enumerate() {
        let weight_of_row = weight(row, middle_y);
        for (column, (sample, of_column)) in samples.iter().zip(&mut of_columns).enumerate() {
            let sample = f64::from(*sample) - sky;
            *of_column += sample * weight_of_row;
            *of_row += sample * weight(column, middle_x);
        }
    }
    let mut along_x = Marginal::default();
    for (column, (d, g)) in of_columns.into_iter().zip(&kernel.along[0]).enumerate() {
        along_x.add(middle_x as f64 - column as f64, weight(column, middle_x), *g, d);
    }
    let mut along_y = Marginal::default();
    for (row, (d, g)) in of_rows.into_iter().zip(&kernel.along[1]).enumerate() {
        along_y.add(middle_y as f64 - row as f64, weight(row, middle_y), *g, d);
    }
    let (height_x, dx) = along_x.fit(kernel.sigma_squared[0], nx as f64 / 2.0 - 0.5)?;
    let (height_y, dy) = along_y.fit(kernel.sigma_squared[1], ny as f64 / 2.0 - 0.5)?;
    let roundness = 2.0 * (height_x - height_y) / (height_x + height_y);
    (dx.is_finite() && dy.is_finite()).then_some(Centre { dx, dy, roundness })
}

/// How peaked a source is: its middle pixel above the mean of the kernel's other pixels, over the middle of
/// the convolved image. Nothing where the convolved image has a hole there.
pub(super) fn sharpness(stamp: &Stamp, convolved: &[f32], kernel: &Kernel) -> Option<f64> {
    let (middle_x, middle_y) = kernel.half();
    let middle = middle_y * kernel.nx + middle_x;
    let height = f64::from(convolved[middle]);
    let others = || {
        let inside = kernel.inside.iter().zip(&stamp.data).enumerate();
        inside
            .filter_map(|(index, (inside, value))| (*inside && index != middle).then_some(f64::from(*value)))
    };
    let count = others().count();
    if count == 0 || height.is_nan() || height <= 0.0 {
        return None;
    }
    Some((f64::from(stamp.data[middle]) - others().sum::<f64>() / count as f64) / height)
}

/// How unlike opposite quadrants of the convolved image are to the others: zero for a round source
/// (DAOFIND's first roundness). Nothing where the convolved image is nothing.
pub(super) fn symmetry(convolved: &[f32], kernel: &Kernel) -> Option<f64> {
    let (middle_x, middle_y) = kernel.half();
    let (mut two_fold, mut four_fold) = (0.0, 0.0);
    for (index, &value) in convolved.iter().enumerate() {
        let (column, row) = (index % kernel.nx, index / kernel.nx);
        if column == middle_x && row == middle_y {
            continue;
        }
        let other = (row >= middle_y && column < middle_x) || (row <= middle_y && column > middle_x);
        let value = f64::from(value);
        two_fold += if other { -value } else { value };
        four_fold += value.abs();
    }
    if two_fold == 0.0 {
        return Some(0.0);
    }
    (four_fold > 0.0).then(|| 2.0 * two_fold / four_fold)
}

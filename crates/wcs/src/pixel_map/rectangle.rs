//! The whole map over a few pixels along either axis: a polynomial, cubic along both.

use super::tile::Cubic;

/// Nodes lie at 0, 1, 2 and 3 of its own units along both axes.
#[derive(Debug, Clone)]
pub(super) struct Rectangle {
    /// Coefficients of rising powers across rows; of each, those of X and then those of Y, of rising powers along a row.
    c: [[f64; 8]; 4],
}

impl Rectangle {
    /// From the map along four rows, X and Y.
    pub(super) fn through(rows: &[(Cubic, Cubic); 4]) -> Self {
        let mut c = [[0.0; 8]; 4];
        for k in 0..8 {
            let of = |(x, y): &(Cubic, Cubic)| if k < 4 { x.c[k] } else { y.c[k - 4] };
            let across = Cubic::through([of(&rows[0]), of(&rows[1]), of(&rows[2]), of(&rows[3])]);
            for (c, across) in c.iter_mut().zip(across.c) {
                c[k] = across;
            }
        }
        Self { c }
    }

    /// Along the row at `v`.
    #[inline(always)]
    pub(super) fn along(&self, v: f64) -> (Cubic, Cubic) {
        let [c0, c1, c2, c3] = &self.c;
        let mut along = [0.0; 8];
        for k in 0..8 {
            along[k] = ((c3[k] * v + c2[k]) * v + c1[k]) * v + c0[k];
        }
        let [a, b, c, d, e, f, g, h] = along;
        (Cubic { c: [a, b, c, d] }, Cubic { c: [e, f, g, h] })
    }
}

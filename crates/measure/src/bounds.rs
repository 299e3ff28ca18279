//! Boxes of whole pixels.

use std::ops::Range;

/// The smallest box of whole pixels around something: columns from `ixmin` up to, and without, `ixmax`;
/// rows likewise. May lie outside an image, in part or wholly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BoundingBox {
    /// First column.
    pub ixmin: i64,
    /// The column after the last one.
    pub ixmax: i64,
    /// First row.
    pub iymin: i64,
    /// The row after the last one.
    pub iymax: i64,
}

impl BoundingBox {
    /// Around the box with half sides `extents` centred on `centre`. A pixel reaches from half a pixel
    /// below to half a pixel above its whole number. Coordinates beyond ±2⁶¹ are cut off there.
    pub fn around(centre: (f64, f64), extents: (f64, f64)) -> Self {
        let first = |value: f64| whole((value + 0.5).floor());
        let end = |value: f64| whole((value + 0.5).ceil());
        Self {
            ixmin: first(centre.0 - extents.0),
            ixmax: end(centre.0 + extents.0),
            iymin: first(centre.1 - extents.1),
            iymax: end(centre.1 + extents.1),
        }
    }

    /// `(ny, nx)`.
    pub fn shape(&self) -> (i64, i64) {
        (self.iymax - self.iymin, self.ixmax - self.ixmin)
    }

    /// The columns.
    pub fn columns(&self) -> Range<i64> {
        self.ixmin..self.ixmax
    }

    /// The rows.
    pub fn rows(&self) -> Range<i64> {
        self.iymin..self.iymax
    }

    /// The part that lies in an image of shape `(ny, nx)`; `None` where there is none.
    pub fn within(&self, shape: (usize, usize)) -> Option<Self> {
        let cut = |from: i64, to: i64, size: usize| {
            let (from, to) = (from.max(0), to.min(i64::try_from(size).unwrap_or(i64::MAX)));
            (from < to).then_some((from, to))
        };
        let (iymin, iymax) = cut(self.iymin, self.iymax, shape.0)?;
        let (ixmin, ixmax) = cut(self.ixmin, self.ixmax, shape.1)?;
        Some(Self {
            ixmin,
            ixmax,
            iymin,
            iymax,
        })
    }
}

fn whole(value: f64) -> i64 {
    const LIMIT: f64 = (1i64 << 61) as f64;
    value.clamp(-LIMIT, LIMIT) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pixel_belongs_where_its_area_is_touched() {
        let bounds = BoundingBox::around((10.0, 20.0), (3.0, 3.5));
        assert_eq!(
            bounds,
            BoundingBox {
                ixmin: 7,
                ixmax: 14,
                iymin: 17,
                iymax: 24
            }
        );
        assert_eq!(bounds.shape(), (7, 7));
    }

    #[test]
    fn only_what_is_in_the_image_remains() {
        let bounds = BoundingBox::around((0.0, 5.0), (2.0, 1.0));
        let inside = bounds.within((6, 100)).unwrap();
        assert_eq!((inside.columns(), inside.rows()), (0..3, 4..6));
        assert_eq!(bounds.within((4, 100)), None);
        assert_eq!(bounds.within((0, 0)), None);
    }

    #[test]
    fn far_away_is_no_overflow() {
        let bounds = BoundingBox::around((1e300, -1e300), (1e299, 1e299));
        assert_eq!(bounds.within((10, 10)), None);
        let everything = BoundingBox::around((0.0, 0.0), (1e300, 1e300));
        assert!(everything.shape().0 > 0);
        assert_eq!(everything.within((10, 7)).unwrap().shape(), (10, 7));
    }
}

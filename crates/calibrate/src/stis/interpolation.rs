//! Samples between the pixels of a frame.

use firstlight_frame::Frame;

/// A pixel that cannot be used, or a place beyond the image.
pub(super) const BAD_DETECTOR: u16 = 4;

/// What lies at a place between pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Sample {
    pub sci: f32,
    pub err: f32,
    pub dq: u16,
}

const OFF_IMAGE: Sample = Sample {
    sci: 0.0,
    err: 0.0,
    dq: BAD_DETECTOR,
};

/// Linear in x and y between the four pixels about `(x, y)`, 0-based, in single precision; variances take the same weights
/// (not their squares), bits are those of all four. Up to half a pixel beyond the outermost centres the outermost
/// pixels' line goes on; farther out is [`OFF_IMAGE`].
pub(super) fn bilinear(frame: &Frame, x: f64, y: f64) -> Sample {
    let (ny, nx) = frame.sci.shape();
    let inside = |at: f64, n: usize| n >= 2 && at > -0.5 && at < n as f64 - 0.5;
    if !inside(x, nx) || !inside(y, ny) {
        return OFF_IMAGE;
    }
    let (i, j) = ((x as usize).min(nx - 2), (y as usize).min(ny - 2));
    let (q, s) = ((x - i as f64) as f32, (y - j as f64) as f32);
    let (p, r) = (1.0 - q, 1.0 - s);
    let weights = [p * r, q * r, p * s, q * s];
    let at = [j * nx + i, j * nx + i + 1, (j + 1) * nx + i, (j + 1) * nx + i + 1];
    let (sci, err, dq) = (frame.sci.as_slice(), frame.err.as_slice(), frame.dq.as_slice());
    let mean = |of: &dyn Fn(usize) -> f32| {
        weights[0] * of(at[0]) + weights[1] * of(at[1]) + weights[2] * of(at[2]) + weights[3] * of(at[3])
    };
    let variance = weights[0] * err[at[0]] * err[at[0]]
        + weights[1] * err[at[1]] * err[at[1]]
        + weights[2] * err[at[2]] * err[at[2]]
        + weights[3] * err[at[3]] * err[at[3]];
    Sample {
        sci: mean(&|pixel| sci[pixel]),
        err: if variance > 0.0 {
            f64::from(variance).sqrt() as f32
        } else {
            0.0
        },
        dq: dq[at[0]] | dq[at[1]] | dq[at[2]] | dq[at[3]],
    }
}

/// The nearest whole number, halves away from zero.
pub(super) fn nearest(value: f64) -> i64 {
    if value >= 0.0 {
        (value + 0.5) as i64
    } else {
        (value - 0.5) as i64
    }
}

#[cfg(test)]
mod tests {
    use super::{BAD_DETECTOR, bilinear, nearest};
    use firstlight_frame::{Frame, Image};

    #[test]
    fn a_plane_is_met_between_pixels_and_bits_are_joined() {
        let frame = Frame {
            sci: Image::from_fn(4, 5, |x, y| x as f32 + 10.0 * y as f32),
            err: Image::filled(4, 5, 2.0),
            dq: Image::from_fn(4, 5, |x, _| if x == 3 { 16 } else { 0 }),
        };
        let sample = bilinear(&frame, 1.5, 2.25);
        assert!((sample.sci - 24.0).abs() < 1e-5 && (sample.err - 2.0).abs() < 1e-6 && sample.dq == 0);
        assert_eq!(bilinear(&frame, 2.5, 1.0).dq, 16);
        assert!((bilinear(&frame, 4.25, -0.25).sci - 1.75).abs() < 1e-5);
        assert_eq!(bilinear(&frame, 4.5, 1.0).dq, BAD_DETECTOR);
        assert_eq!(bilinear(&frame, f64::NAN, 1.0).dq, BAD_DETECTOR);
        assert_eq!((nearest(-0.5), nearest(1.5), nearest(-0.4)), (-1, 2, 0));
    }
}

//! What of the light arrives at a pixel: vignetting, and the rings of dust out of focus.

use super::{CcdOptions, Filter};
use crate::Random;
use crate::streams::{Purpose, Streams};

/// A grain of dust: the shadow of the mirror, with a hole in its middle.
#[derive(Debug, Clone, Copy)]
struct Grain {
    x: f64,
    y: f64,
    radius: f64,
    depth: f64,
}

/// Share of the hole's radius in the ring's.
const HOLE: f64 = 0.4;

impl Grain {
    fn draw((ny, nx): (usize, usize), radii: (f64, f64), depth: f64, random: &mut Random) -> Self {
        Self {
            x: random.uniform() * nx as f64,
            y: random.uniform() * ny as f64,
            radius: radii.0 + (radii.1 - radii.0) * random.uniform(),
            depth: depth * (0.5 + random.uniform()),
        }
    }

    /// Takes its shadow from an image.
    fn cast(&self, image: &mut [f32], (ny, nx): (usize, usize)) {
        let reach = self.radius + 6.0;
        let range = |centre: f64, n: usize| {
            let low = (centre - reach).max(0.0) as usize;
            low.min(n)..((centre + reach).max(0.0) as usize).min(n)
        };
        // Edges are soft: diffraction, and a source that is no point.
        let edge = |distance: f64| 1.0 / (1.0 + (distance / 0.9).exp());
        for y in range(self.y, ny) {
            for x in range(self.x, nx) {
                let distance = (x as f64 - self.x).hypot(y as f64 - self.y);
                let ring = edge(distance - self.radius) - edge(distance - HOLE * self.radius);
                image[y * nx + x] *= (1.0 - self.depth * ring) as f32;
            }
        }
    }
}

/// What of even light arrives through a filter, about 1; shape `(height, width)`.
pub fn throughput(options: &CcdOptions, filter: Filter, streams: Streams) -> Vec<f32> {
    let shape = (options.height, options.width);
    let (ny, nx) = shape;
    let mut random = streams.of(Purpose::Dust, 1 + filter as u64, 0, 0);
    let centre = (
        0.5 * nx as f64 + 0.03 * nx as f64 * random.normal(),
        0.5 * ny as f64 + 0.03 * ny as f64 * random.normal(),
    );
    let corner = (0.5 * nx as f64).hypot(0.5 * ny as f64);
    let mut image = Vec::with_capacity(ny * nx);
    for y in 0..ny {
        for x in 0..nx {
            let radius = (x as f64 - centre.0).hypot(y as f64 - centre.1) / corner;
            image.push((1.0 - filter.vignetting() * radius * radius) as f32);
        }
    }
    // Dust on the filter is far from focus; that on the window is near, and the same with every filter.
    for _ in 0..5 {
        Grain::draw(shape, (24.0, 40.0), 0.03, &mut random).cast(&mut image, shape);
    }
    let mut window = streams.of(Purpose::Dust, 0, 0, 0);
    for _ in 0..7 {
        Grain::draw(shape, (7.0, 13.0), 0.05, &mut window).cast(&mut image, shape);
    }
    image
}

//! Small exposures combined, for the tests.
#![allow(dead_code, reason = "each of the tests uses some of it")]

use firstlight_mosaic::{DrizzleOptions, Error, InputStatus, Kernel, Member, Mosaic, Rows};
use std::path::Path;

/// AstroDrizzle's, with drops that are points.
pub fn options() -> DrizzleOptions {
    DrizzleOptions {
        final_kernel: Kernel::Point,
        ..DrizzleOptions::default()
    }
}

/// A mosaic and its pixels.
pub struct Combined<'m> {
    pub mosaic: Mosaic<'m>,
    pub rows: Rows,
    pub inputs: Vec<InputStatus>,
}

impl<'m> std::ops::Deref for Combined<'m> {
    type Target = Mosaic<'m>;
    fn deref(&self) -> &Mosaic<'m> {
        &self.mosaic
    }
}

impl Combined<'_> {
    pub fn sci(&self) -> Vec<f32> {
        self.rows.sci.clone()
    }
    pub fn wht(&self) -> Vec<f32> {
        self.rows.wht.clone()
    }
    pub fn err(&self) -> Option<Vec<f32>> {
        self.rows.err.clone()
    }
    pub fn ctx(&self) -> Option<Vec<Vec<i32>>> {
        self.rows.ctx.clone()
    }
}

/// Plans and combines.
pub fn run<'m>(members: &'m [Member], options: &DrizzleOptions) -> Result<Combined<'m>, Error> {
    let mosaic = Mosaic::plan(members, options)?;
    let (rows, inputs) = mosaic.image(&|_| {})?;
    Ok(Combined { mosaic, rows, inputs })
}

/// With a folder that is gone afterwards.
pub fn in_folder(test: impl FnOnce(&Path)) {
    let folder = tempfile::tempdir().unwrap();
    test(folder.path());
}

/// Samples that something contributed to.
pub fn reached(mosaic: &Combined) -> Vec<(f32, f32)> {
    mosaic
        .sci()
        .into_iter()
        .zip(mosaic.wht())
        .filter(|(_, weight)| *weight > 0.0)
        .collect()
}

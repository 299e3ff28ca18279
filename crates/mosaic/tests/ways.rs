//! One set of exposures combined in several ways at once, and onto other grids.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod exposures;

use exposures::{Made, NX, NY};
use firstlight_mosaic::{Bytes, DrizzleOptions, Error, Kernel, Member, Mosaic, Rows, Way, Window};
use std::path::Path;
use std::sync::Mutex;

fn pair(folder: &Path) -> Vec<Member> {
    let sci = |k: usize| (0..NX * NY).map(|i| ((i * 31 + k) % 97) as f32).collect();
    let mut bad = vec![0; NX * NY];
    bad[5 * NX + 7] = 4;
    [
        Made {
            name: "one",
            sci: sci(3),
            ..Made::default()
        },
        Made {
            name: "two",
            sci: sci(8),
            shift: (4.3, 2.6),
            dq: bad,
            ..Made::default()
        },
    ]
    .iter()
    .map(|made| made.member(folder))
    .collect()
}

fn bits(samples: &[f32]) -> Vec<u32> {
    samples.iter().map(|sample| sample.to_bits()).collect()
}

/// Image and weight of a way, made whole.
fn whole(mosaic: &Mosaic, way: Way) -> [Vec<f32>; 2] {
    let (nx, ny) = (mosaic.grid().nx, mosaic.grid().ny);
    let all = Mutex::new([vec![0.0; nx * ny], vec![0.0; nx * ny]]);
    let keep = |rows: &Rows| -> Result<(), Error> {
        let mut all = all.lock().unwrap();
        all[0][rows.first * nx..][..rows.sci.len()].copy_from_slice(&rows.sci);
        all[1][rows.first * nx..][..rows.wht.len()].copy_from_slice(&rows.wht);
        Ok(())
    };
    mosaic.combine_way(way, &keep, &|_| {}).unwrap();
    all.into_inner().unwrap()
}

/// The same, made window by window; what is in none is NaN.
fn windows(mosaic: &Mosaic, way: Way, windows: &[Window]) -> [Vec<f32>; 2] {
    let (nx, ny) = (mosaic.grid().nx, mosaic.grid().ny);
    let all = Mutex::new([vec![f32::NAN; nx * ny], vec![f32::NAN; nx * ny]]);
    let keep = |window: &Window, rows: &Rows| -> Result<(), Error> {
        let mut all = all.lock().unwrap();
        let width = window.columns.len();
        for (plane, rows_of) in all.iter_mut().zip([&rows.sci, &rows.wht]) {
            for (k, row) in rows_of.chunks(width).enumerate() {
                let start = (rows.first + k) * nx + window.columns.start;
                plane[start..start + width].copy_from_slice(row);
            }
        }
        Ok(())
    };
    mosaic.combine_windows(way, windows, &keep).unwrap();
    all.into_inner().unwrap()
}

#[test]
fn every_way_has_the_bits_of_a_combination_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let members = pair(folder.path());
    let ways = [
        (Kernel::Square, 1.0),
        (Kernel::Square, 0.3),
        (Kernel::Gaussian, 0.8),
        (Kernel::Point, 0.5),
        (Kernel::Lanczos3, 1.0),
    ]
    .map(|(kernel, pixfrac)| Way { kernel, pixfrac });
    for (max_memory, scale) in [(None, 0.03), (Some(Bytes(300_000)), 0.02)] {
        let options = DrizzleOptions {
            max_memory,
            final_scale: Some(scale),
            ..DrizzleOptions::default()
        }
        .combining_only();
        let mosaic = Mosaic::plan(&members, &options).unwrap();
        for way in &ways {
            let [sci, wht] = whole(&mosaic, *way);
            let options = DrizzleOptions {
                final_kernel: way.kernel,
                final_pixfrac: way.pixfrac,
                ..options.clone()
            };
            let (alone, _) = Mosaic::plan(&members, &options).unwrap().image(&|_| {}).unwrap();
            assert_eq!(bits(&alone.sci), bits(&sci), "{way:?}");
            assert_eq!(bits(&alone.wht), bits(&wht), "{way:?}");
            let (nx, ny) = (mosaic.grid().nx, mosaic.grid().ny);
            let some = [(0..nx / 2, 3..ny), (nx / 2..nx + 9, 0..ny / 3), (7..21, 5..6)];
            let some = some.map(|(columns, rows)| Window { columns, rows });
            let [sci, wht] = windows(&mosaic, *way, &some);
            let mut made = 0;
            for (k, (sci, wht)) in sci.iter().zip(&wht).enumerate() {
                let in_window =
                    |window: &Window| window.columns.contains(&(k % nx)) && window.rows.contains(&(k / nx));
                if some.iter().any(in_window) {
                    assert_eq!(alone.sci[k].to_bits(), sci.to_bits(), "{way:?}");
                    assert_eq!(alone.wht[k].to_bits(), wht.to_bits(), "{way:?}");
                    made += 1;
                } else {
                    assert!(wht.is_nan());
                }
            }
            assert!(made > nx * ny / 2);
        }
    }
}

#[test]
fn what_exposures_that_are_turned_leave_empty_is_as_any_pixel_without_weight() {
    let folder = tempfile::tempdir().unwrap();
    let members = pair(folder.path());
    for (final_fillval, empty) in [(None, f32::NAN), (Some(-7.5), -7.5)] {
        let options = DrizzleOptions {
            final_rot: Some(50.0),
            final_fillval,
            error: true,
            context: true,
            // Bands of so few rows that there are many columns that they do not reach.
            max_memory: Some(Bytes(300_000)),
            ..DrizzleOptions::default()
        }
        .combining_only();
        let mosaic = Mosaic::plan(&members, &options).unwrap();
        let (made, _) = mosaic.image(&|_| {}).unwrap();
        let (nx, ny) = (mosaic.grid().nx, mosaic.grid().ny);
        let way = Way {
            kernel: options.final_kernel,
            pixfrac: options.final_pixfrac,
        };
        let all = [Window {
            columns: 0..nx,
            rows: 0..ny,
        }];
        let [sci, wht] = windows(&mosaic, way, &all);
        assert_eq!(bits(&made.sci), bits(&sci));
        assert_eq!(bits(&made.wht), bits(&wht));
        let (err, ctx) = (made.err.unwrap(), made.ctx.unwrap());
        let without = (0..nx * ny).filter(|k| wht[*k] == 0.0);
        let count = without
            .inspect(|k| {
                assert_eq!(err[*k].to_bits(), empty.to_bits());
                assert_eq!(ctx[0][*k], 0);
            })
            .count();
        assert!(count > nx * ny / 4);
        assert!(ctx[0].contains(&3) && err.iter().any(|err| *err > 0.0));
    }
}

#[test]
fn another_grid_is_that_of_a_new_plan() {
    let folder = tempfile::tempdir().unwrap();
    let members = pair(folder.path());
    let options = DrizzleOptions::default().combining_only();
    let other = DrizzleOptions {
        final_scale: Some(0.02),
        final_rot: Some(10.0),
        final_pixfrac: 0.7,
        ..options.clone()
    };
    let mut mosaic = Mosaic::plan(&members, &options).unwrap();
    mosaic.lay_out(&other).unwrap();
    let fresh = Mosaic::plan(&members, &other).unwrap();
    assert_eq!(mosaic.grid(), fresh.grid());
    let (a, b) = (mosaic.image(&|_| {}).unwrap().0, fresh.image(&|_| {}).unwrap().0);
    assert_eq!(bits(&a.sci), bits(&b.sci));
    let bad = DrizzleOptions {
        final_pixfrac: 2.0,
        ..options
    };
    assert!(matches!(mosaic.lay_out(&bad), Err(Error::BadOption { .. })));
}

#[test]
fn what_is_covered_has_weight() {
    let folder = tempfile::tempdir().unwrap();
    let members = pair(folder.path());
    let options = DrizzleOptions {
        final_bits: "None".parse().unwrap(),
        ..DrizzleOptions::default().combining_only()
    };
    let mosaic = Mosaic::plan(&members, &options).unwrap();
    let coverage = mosaic.coverage().unwrap();
    let nx = mosaic.grid().nx;
    let (rows, _) = mosaic.image(&|_| {}).unwrap();
    let full = rows.wht.iter().copied().fold(0.0, f32::max);
    for (y, (all, any)) in coverage.all.iter().zip(&coverage.any).enumerate() {
        for x in all.iter().cloned().flatten() {
            assert!(rows.wht[y * nx + x] > 0.99 * full, "({x}, {y})");
            assert!(any.iter().any(|span| span.contains(&x)));
        }
        for x in any.iter().cloned().flatten() {
            assert!(rows.wht[y * nx + x] > 0.0, "({x}, {y})");
        }
    }
    // One pixel less at each edge, and the overlap of both.
    let inner = (NX - 2) * (NY - 2);
    let common = coverage.common_pixels();
    assert!(common > inner / 2 && common < inner, "{common}");
}

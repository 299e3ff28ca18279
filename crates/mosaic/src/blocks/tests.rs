use super::*;

/// Turned, with a bend, and nowhere right of a column.
struct Bent {
    end: f64,
}

impl PixelMapping for Bent {
    fn map_row(&self, y: f64, x0: f64, out_x: &mut [f64], out_y: &mut [f64]) {
        for (i, (out_x, out_y)) in out_x.iter_mut().zip(out_y).enumerate() {
            let x = x0 + i as f64;
            *out_x = if x < self.end {
                0.8 * x - 0.6 * y + 1e-5 * x * x
            } else {
                f64::NAN
            };
            *out_y = 0.6 * x + 0.8 * y - 2e-5 * x * y;
        }
    }
}

#[test]
fn every_pixel_is_in_a_part_of_the_windows_it_reaches() {
    let windows = [
        (0..400, 0..64),
        (0..400, 64..128),
        (0..400, 300..310),
        (100..140, 90..120),
        (77..78, 141..142),
    ];
    for end in [1e9, 300.0] {
        let map = Bent { end };
        let (ny, nx) = (200, 500);
        let blocks = Blocks::new(&map, (ny, nx), 1.0);
        for (columns, rows) in windows.clone() {
            let window = Window { columns, rows };
            let (left, right) = (window.columns.start as f64, window.columns.end as f64);
            let (low, high) = (window.rows.start as f64, window.rows.end as f64);
            let parts: Vec<Part> = blocks.on(&window).collect();
            for row in 0..ny {
                let (mut x, mut y) = (vec![0.0; nx], vec![0.0; nx]);
                map.map_row(row as f64, 0.0, &mut x, &mut y);
                for column in 0..nx {
                    let on = x[column] > left - 1.0
                        && x[column] < right
                        && y[column] > low - 1.0
                        && y[column] < high;
                    let held = parts
                        .iter()
                        .any(|part| part.rows.contains(&row) && part.columns.contains(&column));
                    assert!(held || !on, "({column}, {row}) on {window:?}");
                }
            }
        }
    }
}

#[test]
fn every_pixel_that_reaches_a_row_is_in_its_columns() {
    let (map, (ny, nx)) = (Bent { end: 1e9 }, (200, 500));
    let blocks = Blocks::new(&map, (ny, nx), 1.0);
    for rows in [0..64, 64..128, 300..310] {
        let (lo, hi) = blocks.columns(&rows).unwrap();
        let (mut least, mut greatest) = (f64::INFINITY, f64::NEG_INFINITY);
        for row in 0..ny {
            let (mut x, mut y) = (vec![0.0; nx], vec![0.0; nx]);
            map.map_row(row as f64, 0.0, &mut x, &mut y);
            let reached = x.iter().zip(&y);
            for (x, _) in reached.filter(|(_, y)| **y > rows.start as f64 - 1.0 && **y < rows.end as f64) {
                (least, greatest) = (least.min(*x), greatest.max(*x));
            }
        }
        assert!(lo <= least - 1.0 && hi >= greatest + 1.0);
        assert!(hi - lo < greatest - least + 250.0, "{lo} {hi} {least} {greatest}");
    }
    assert!(blocks.columns(&(2000..2100)).is_none());
    let unknown = Blocks::new(&Bent { end: 300.0 }, (ny, nx), 1.0);
    assert_eq!(
        unknown.columns(&(200..264)),
        Some((f64::NEG_INFINITY, f64::INFINITY))
    );
}

#[test]
fn a_small_window_has_few_pixels() {
    let blocks = Blocks::new(&Bent { end: 1e9 }, (200, 500), 1.0);
    let window = Window {
        columns: 77..78,
        rows: 141..142,
    };
    let parts: Vec<Part> = blocks.on(&window).collect();
    let pixels: usize = parts
        .iter()
        .map(|part| part.rows.len() * part.columns.len())
        .sum();
    assert!(pixels > 3 && pixels < 200, "{parts:?}");
}

#[test]
fn a_wide_window_has_what_falls_between_its_rows() {
    let blocks = Blocks::new(&Bent { end: 1e9 }, (200, 500), 1.0);
    let window = Window::of_rows(150..170, 400);
    let parts: Vec<Part> = blocks.on(&window).collect();
    // Twenty rows are 33 columns, which are shifted by 21 columns from the first row of a block to the last.
    assert!(parts.len() > 5, "{parts:?}");
    assert!(parts.iter().all(|part| part.columns.len() < 70), "{parts:?}");
}

#[test]
fn what_lies_elsewhere_is_left_out() {
    let blocks = Blocks::new(&Bent { end: 1e9 }, (200, 500), 1.0);
    assert_eq!(blocks.on(&Window::of_rows(2000..2100, 400)).count(), 0);
    let parts: usize = blocks
        .on(&Window::of_rows(0..10, 400))
        .map(|p| p.rows.len() * p.columns.len())
        .sum();
    assert!(parts > 0 && parts < 200 * 500 / 2, "{parts} pixels");
}

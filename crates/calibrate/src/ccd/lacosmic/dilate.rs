//! Masks grown to the pixels beside.

use rayon::prelude::*;

/// Grows by the eight pixels around; the border of one pixel stays as it is.
pub(super) fn dilate3(mask: &[bool], nx: usize) -> Vec<bool> {
    const AROUND: [(isize, isize); 9] = [
        (0, 0),
        (0, 1),
        (0, -1),
        (1, 0),
        (-1, 0),
        (1, 1),
        (1, -1),
        (-1, 1),
        (-1, -1),
    ];
    grow(mask, nx, 1, &AROUND)
}

/// Grows by the pixels around in a square of five without its corners, `times` over; the border of two pixels stays as
/// it is.
pub(super) fn dilate5(mask: &[bool], nx: usize, times: usize) -> Vec<bool> {
    let around: Vec<(isize, isize)> = (-2..=2)
        .flat_map(|dy: isize| (-2..=2).map(move |dx: isize| (dy, dx)))
        .filter(|(dy, dx)| dy.abs() + dx.abs() < 4)
        .collect();
    let mut grown = mask.to_vec();
    for _ in 0..times {
        grown = grow(&grown, nx, 2, &around);
    }
    grown
}

fn grow(mask: &[bool], nx: usize, half: usize, around: &[(isize, isize)]) -> Vec<bool> {
    let mut out = mask.to_vec();
    let ny = mask.len().checked_div(nx).unwrap_or(0);
    if nx <= 2 * half || ny <= 2 * half {
        return out;
    }
    // Few pixels are set as a rule: rows without any beside them are as they were.
    let any: Vec<bool> = mask.chunks_exact(nx).map(|row| row.contains(&true)).collect();
    out.par_chunks_mut(nx).enumerate().for_each(|(y, out)| {
        if y < half || y >= ny - half || !any[y - half..=y + half].contains(&true) {
            return;
        }
        for (x, out) in out.iter_mut().enumerate().take(nx - half).skip(half) {
            let i = (y * nx + x) as isize;
            *out = around
                .iter()
                .any(|(dy, dx)| mask[(i + dy * nx as isize + dx) as usize]);
        }
    });
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pixel_grows_to_a_square_and_the_border_does_not_take_part() {
        let mut mask = vec![false; 9 * 9];
        mask[4 * 9 + 4] = true;
        assert_eq!(dilate3(&mask, 9).iter().filter(|&&m| m).count(), 9);
        assert_eq!(dilate5(&mask, 9, 1).iter().filter(|&&m| m).count(), 21);
        let twice = dilate5(&mask, 9, 2);
        assert!(twice[4 * 9 + 2] && twice[2 * 9 + 3] && !twice[9]);
        let mut at_edge = vec![false; 9 * 9];
        at_edge[9] = true;
        let grown = dilate3(&at_edge, 9);
        assert!(grown[10] && grown[9] && !grown[0] && !grown[18]);
    }
}

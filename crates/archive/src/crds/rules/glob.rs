//! Shell patterns, as rules have them for values that begin or end alike.

/// Shell patterns: `*`, `?`, `[abc]`, `[!a-c]`, over the whole value.
pub(super) fn glob_matches(glob: &[char], value: &str) -> bool {
    let value: Vec<char> = value.chars().collect();
    let (mut g, mut v) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    loop {
        if glob.get(g) == Some(&'*') {
            star = Some((g + 1, v));
            g += 1;
            continue;
        }
        if v == value.len() && g == glob.len() {
            return true;
        }
        let step = value.get(v).and_then(|c| one_matches(glob, g, *c));
        match (step, star) {
            (Some(next), _) => (g, v) = (next, v + 1),
            (None, Some((behind, from))) if from < value.len() => {
                star = Some((behind, from + 1));
                (g, v) = (behind, from + 1);
            }
            _ => return false,
        }
    }
}

/// Where the pattern goes on when its place `g` stands for `c`.
fn one_matches(glob: &[char], g: usize, c: char) -> Option<usize> {
    match glob.get(g)? {
        '?' => Some(g + 1),
        '[' => {
            let negated = glob.get(g + 1) == Some(&'!');
            let first = g + 1 + usize::from(negated);
            let closing = glob
                .iter()
                .skip(first + 1)
                .position(|c| *c == ']')
                .map(|at| first + 1 + at);
            let Some(closing) = closing else {
                return (c == '[').then_some(g + 1);
            };
            (in_set(glob.get(first..closing)?, c) != negated).then_some(closing + 1)
        }
        other => (*other == c).then_some(g + 1),
    }
}

fn in_set(set: &[char], c: char) -> bool {
    let mut rest = set;
    loop {
        rest = match rest {
            [] => return false,
            [low, '-', high, ..] => {
                if (*low..=*high).contains(&c) {
                    return true;
                }
                &rest[3..]
            }
            [one, ..] => {
                if *one == c {
                    return true;
                }
                &rest[1..]
            }
        };
    }
}

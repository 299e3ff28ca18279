//! Values on a grid of parameters, linear in each of them.

/// One parameter: its nodes, which ascend, and where the value is wanted.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// Its name with `#`.
    pub name: String,
    /// At least one.
    pub nodes: Vec<f64>,
    /// Where the value is wanted.
    pub at: f64,
}

impl Axis {
    /// What to say where the value is wanted beyond the nodes and must not be carried on from them.
    pub fn outside(&self, extrapolate: bool) -> Option<String> {
        let (first, last) = (self.nodes.first()?, self.nodes.last()?);
        let inside = self.at >= *first && self.at <= *last;
        let allowed = inside || (extrapolate && self.name == "mjd#" && self.at.is_finite());
        (!allowed).then(|| format!("{} {} is not between {first} and {last}", self.name, self.at))
    }

    /// The node below, or the last from which a line can be drawn.
    fn below(&self) -> usize {
        let after = self.nodes.iter().take_while(|&&node| node <= self.at).count();
        after.saturating_sub(1).min(self.nodes.len().saturating_sub(2))
    }

    /// The straight line through two values at neighbouring nodes.
    fn line(&self, below: usize, low: f64, high: f64) -> f64 {
        match (self.nodes.get(below), self.nodes.get(below + 1)) {
            (Some(&x0), Some(&x1)) => low + (self.at - x0) * (high - low) / (x1 - x0),
            _ => low,
        }
    }
}

/// Interpolates between the 2ⁿ nodes about a point, one parameter after the other. `results` has a value for each node,
/// the first parameter fastest; None where it has too few, or they are no numbers.
pub fn interpolate(axes: &[Axis], results: &[f64]) -> Option<f64> {
    let Some((axis, slower)) = axes.split_last() else {
        return results.first().copied().filter(|value| value.is_finite());
    };
    // The last parameter is the slowest: its nodes are blocks of all the others'.
    let block = slower
        .iter()
        .try_fold(1usize, |n, axis| n.checked_mul(axis.nodes.len()))?;
    let at_node = |node: usize| {
        let start = node.checked_mul(block)?;
        interpolate(slower, results.get(start..start.checked_add(block)?)?)
    };
    let below = axis.below();
    let low = at_node(below)?;
    if axis.nodes.len() < 2 {
        return Some(low);
    }
    Some(axis.line(below, low, at_node(below + 1)?))
}

#[cfg(test)]
mod tests {
    use super::{Axis, interpolate};

    fn axis(name: &str, nodes: &[f64], at: f64) -> Axis {
        Axis {
            name: name.to_owned(),
            nodes: nodes.to_vec(),
            at,
        }
    }

    /// Results of a function that is linear in each parameter.
    fn bilinear(x: f64, y: f64) -> f64 {
        2.0 + 3.0 * x - y + 0.5 * x * y
    }

    #[test]
    fn functions_that_are_linear_in_each_parameter_are_reproduced() {
        let (xs, ys) = ([1.0, 2.0, 5.0], [10.0, 20.0]);
        let results: Vec<f64> = ys.iter().flat_map(|&y| xs.map(|x| bilinear(x, y))).collect();
        for (x, y) in [(1.0, 10.0), (1.5, 12.0), (5.0, 20.0), (4.9, 10.0), (2.0, 17.0)] {
            let value = interpolate(&[axis("a#", &xs, x), axis("b#", &ys, y)], &results).unwrap();
            assert!((value - bilinear(x, y)).abs() < 1e-12, "at {x}, {y}: {value}");
        }
    }

    #[test]
    fn only_the_day_is_carried_on_beyond_the_grid() {
        let day = axis("mjd#", &[100.0, 200.0, 300.0], 400.0);
        assert_eq!(day.outside(true), None);
        assert!(day.outside(false).is_some());
        assert_eq!(interpolate(&[day], &[0.0, 0.0, 5.0]), Some(10.0));
        let before = axis("mjd#", &[100.0, 200.0, 300.0], 0.0);
        assert_eq!(interpolate(&[before], &[2.0, 1.0, 5.0]), Some(3.0));
        assert!(axis("fr656n#", &[6000.0, 7000.0], 7001.0).outside(true).is_some());
    }

    #[test]
    fn one_node_is_a_constant_and_too_few_results_are_none() {
        assert_eq!(interpolate(&[axis("mjd#", &[100.0], 100.0)], &[7.0]), Some(7.0));
        assert_eq!(interpolate(&[axis("mjd#", &[100.0, 200.0], 100.0)], &[7.0]), None);
    }
}

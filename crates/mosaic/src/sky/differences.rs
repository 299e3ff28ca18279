//! Skies of exposures from their differences in overlaps.

/// Two exposures that overlap: their skies in what they have in common, and how many pixels these are of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Pair {
    pub(super) exposures: (usize, usize),
    pub(super) skies: (f64, f64),
    pub(super) npix: (f64, f64),
}

/// The sky of an exposure relative to others of its group.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Relative {
    pub(super) sky: f64,
    pub(super) group: usize,
}

/// Skies whose differences are those of the pairs, in the sense of least squares with weights that are the mean
/// number of pixels. In each group of exposures that hang together they are 0 in the mean; the rest, which no pair
/// reaches, is `None`.
///
/// The matrix of the problem is that of a network of conductances. Its nodes are eliminated one by one, which adds
/// and divides positive numbers alone, so that weights may differ as much as they like.
pub(super) fn relative_skies(exposures: usize, pairs: &[Pair]) -> Vec<Option<Relative>> {
    let mut network = Network::new(exposures);
    for pair in pairs {
        network.connect(pair);
    }
    network.eliminate();
    let mut skies = network.substitute();
    centre_groups(&mut skies);
    skies
}

struct Network {
    nodes: usize,
    weights: Vec<f64>,
    flow: Vec<f64>,
    /// Sum of a node's weights to those before it, when it was eliminated.
    total: Vec<f64>,
    reached: Vec<bool>,
}

impl Network {
    fn new(nodes: usize) -> Self {
        Self {
            nodes,
            weights: vec![0.0; nodes * nodes],
            flow: vec![0.0; nodes],
            total: vec![0.0; nodes],
            reached: vec![false; nodes],
        }
    }

    fn connect(&mut self, pair: &Pair) {
        let (i, j) = pair.exposures;
        let weight = (0.5 * (pair.npix.0 + pair.npix.1)).powi(2);
        let flow = weight * (pair.skies.0 - pair.skies.1);
        self.weights[i * self.nodes + j] += weight;
        self.weights[j * self.nodes + i] += weight;
        self.flow[i] += flow;
        self.flow[j] -= flow;
        (self.reached[i], self.reached[j]) = (true, true);
    }

    /// From the last node to the first: those connected with it become connected with one another.
    fn eliminate(&mut self) {
        for node in (1..self.nodes).rev() {
            let (before, from) = self.weights.split_at_mut(node * self.nodes);
            let own = &from[..node];
            let total: f64 = own.iter().sum();
            self.total[node] = total;
            if total <= 0.0 {
                continue;
            }
            for (i, row) in before.chunks_exact_mut(self.nodes).enumerate() {
                let share = own[i] / total;
                if share > 0.0 {
                    self.flow[i] += share * self.flow[node];
                    let others = row.iter_mut().zip(own).enumerate();
                    others
                        .filter(|(j, _)| *j != i)
                        .for_each(|(_, (weight, other))| *weight += share * other);
                }
            }
        }
    }

    fn substitute(&self) -> Vec<Option<Relative>> {
        let mut skies: Vec<Option<Relative>> = Vec::with_capacity(self.nodes);
        let mut groups = 0;
        for node in 0..self.nodes {
            let own = &self.weights[node * self.nodes..][..node];
            let known = own.iter().zip(&skies).filter(|(weight, _)| **weight > 0.0);
            let known = known.filter_map(|(weight, sky)| Some((weight, (*sky)?)));
            let (mut sum, mut group) = (self.flow[node], None);
            for (weight, sky) in known {
                sum += weight * sky.sky;
                group = Some(sky.group);
            }
            skies.push(match group {
                _ if !self.reached[node] => None,
                Some(group) => Some(Relative {
                    sky: sum / self.total[node],
                    group,
                }),
                None => {
                    groups += 1;
                    Some(Relative {
                        sky: 0.0,
                        group: groups - 1,
                    })
                }
            });
        }
        skies
    }
}

/// Takes the mean of each group from its skies.
fn centre_groups(skies: &mut [Option<Relative>]) {
    let groups = skies.iter().flatten().map(|sky| sky.group + 1).max().unwrap_or(0);
    let mut sums = vec![(0.0, 0.0); groups];
    for sky in skies.iter().flatten() {
        sums[sky.group].0 += sky.sky;
        sums[sky.group].1 += 1.0;
    }
    for sky in skies.iter_mut().flatten() {
        sky.sky -= sums[sky.group].0 / sums[sky.group].1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(i: usize, j: usize, difference: f64, npix: f64) -> Pair {
        Pair {
            exposures: (i, j),
            skies: (10.0 + difference, 10.0),
            npix: (npix, npix),
        }
    }

    fn skies(found: &[Option<Relative>]) -> Vec<f64> {
        found
            .iter()
            .map(|sky| sky.map_or(f64::NAN, |sky| sky.sky))
            .collect()
    }

    #[test]
    fn consistent_differences_are_met_however_weights_differ() {
        let truth = [3.0, -1.0, 0.5, 7.0, -9.5];
        let npix = [1.0, 4e6, 17.0, 3e5, 8e6, 2.0];
        let ends = [(0, 1), (1, 2), (2, 3), (3, 4), (0, 4), (1, 3)];
        let pairs: Vec<Pair> = ends
            .iter()
            .zip(npix)
            .map(|((i, j), npix)| pair(*i, *j, truth[*i] - truth[*j], npix))
            .collect();
        for (found, expected) in skies(&relative_skies(5, &pairs)).iter().zip(truth) {
            assert!((found - expected).abs() < 1e-7, "{found} {expected}");
        }
    }

    /// Of three differences that do not close, weighted as numpy.linalg.pinv has it.
    #[test]
    fn contradictions_are_shared_out_by_weight() {
        let pairs = [pair(0, 1, 1.0, 2.0), pair(1, 2, 1.0, 1.0), pair(0, 2, 3.0, 1.0)];
        let found = skies(&relative_skies(3, &pairs));
        // Residuals r/w²: the loop is 1 short; shares 1/4 : 1 : 1 over 9/4.
        let first = 1.0 + (1.0 / 4.0) / (9.0 / 4.0);
        let second = 1.0 + 1.0 / (9.0 / 4.0);
        assert!((found[0] - found[1] - first).abs() < 1e-12, "{found:?}");
        assert!((found[1] - found[2] - second).abs() < 1e-12, "{found:?}");
        assert!(found.iter().sum::<f64>().abs() < 1e-12);
    }

    #[test]
    fn groups_are_apart_and_lone_exposures_undetermined() {
        let pairs = [pair(0, 4, 2.0, 5.0), pair(1, 3, -6.0, 5.0)];
        let found = relative_skies(6, &pairs);
        assert_eq!(found[2], None);
        assert_eq!(found[5], None);
        let of = |i: usize| found[i].unwrap();
        assert_eq!(
            (of(0).sky, of(4).sky, of(1).sky, of(3).sky),
            (1.0, -1.0, -3.0, 3.0)
        );
        assert!(of(0).group == of(4).group && of(1).group == of(3).group && of(0).group != of(1).group);
        assert!(relative_skies(0, &[]).is_empty());
    }
}

//! Imperfect charge transfer: traps in the silicon take charge from the packets that cross them and give it back
//! later, to packets that follow.
//!
//! The model is that of Anderson & Bedin 2010 (PASP 122, 1035) as ACS ISR 2018-04 has it: a trap of level q takes an
//! electron from every packet that holds at least q, and once filled releases it with a known probability in each
//! transfer. It is followed here by what the traps hold: a packet that fills them brings their content back to the
//! full, one that does not receives what they let go.

use super::camera::{Amplifier, Era};

/// First and last day of the model's growth, Modified Julian Date: losses are nil at the first and nominal at the
/// last.
pub const GROWTH_MJD: (f64, f64) = (52_335.0, 57_710.0);
/// Transfers after which a trap has let go everything.
pub const TRAIL: usize = 60;
/// A packet of q electrons meets the first times q to the power of the second traps in 2048 pixels of a column: a star of
/// 1000 electrons then loses some tenth of its brightest pixel on a sky of 40.
const PARALLEL: (f64, f64) = (1.6, 0.57);
/// Steps in which a read-out is followed: each with a share of the traps, since packets lose charge little by little.
const STEPS: usize = 7;
/// Rows of which the fullest packet is known, so that traps above it are not asked.
const BLOCK: usize = 32;

/// Traps of one level.
#[derive(Debug, Clone, PartialEq)]
pub struct Species {
    /// Packets with at least as many electrons fill it.
    pub level_e: f64,
    /// Electrons that it takes of a packet that crosses 2048 pixels of nominal traps.
    pub capacity_e: f64,
    /// Share of the content that is left after each number of transfers, from 1 at 0 to 0 at [`TRAIL`].
    pub left: Vec<f64>,
}

/// All traps of one direction.
#[derive(Debug, Clone, PartialEq)]
pub struct Traps {
    species: Vec<Species>,
}

impl Traps {
    /// Traps that columns cross on their way to the serial register.
    pub fn parallel() -> Self {
        Self::growing(PARALLEL.0, PARALLEL.1, (0.6, 2.4, 17.0))
    }

    /// Traps of the serial register that leads to an amplifier.
    pub fn serial(amplifier: Amplifier) -> Self {
        let strength = [0.095, 0.110, 0.085, 0.120][amplifier.index()];
        Self::growing(strength, 0.50, (0.7, 1.6, 9.0))
    }

    /// A packet of q electrons meets `strength` q^`power` traps, each of one electron. The trail is a share of fast
    /// traps and the rest slow ones, with their times in transfers.
    fn growing(strength: f64, power: f64, trail: (f64, f64, f64)) -> Self {
        let levels = (1..).map(|n| (f64::from(n) / strength).powf(1.0 / power).round().max(1.0));
        let levels = levels.take_while(|&level| level < 100_000.0);
        let species = levels.map(|level_e| Species {
            level_e,
            capacity_e: 1.0,
            left: left(level_e, trail),
        });
        Self {
            species: species.collect(),
        }
    }

    /// The species, in ascending order of level.
    pub fn species(&self) -> &[Species] {
        &self.species
    }

    /// Reads a line of packets, the one next to the register first. `density[j]` is how many traps, of the nominal
    /// number in 2048 pixels, packet `j` crosses. Charge is conserved but for what is still held at the end.
    pub fn read_out(&self, packets: &mut [f64], density: &[f64]) {
        let mut fullest = vec![0.0_f64; packets.len().div_ceil(BLOCK)];
        for _ in 0..STEPS {
            for (most, block) in fullest.iter_mut().zip(packets.chunks(BLOCK)) {
                *most = block.iter().fold(0.0, |most, &packet| packet.max(most));
            }
            let top = fullest.iter().fold(0.0, |a: f64, &b| a.max(b));
            for species in self.species.iter().rev().filter(|s| s.level_e <= top) {
                species.pass(packets, density, &mut fullest);
            }
        }
    }
}

impl Species {
    fn pass(&self, packets: &mut [f64], density: &[f64], fullest: &mut [f64]) {
        let mut content = 0.0;
        let mut age = TRAIL;
        let blocks = packets.chunks_mut(BLOCK).zip(density.chunks(BLOCK));
        for ((packets, density), most) in blocks.zip(fullest) {
            if age >= TRAIL && *most < self.level_e {
                continue;
            }
            for (packet, density) in packets.iter_mut().zip(density) {
                let before = content * self.left[age];
                age = (age + 1).min(TRAIL);
                if *packet >= self.level_e {
                    content = self.capacity_e * density / STEPS as f64;
                    age = 0;
                    *packet += before - content;
                } else {
                    *packet += before - content * self.left[age];
                }
                *most = most.max(*packet);
            }
        }
    }
}

/// Share of the content that is left after 0 … [`TRAIL`] transfers; traps of high level are a little slower at first
/// and faster in the end.
fn left(level_e: f64, (share, fast, slow): (f64, f64, f64)) -> Vec<f64> {
    let height = level_e.max(1.0).log10() - 3.0;
    let (fast, slow) = (fast * (1.0 + 0.05 * height), slow * (1.0 - 0.03 * height));
    let survives = |t: usize| {
        let t = t as f64;
        share * (-t / fast).exp() + (1.0 - share) * (-t / slow).exp()
    };
    let last = survives(TRAIL);
    (0..=TRAIL).map(|t| (survives(t) - last) / (1.0 - last)).collect()
}

/// How far the losses have grown on a day, 1 being nominal.
pub fn growth(mjd: f64) -> f64 {
    (mjd - GROWTH_MJD.0) / (GROWTH_MJD.1 - GROWTH_MJD.0)
}

/// Whether the serial losses are simulated: before SM4 they are too small.
pub fn has_serial_losses(era: Era) -> bool {
    era == Era::AfterSm4
}

/// Traps crossed by each of `rows` packets of a line, the register's neighbour first, for the line's scale at 512,
/// 1024, 1536 and 2048 pixels.
pub fn density(rows: usize, scale: [f32; 4], growth: f64) -> Vec<f64> {
    let scale = scale.map(f64::from);
    let at = |j: usize| {
        let place = (j as f64 / 512.0).min(2.999);
        let below = place as usize;
        let along = scale[below] + (scale[below + 1] - scale[below]) * (place - below as f64);
        along * (j + 1) as f64 / 2048.0 * growth
    };
    (0..rows).map(at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(bright: usize, value: f64, background: f64) -> Vec<f64> {
        let mut line = vec![background; 2048];
        line[bright] = value;
        line
    }

    #[test]
    fn charge_is_moved_and_not_lost() {
        let traps = Traps::parallel();
        let density = density(2048, [1.0; 4], 1.0);
        for (background, value) in [(0.0, 800.0), (30.0, 5000.0), (0.0, 60_000.0)] {
            let mut packets = line(1500, value, background);
            let sky = {
                let mut sky = vec![background; 2048];
                traps.read_out(&mut sky, &density);
                sky
            };
            traps.read_out(&mut packets, &density);
            let extra: f64 = packets.iter().zip(&sky).map(|(p, s)| p - s).sum();
            assert!(
                (extra / (value - background) - 1.0).abs() < 2e-3,
                "{extra} of {}",
                value - background
            );
        }
    }

    #[test]
    fn trails_point_away_from_the_register_and_grow_with_distance() {
        let traps = Traps::parallel();
        let density = density(2048, [1.0; 4], 1.0);
        let loss = |row: usize| {
            let mut packets = line(row, 2000.0, 0.0);
            traps.read_out(&mut packets, &density);
            assert!(packets[..row].iter().all(|&p| p == 0.0), "nothing comes before");
            assert!(packets[row + 1] > packets[row + 5] && packets[row + 5] > packets[row + 30]);
            // What is let go is caught again by traps of low levels, and a little comes late.
            assert!(packets[row + TRAIL + 1..].iter().all(|p| p.abs() < 0.5));
            2000.0 - packets[row]
        };
        let losses = [100, 700, 1400, 1980].map(loss);
        assert!(losses.windows(2).all(|l| l[0] < l[1]), "{losses:?}");
        // Each of the strength * q^power traps takes an electron, of 1981 pixels of 2048.
        let traps_met = PARALLEL.0 * 2000_f64.powf(PARALLEL.1) * 1981.0 / 2048.0;
        assert!(
            (losses[3] / traps_met - 1.0).abs() < 0.08,
            "{losses:?} {traps_met}"
        );
    }

    #[test]
    fn sky_fills_the_traps_and_faint_stars_lose_less() {
        let traps = Traps::parallel();
        let density = density(2048, [1.0; 4], 1.0);
        let loss = |background: f64| {
            let mut sky = vec![background; 2048];
            traps.read_out(&mut sky, &density);
            let mut star = line(1900, background + 200.0, background);
            traps.read_out(&mut star, &density);
            200.0 - (star[1900] - sky[1900])
        };
        assert!(loss(100.0) < 0.6 * loss(0.0), "{} {}", loss(100.0), loss(0.0));
    }

    #[test]
    fn no_traps_on_the_first_day() {
        let mut packets = line(900, 1.0e4, 12.0);
        let before = packets.clone();
        Traps::parallel().read_out(&mut packets, &density(2048, [1.0; 4], growth(GROWTH_MJD.0)));
        assert_eq!(packets, before);
    }
}

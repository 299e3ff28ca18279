//! Charge traps: at which levels they sit, how much they hold, and how they give it back.

use crate::{Error, Result};

/// Zeros behind each profile, so that eight numbers can be read from anywhere in it.
const BEHIND: usize = 8;

/// One level of traps, as a table gives it.
#[derive(Debug, Clone, Copy)]
pub struct TrapLevel<'a> {
    /// Charge that a packet has to have to meet the traps, e.
    pub q_e: f64,
    /// Charge that they take of a packet that goes all the way, e.
    pub amount_e: f64,
    /// The share of it that comes out into each of the packets that follow.
    pub release: &'a [f32],
    /// The share that is still held at each of them, and joins the next packet that fills the traps.
    pub held: &'a [f32],
}

/// The traps of one direction of transfer.
#[derive(Debug, Clone, PartialEq)]
pub struct Traps {
    q_e: Vec<f64>,
    /// The least of `q_e` from each level up, which rises.
    reach_e: Vec<f64>,
    per_pass_e: Vec<f64>,
    release: Vec<f64>,
    held: Vec<f64>,
    stride: usize,
    length: usize,
    passes: usize,
}

/// One level, as the readout needs it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Level<'a> {
    pub q_e: f64,
    /// What the traps take in one pass, per unit of weight, e.
    pub per_pass_e: f64,
    /// Released into the packet so many transfers later; zeros from [`Level::length`] on, eight at least.
    pub release: &'a [f64],
    /// As `release`: what else joins that packet if it fills the traps.
    pub held: &'a [f64],
    /// How many packets a trail is long.
    pub length: usize,
}

impl Traps {
    /// Puts levels together, in the order of their charge. The profiles are cut to `length` packets; `passes` is the
    /// number of steps that the transfer to the register is done in.
    ///
    /// # Errors
    /// [`Error::Traps`] where a number is not finite, an amount is negative, a profile has not `length` numbers, or
    /// `length` or `passes` is 0.
    pub fn new<'a>(
        levels: impl IntoIterator<Item = TrapLevel<'a>>,
        length: usize,
        passes: usize,
    ) -> Result<Self> {
        let wrong = |what: String| Err(Error::Traps { what });
        if length == 0 || passes == 0 {
            return wrong(format!(
                "trails of {length} pixels and {passes} passes; both have to be at least 1"
            ));
        }
        let stride = length + BEHIND;
        let mut traps = Self {
            q_e: Vec::new(),
            reach_e: Vec::new(),
            per_pass_e: Vec::new(),
            release: Vec::new(),
            held: Vec::new(),
            stride,
            length,
            passes,
        };
        for (number, level) in levels.into_iter().enumerate() {
            let (Some(release), Some(held)) = (level.release.get(..length), level.held.get(..length)) else {
                let found = level.release.len().min(level.held.len());
                return wrong(format!(
                    "the profile of level {number} has {found} numbers, {length} are needed"
                ));
            };
            if !level.q_e.is_finite() || !level.amount_e.is_finite() || level.amount_e < 0.0 {
                return wrong(format!(
                    "level {number} has Q {} e and holds {} e",
                    level.q_e, level.amount_e
                ));
            }
            if !release.iter().chain(held).all(|share| share.is_finite()) {
                return wrong(format!("the profile of level {number} is not finite"));
            }
            traps.q_e.push(level.q_e);
            traps.per_pass_e.push(level.amount_e / passes as f64);
            for (profile, shares) in [(&mut traps.release, release), (&mut traps.held, held)] {
                profile.extend(shares.iter().map(|share| f64::from(*share)));
                profile.extend([0.0; BEHIND]);
            }
        }
        traps.reach_e = traps.q_e.clone();
        for at in (1..traps.reach_e.len()).rev() {
            traps.reach_e[at - 1] = traps.reach_e[at - 1].min(traps.reach_e[at]);
        }
        Ok(traps)
    }

    /// How many levels there are.
    pub fn levels(&self) -> usize {
        self.q_e.len()
    }

    /// How many packets a trail is long.
    pub fn length(&self) -> usize {
        self.length
    }

    /// In how many steps the transfer is done.
    pub fn passes(&self) -> usize {
        self.passes
    }

    /// How many levels have to be looked at where no packet has more than `greatest_e`.
    pub(super) fn within(&self, greatest_e: f64) -> usize {
        self.reach_e.partition_point(|q| *q <= greatest_e)
    }

    #[inline(always)]
    pub(super) fn level(&self, number: usize) -> Level<'_> {
        let profile = number * self.stride..(number + 1) * self.stride;
        Level {
            q_e: self.q_e[number],
            per_pass_e: self.per_pass_e[number],
            release: &self.release[profile.clone()],
            held: &self.held[profile],
            length: self.length,
        }
    }
}

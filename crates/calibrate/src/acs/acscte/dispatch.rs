//! The fastest instructions that the processor has.

use super::lanes::{Lanes, Plain};
#[cfg(target_arch = "x86_64")]
use super::wide::{Halves, Whole};
use std::sync::OnceLock;

/// Something to be done with lanes.
pub(super) trait Lane {
    /// What comes of it.
    type Output;

    /// Does it.
    fn run<L: Lanes>(self, lanes: L) -> Self::Output;
}

/// Sets of instructions that there are lanes for, from the one that every processor has to the fastest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Instructions {
    Plain,
    Avx2,
    Avx512,
}

impl Instructions {
    pub const ALL: [Self; 3] = [Self::Plain, Self::Avx2, Self::Avx512];

    fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
        }
    }

    /// Those that `FIRSTLIGHT_LANES` of the environment allows at most, so that one processor can measure what others
    /// would do; all where it names none.
    fn allowed() -> Self {
        static ALLOWED: OnceLock<Instructions> = OnceLock::new();
        *ALLOWED.get_or_init(|| {
            let named = std::env::var("FIRSTLIGHT_LANES").unwrap_or_default();
            let known = Self::ALL.into_iter().find(|kind| kind.name() == named);
            known.unwrap_or(Self::Avx512)
        })
    }
}

/// Does it with the fastest lanes.
#[inline]
pub(super) fn on_lanes<T: Lane>(task: T) -> T::Output {
    on_lanes_within(Instructions::allowed(), task)
}

/// Does it with the fastest lanes that the processor has, of those up to `fastest`.
#[inline]
pub(super) fn on_lanes_within<T: Lane>(fastest: Instructions, task: T) -> T::Output {
    #[cfg(target_arch = "x86_64")]
    {
        use pulp::x86::{V3, V4};
        if let Some(v4) = V4::try_new().filter(|_| fastest >= Instructions::Avx512) {
            let lanes = Whole(v4);
            return v4.vectorize(Compiled { task, lanes });
        }
        if let Some(v3) = V3::try_new().filter(|_| fastest >= Instructions::Avx2) {
            let lanes = Halves(v3);
            return v3.vectorize(Compiled { task, lanes });
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = fastest;
    task.run(Plain)
}

/// Compiled once more for each set of instructions.
#[cfg(target_arch = "x86_64")]
struct Compiled<T, L> {
    task: T,
    lanes: L,
}

#[cfg(target_arch = "x86_64")]
impl<T: Lane, L: Lanes> pulp::NullaryFnOnce for Compiled<T, L> {
    type Output = T::Output;

    #[inline(always)]
    fn call(self) -> T::Output {
        self.task.run(self.lanes)
    }
}

/// Numbers from 0 to 1, evenly.
#[cfg(test)]
pub(super) fn uniform(mut state: u64) -> impl FnMut() -> f64 {
    move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 33) as f64 / (1u64 << 31) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Divide([f64; 4], [f64; 4]);

    impl Lane for Divide {
        type Output = ([f64; 4], f64);

        #[inline(always)]
        fn run<L: Lanes>(self, lanes: L) -> Self::Output {
            (lanes.quotients(self.0, self.1), lanes.ninth(self.0[0]))
        }
    }

    #[test]
    fn quotients_are_those_of_a_division() {
        let mut random = uniform(3);
        let mut number = || random() * f64::powi(2.0, (32.0 * random()) as i32 - 12);
        for _ in 0..100_000 {
            let numerators = [(); 4].map(|()| number());
            let denominators = numerators.map(|numerator| numerator + 0.04 + number());
            let expected = std::array::from_fn(|at| numerators[at] / denominators[at]);
            for fastest in Instructions::ALL {
                let found = on_lanes_within(fastest, Divide(numerators, denominators));
                assert_eq!(found, (expected, numerators[0] / 9.0), "{fastest:?}");
            }
        }
    }

    #[test]
    fn what_is_allowed_has_a_name_of_its_own() {
        let names = Instructions::ALL.map(Instructions::name);
        assert!(
            names
                .iter()
                .all(|name| names.iter().filter(|n| n == &name).count() == 1)
        );
        assert!(Instructions::ALL.is_sorted());
        assert_eq!(
            Instructions::ALL.last(),
            Some(&Instructions::Avx512),
            "the default"
        );
    }
}

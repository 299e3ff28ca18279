//! The exponential function of numbers that are not above zero, by the dozen: without branches, so that a loop over it
//! becomes vectors, and the same bits whatever their width.

/// Rounds to a whole number what is added to it, which its last bits then are.
const WHOLE: f64 = 1.5 * (1u64 << 52) as f64;
/// The logarithm of 2 in two parts, the first of which times a whole number below 2000 is exact (Cody & Waite 1980).
const LN_2: [f64; 2] = [6.931_471_803_691_238e-1, 1.908_214_929_270_587_7e-10];
/// Below this the result is taken as zero: it would not be a normal number.
const LEAST: f64 = -708.0;
/// One over the factorials from 2 to 13, the last first.
const COEFFICIENTS: [f64; 12] = [
    1.0 / 6_227_020_800.0,
    1.0 / 479_001_600.0,
    1.0 / 39_916_800.0,
    1.0 / 3_628_800.0,
    1.0 / 362_880.0,
    1.0 / 40_320.0,
    1.0 / 5_040.0,
    1.0 / 720.0,
    1.0 / 120.0,
    1.0 / 24.0,
    1.0 / 6.0,
    1.0 / 2.0,
];

/// `exp(x)` of a number up to 0, to two units in the last place; 0 below -708.
#[inline(always)]
pub(crate) fn exp(x: f64) -> f64 {
    let shifted = x * std::f64::consts::LOG2_E + WHOLE;
    let twos = shifted - WHOLE;
    let rest = (x - twos * LN_2[0]) - twos * LN_2[1];
    let mut sum = COEFFICIENTS[0];
    for coefficient in &COEFFICIENTS[1..] {
        sum = sum * rest + coefficient;
    }
    let of_rest = (sum * rest) * rest + rest + 1.0;
    // The exponent of a number stands above the 52 bits of its fraction.
    let scaled = f64::from_bits(of_rest.to_bits().wrapping_add(shifted.to_bits() << 52));
    if x < LEAST { 0.0 } else { scaled }
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_is_the_exponential_function() {
        let mut x = 0.0f64;
        while x > -707.9 {
            let (found, expected) = (super::exp(x), x.exp());
            assert!(
                (found / expected - 1.0).abs() < 5e-16,
                "{x}: {found:e} {expected:e}"
            );
            x -= 0.003_717;
        }
        assert_eq!(super::exp(0.0), 1.0);
        for x in [-708.1, -1e4, -1e300, f64::NEG_INFINITY] {
            assert_eq!(super::exp(x), 0.0);
        }
        assert!(super::exp(f64::NAN).is_nan());
    }
}

//! When a request is tried again, and after how long.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::time::{Duration, SystemTime};

/// Statuses of servers that may do better the next time.
pub(crate) fn may_pass(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 500 | 502 | 503 | 504)
}

/// The wait before attempt `next` (the second is 2): doubling from `first` up to `longest`, less up to half of
/// it by chance, so that many clients do not come back together.
pub(crate) fn pause(next: u32, first: Duration, longest: Duration) -> Duration {
    let doubled = first.saturating_mul(1u32.checked_shl(next.saturating_sub(2)).unwrap_or(u32::MAX));
    doubled.min(longest).mul_f64(0.5 + 0.5 * chance())
}

/// What `Retry-After` asks for, in seconds or as a date, no longer than `longest`.
pub(crate) fn asked_for(value: &str, now: SystemTime, longest: Duration) -> Option<Duration> {
    let value = value.trim();
    let wait = match value.parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => httpdate::parse_http_date(value)
            .ok()?
            .duration_since(now)
            .unwrap_or_default(),
    };
    Some(wait.min(longest))
}

/// From 0 to 1; nothing depends on its quality.
fn chance() -> f64 {
    let bits = RandomState::new().hash_one(0u8);
    (bits >> 11) as f64 / (1u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest_with_some_chance() {
        let (first, longest) = (Duration::from_millis(100), Duration::from_secs(1));
        for (next, full) in [(2, 100), (3, 200), (4, 400), (5, 800), (6, 1000), (60, 1000)] {
            for _ in 0..20 {
                let pause = pause(next, first, longest).as_millis();
                assert!((full / 2..=full).contains(&pause), "{next}: {pause}");
            }
        }
    }

    #[test]
    fn retry_after_is_read_in_both_forms_and_capped() {
        let (now, longest) = (SystemTime::now(), Duration::from_secs(30));
        let asked = |value: &str| asked_for(value, now, longest);
        assert_eq!(asked(" 7 "), Some(Duration::from_secs(7)));
        assert_eq!(asked("86400"), Some(longest));
        assert_eq!(asked("soon"), None);
        let date = httpdate::fmt_http_date(now + Duration::from_secs(10));
        let wait = asked(&date).unwrap();
        assert!(
            wait > Duration::from_secs(8) && wait <= Duration::from_secs(10),
            "{wait:?}"
        );
        assert_eq!(asked("Thu, 01 Jan 1970 00:00:01 GMT"), Some(Duration::ZERO));
    }
}

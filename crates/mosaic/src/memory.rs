//! How much memory there is.

use crate::Bytes;

/// Bytes that are used at most where the user does not say: three quarters of what there is.
pub(crate) fn usable() -> Option<u64> {
    available().map(|free| free.0 / 4 * 3)
}

/// Memory that the system could give out now, without swapping; `None` where it does not say.
fn available() -> Option<Bytes> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kilobytes: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    kilobytes.checked_mul(1024).map(Bytes)
}

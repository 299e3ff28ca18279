//! Ctrl-C and what else tells the command to end.

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

/// From here on, a signal that ends the command has it take away what is in the making first. The command ends by the
/// signal then, as it would without this, so that shells and scripts see that.
pub fn leave_nothing_behind() {
    let ignored = ignored();
    let heeded = [SIGHUP, SIGINT, SIGTERM]
        .into_iter()
        .filter(|signal| ignored >> (signal - 1) & 1 == 0);
    // Where the system refuses, the command ends as it would without this.
    let Ok(mut signals) = Signals::new(heeded) else {
        return;
    };
    std::thread::spawn(move || {
        if let Some(signal) = signals.forever().next() {
            let _ended = firstlight::fits::remove_unfinished();
            let _ = emulate_default_handler(signal);
        }
    });
}

/// The signals that whoever started the command has made it deaf to, as `nohup` does, one bit each; none where the system
/// does not tell.
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or(0)
}

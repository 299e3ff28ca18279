//! Politeness: so many connections to one host at a time, and none while it has asked to be left alone.

use std::collections::HashMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Longest sleep without looking again.
const LOOK_AGAIN: Duration = Duration::from_millis(250);

#[derive(Debug)]
pub(crate) struct Hosts {
    states: Mutex<HashMap<String, State>>,
    left: Condvar,
    limit: usize,
}

#[derive(Debug, Default)]
struct State {
    connections: usize,
    not_before: Option<Instant>,
}

/// A connection that counts until this is dropped.
#[derive(Debug)]
pub(crate) struct Visit<'a> {
    hosts: &'a Hosts,
    host: String,
}

impl Hosts {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            states: Mutex::default(),
            left: Condvar::new(),
            limit: limit.max(1),
        }
    }

    /// Waits until the host may be visited.
    pub(crate) fn visit(&self, host: &str) -> Visit<'_> {
        let mut states = self.states();
        loop {
            let state = states.entry(host.to_owned()).or_default();
            let wait = state
                .not_before
                .map_or(Duration::ZERO, |at| at.saturating_duration_since(Instant::now()));
            if wait.is_zero() && state.connections < self.limit {
                state.connections += 1;
                return Visit {
                    hosts: self,
                    host: host.to_owned(),
                };
            }
            let sleep = if wait.is_zero() {
                LOOK_AGAIN
            } else {
                wait.min(LOOK_AGAIN)
            };
            states = self
                .left
                .wait_timeout(states, sleep)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }

    /// The host asked to be left alone for so long.
    pub(crate) fn leave_alone(&self, host: &str, wait: Duration) {
        let until = Instant::now().checked_add(wait);
        let mut states = self.states();
        let state = states.entry(host.to_owned()).or_default();
        state.not_before = state.not_before.max(until);
    }

    fn states(&self) -> MutexGuard<'_, HashMap<String, State>> {
        self.states.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Visit<'_> {
    fn drop(&mut self) {
        if let Some(state) = self.hosts.states().get_mut(&self.host) {
            state.connections = state.connections.saturating_sub(1);
        }
        self.hosts.left.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn no_more_connections_than_the_limit() {
        let hosts = Hosts::new(2);
        let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| {
                    let _visit = hosts.visit("a");
                    most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    std::thread::sleep(Duration::from_millis(10));
                    now.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        assert_eq!(most.load(Ordering::SeqCst), 2);
    }

    #[test]
    fn a_host_is_left_alone_and_others_are_not() {
        let hosts = Hosts::new(1);
        let start = Instant::now();
        hosts.leave_alone("a", Duration::from_millis(60));
        drop(hosts.visit("b"));
        drop(hosts.visit("a"));
        assert!(start.elapsed() >= Duration::from_millis(60));
    }
}

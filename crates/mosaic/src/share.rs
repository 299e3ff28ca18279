//! Work shared out to all threads.

use crate::Error;
use std::sync::{Mutex, PoisonError};

/// Does the work on each item, in their order but on all threads, each with a state of its own. What fails first
/// ends the work.
///
/// # Errors
/// What the work, or making a state, fails with.
pub(crate) fn share<T: Send, S, E: From<Error> + Send>(
    items: Vec<T>,
    state: impl Fn() -> Result<S, Error> + Sync,
    work: impl Fn(&mut S, T) -> Result<(), E> + Sync,
) -> Result<(), E> {
    let threads = rayon::current_num_threads().min(items.len());
    let (left, failure) = (Mutex::new(items.into_iter()), Mutex::new(None));
    let next = || left.lock().unwrap_or_else(PoisonError::into_inner).next();
    let all = || -> Result<(), E> {
        let mut state = state().map_err(E::from)?;
        while let Some(item) = next() {
            work(&mut state, item)?;
        }
        Ok(())
    };
    rayon::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|_| {
                if let Err(error) = all() {
                    // The others find nothing left to do.
                    left.lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .by_ref()
                        .for_each(drop);
                    let mut failure = failure.lock().unwrap_or_else(PoisonError::into_inner);
                    failure.get_or_insert(error);
                }
            });
        }
    });
    match failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(error) => Err(error),
        None => Ok(()),
    }
}

//! The threads that work is spread over.
//!
//! A process that was forked, as `multiprocessing` does on Linux, has none of its parent's threads: work given to
//! them would wait for ever. So the pool is the module's own, and a new one is made in every new process.

use firstlight::mast::Transfers;
use firstlight::progress::Progress;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How often the calling thread looks for signals.
const LISTEN_AGAIN: Duration = Duration::from_millis(50);

static POOL: Mutex<State> = Mutex::new(State {
    wanted: None,
    pool: None,
});

struct State {
    /// Number of threads that the user asked for.
    wanted: Option<usize>,
    /// The pool, and the process that it belongs to.
    pool: Option<(u32, Arc<ThreadPool>)>,
}

/// Adds this file's functions to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(set_threads, module)?)?;
    module.add_function(wrap_pyfunction!(get_threads, module)?)
}

/// Does `task` on the pool's threads, with the interpreter free for others.
pub fn work<T: Send>(py: Python<'_>, task: impl FnOnce() -> T + Send) -> T {
    py.detach(move || on_pool(task))
}

fn on_pool<T: Send>(task: impl FnOnce() -> T + Send) -> T {
    match pool() {
        Some(pool) => pool.install(task),
        // Where no thread can be started, the calling one has to do.
        None => task(),
    }
}

/// What tells a task to stop.
#[derive(Debug, Default)]
pub struct Interruption(AtomicBool);

impl Transfers for Interruption {
    fn interrupted(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Progress for Interruption {
    fn interrupted(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Does `task`, which waits for the network as well, on the pool's threads, while the calling one, which alone hears
/// signals, listens for Ctrl-C.
pub fn work_until_interrupted<T: Send>(
    py: Python<'_>,
    task: impl FnOnce(&Interruption) -> T + Send,
) -> PyResult<T> {
    listen(py, |interruption| on_pool(|| task(interruption)))
}

/// As [`work_until_interrupted`], on so many threads of the task's own, where a number is given.
pub fn work_on<T: Send>(
    py: Python<'_>,
    threads: Option<usize>,
    task: impl FnOnce(&Interruption) -> T + Send,
) -> PyResult<T> {
    let Some(threads) = threads else {
        return work_until_interrupted(py, task);
    };
    let pool = ThreadPoolBuilder::new().num_threads(threads.max(1)).build();
    let pool = pool.map_err(|error| PyValueError::new_err(error.to_string()))?;
    listen(py, |interruption| pool.install(|| task(interruption)))
}

/// Does `task` on a thread of its own, while the calling one listens for Ctrl-C.
fn listen<T: Send>(py: Python<'_>, task: impl FnOnce(&Interruption) -> T + Send) -> PyResult<T> {
    let interruption = Interruption::default();
    let mut signal = None;
    let done = py.detach(|| {
        let (at_work, ended) = mpsc::channel::<()>();
        let interruption = &interruption;
        std::thread::scope(|scope| {
            let worker = scope.spawn(move || {
                let _at_work = at_work;
                task(interruption)
            });
            while let Err(RecvTimeoutError::Timeout) = ended.recv_timeout(LISTEN_AGAIN) {
                if let Err(error) = Python::attach(|py| py.check_signals()) {
                    interruption.0.store(true, Ordering::Relaxed);
                    signal = Some(error);
                }
            }
            worker.join()
        })
    });
    match (signal, done) {
        (Some(error), _) => Err(error),
        (None, Ok(value)) => Ok(value),
        (None, Err(panic)) => std::panic::resume_unwind(panic),
    }
}

fn pool() -> Option<Arc<ThreadPool>> {
    let mut state = POOL.lock().unwrap_or_else(PoisonError::into_inner);
    let process = std::process::id();
    if let Some((of, pool)) = &state.pool
        && *of == process
    {
        return Some(Arc::clone(pool));
    }
    // Dropping it would wait for threads that are not there.
    std::mem::forget(state.pool.take());
    let builder = ThreadPoolBuilder::new().num_threads(state.wanted.unwrap_or(0));
    let pool = Arc::new(builder.build().ok()?);
    state.pool = Some((process, Arc::clone(&pool)));
    Some(pool)
}

/// Sets the number of threads; `None` takes all processors.
#[pyfunction]
#[pyo3(signature = (threads=None))]
fn set_threads(py: Python<'_>, threads: Option<usize>) -> PyResult<()> {
    if threads == Some(0) {
        return Err(PyValueError::new_err("there has to be at least one thread"));
    }
    let old = {
        let mut state = POOL.lock().unwrap_or_else(PoisonError::into_inner);
        state.wanted = threads;
        state.pool.take_if(|(of, _)| *of == std::process::id())
    };
    // Tasks that run on it hold it until they are done.
    py.detach(|| drop(old));
    Ok(())
}

/// The number of threads that work is spread over.
#[pyfunction]
fn get_threads() -> usize {
    pool().map_or(1, |pool| pool.current_num_threads())
}

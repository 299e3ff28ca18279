//! The server: started, it answers on threads of its own until it is stopped or dropped.

use super::index::{self, Contents};
use super::routes::{self, Archive};
use super::{ServeOptions, crds};
use crate::{Error, Result};
use serde_json::Value;
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// How long transfers that are under way may take to their end when the server is stopped.
const LAST_CALL: Duration = Duration::from_secs(2);

/// A local archive that answers.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    contents: Contents,
    context: Option<String>,
    stop: Option<oneshot::Sender<()>>,
    serving: Option<JoinHandle<()>>,
    runtime: Option<Runtime>,
}

impl Server {
    /// Indexes a folder and serves it.
    ///
    /// # Errors
    /// [`Error::Unserveable`] where `folder` or the cache is none, where the context is not there, or where the
    /// address cannot be listened on.
    pub fn start(folder: &Path, options: &ServeOptions) -> Result<Self> {
        let refused = |path: &Path, reason: String| Error::Unserveable {
            path: path.to_owned(),
            reason,
        };
        if !folder.is_dir() {
            return Err(refused(folder, "it is no folder".to_owned()));
        }
        let cache = cache(folder, options)?;
        let (connection, contents) = index::build(folder, cache.as_deref(), options)?;
        let context = context(&connection, options, cache.as_deref())?;
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("archive")
            .enable_all()
            .build()
            .map_err(|error| refused(folder, error.to_string()))?;
        let wanted = format!("{}:{}", options.host, options.port);
        let listen = || -> std::io::Result<(TcpListener, SocketAddr)> {
            let addresses: Vec<SocketAddr> =
                (options.host.as_str(), options.port).to_socket_addrs()?.collect();
            let listener = runtime.block_on(TcpListener::bind(addresses.as_slice()))?;
            let address = listener.local_addr()?;
            Ok((listener, address))
        };
        let (listener, address) = listen().map_err(|error| Error::CannotListen {
            address: wanted,
            reason: error.to_string(),
        })?;
        let archive = Arc::new(Archive {
            index: Mutex::new(connection),
            context: context.clone(),
            address,
        });
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = runtime.spawn(async move {
            let until = async {
                let _ = stopped.await;
            };
            let served = axum::serve(listener, routes::router(archive)).with_graceful_shutdown(until);
            // It ends by the signal alone: failing connections are no failure of the server.
            let _ = served.await;
        });
        Ok(Self {
            address,
            contents,
            context,
            stop: Some(stop),
            serving: Some(serving),
            runtime: Some(runtime),
        })
    }

    /// Where it is reached: `http://127.0.0.1:40123`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// What is served.
    pub fn contents(&self) -> &Contents {
        &self.contents
    }

    /// The operational context; `None` where no rules are served.
    pub fn context(&self) -> Option<&str> {
        self.context.as_deref()
    }

    /// From here on, Ctrl-C and SIGTERM end no more the process but what [`Server::wait`] waits for. To be called
    /// before anybody is told that the server is ready.
    pub fn heed_signals(&self) -> Signals {
        let _inside = self.runtime.as_ref().map(Runtime::enter);
        Signals::new()
    }

    /// Serves until the process is asked to end, and then stops.
    pub fn wait(mut self, signals: Signals) {
        if let Some(runtime) = &self.runtime {
            runtime.block_on(signals.received());
        }
        self.shut_down();
    }

    /// Stops; transfers that are under way have two seconds to end.
    pub fn stop(mut self) {
        self.shut_down();
    }

    fn shut_down(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let (Some(runtime), Some(serving)) = (self.runtime.take(), self.serving.take()) {
            let _ = runtime.block_on(async { tokio::time::timeout(LAST_CALL, serving).await });
            runtime.shutdown_timeout(LAST_CALL);
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shut_down();
    }
}

/// Ctrl-C and SIGTERM, heeded.
#[cfg(unix)]
#[derive(Debug)]
pub struct Signals {
    interrupt: Option<tokio::signal::unix::Signal>,
    terminate: Option<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl Signals {
    /// Where the system refuses, the process ends by the signal as it would otherwise.
    fn new() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        Self {
            interrupt: signal(SignalKind::interrupt()).ok(),
            terminate: signal(SignalKind::terminate()).ok(),
        }
    }

    async fn received(mut self) {
        async fn one(signal: &mut Option<tokio::signal::unix::Signal>) {
            match signal {
                Some(signal) => {
                    signal.recv().await;
                }
                None => std::future::pending().await,
            }
        }
        tokio::select! {
            () = one(&mut self.interrupt) => {}
            () = one(&mut self.terminate) => {}
        }
    }
}

/// Ctrl-C, heeded.
#[cfg(not(unix))]
#[derive(Debug)]
pub struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> Self {
        Self
    }

    async fn received(self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}

/// The cache to serve: the one that was asked for, which must be one, or the folder's own.
fn cache(folder: &Path, options: &ServeOptions) -> Result<Option<PathBuf>> {
    match &options.crds {
        Some(cache) if cache.join("mappings/hst").is_dir() => Ok(Some(cache.clone())),
        Some(cache) => Err(Error::Unserveable {
            path: cache.clone(),
            reason: "it is no CRDS cache: it has no mappings/hst".to_owned(),
        }),
        None => Ok(Some(folder.join("crds")).filter(|cache| cache.join("mappings/hst").is_dir())),
    }
}

/// The operational context. One that was asked for must be there.
fn context(
    connection: &rusqlite::Connection,
    options: &ServeOptions,
    cache: Option<&Path>,
) -> Result<Option<String>> {
    let service = crds::Service {
        connection,
        base: "",
        context: None,
    };
    if let Some(context) = &options.context {
        let there = crds::locate(connection, "mappings", context).is_some();
        return if there && context.ends_with(".pmap") {
            Ok(Some(context.clone()))
        } else {
            Err(Error::Unserveable {
                path: cache.map(Path::to_owned).unwrap_or_default(),
                reason: format!("it has no context {context}"),
            })
        };
    }
    let call = service.call(r#"{"method": "get_default_context", "params": ["hst"], "id": 0}"#);
    Ok(call.get("result").and_then(Value::as_str).map(str::to_owned))
}

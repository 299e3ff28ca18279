//! What can go wrong with the project's own commands.

use std::path::{Path, PathBuf};

/// A result whose error is this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("usage:\n{0}")]
    Usage(&'static str),
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: std::io::Error },
    #[error("`{command}` cannot be started: {source}")]
    Start { command: String, source: std::io::Error },
    #[error("`{command}` failed ({status}){}", if output.is_empty() { String::new() } else { format!(":\n{output}") })]
    Command {
        command: String,
        status: std::process::ExitStatus,
        output: String,
    },
    #[error("cargo metadata: {0}")]
    Metadata(String),
    #[error("the layers are not kept:\n{}", .0.iter().map(|fault| format!("  - {fault}")).collect::<Vec<_>>().join("\n"))]
    Layers(Vec<String>),
    #[error("the book is not whole:\n{}", .0.iter().map(|fault| format!("  - {fault}")).collect::<Vec<_>>().join("\n"))]
    Docs(Vec<String>),
    #[error("{0}")]
    Python(String),
    #[error("failed: {}", .0.join(", "))]
    Tests(Vec<String>),
}

impl Error {
    /// For `map_err` on file operations.
    pub fn file(path: impl AsRef<Path>) -> impl FnOnce(std::io::Error) -> Error {
        move |source| Error::File {
            path: path.as_ref().to_path_buf(),
            source,
        }
    }
}

/// Reads a text file, naming it where that fails.
pub fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(Error::file(path))
}

/// Writes a text file and the folders above it, naming it where that fails.
pub fn write(path: &Path, text: &str) -> Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(Error::file(folder))?;
    }
    std::fs::write(path, text).map_err(Error::file(path))
}

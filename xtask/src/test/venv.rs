//! Python virtual environments under `target/`, made again only where what they hold has changed.

use crate::error::{Error, Result, read, write};
use crate::process;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The oldest Python that the package supports.
const OLDEST: (u32, u32) = (3, 11);

/// A virtual environment.
pub struct Venv {
    folder: PathBuf,
}

impl Venv {
    /// The environment in `folder`, with what the `requirements` file lists.
    ///
    /// # Errors
    /// No Python, too old a Python, no `venv` module, or a package that cannot be installed.
    pub fn with(folder: PathBuf, requirements: &Path) -> Result<Venv> {
        let version = python_version()?;
        let stamp = format!("{version}\n{}", read(requirements)?);
        let stamp_file = folder.join("requirements.stamp");
        let venv = Venv { folder };
        if std::fs::read_to_string(&stamp_file).is_ok_and(|found| found == stamp) {
            println!("{} is as {} asks", venv.folder.display(), requirements.display());
            return Ok(venv);
        }
        if venv.folder.exists() {
            std::fs::remove_dir_all(&venv.folder).map_err(Error::file(&venv.folder))?;
        }
        make(&venv.folder)?;
        process::run(venv.pip().arg("--requirement").arg(requirements))?;
        write(&stamp_file, &stamp)?;
        Ok(venv)
    }

    /// Its interpreter.
    pub fn python(&self) -> PathBuf {
        if cfg!(windows) {
            self.folder.join("Scripts/python.exe")
        } else {
            self.folder.join("bin/python")
        }
    }

    /// Installs a wheel, unless this very one is installed.
    pub fn install(&self, wheel: &Path) -> Result<()> {
        let mut hasher = DefaultHasher::new();
        std::fs::read(wheel)
            .map_err(Error::file(wheel))?
            .hash(&mut hasher);
        let stamp = format!("{:016x} {}", hasher.finish(), wheel.display());
        let stamp_file = self.folder.join("wheel.stamp");
        if std::fs::read_to_string(&stamp_file).is_ok_and(|found| found == stamp) {
            return Ok(());
        }
        process::run(self.pip().args(["--no-deps", "--force-reinstall"]).arg(wheel))?;
        write(&stamp_file, &stamp)
    }

    fn pip(&self) -> Command {
        let mut pip = Command::new(self.python());
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
        pip
    }
}

/// The interpreter that environments are made with.
fn system_python() -> String {
    let default = if cfg!(windows) { "python" } else { "python3" };
    std::env::var("FIRSTLIGHT_PYTHON").unwrap_or_else(|_| default.to_string())
}

fn python_version() -> Result<String> {
    let python = system_python();
    let mut command = Command::new(&python);
    command.args(["-c", "import sys; print(*sys.version_info[:3], sys.executable)"]);
    let answer = process::capture(&mut command).map_err(|error| {
        Error::Python(format!(
            "Python {}.{} or later is needed: {error}\n(FIRSTLIGHT_PYTHON names another)",
            OLDEST.0, OLDEST.1
        ))
    })?;
    let mut words = answer.split_whitespace().map(str::parse::<u32>);
    match (words.next(), words.next()) {
        (Some(Ok(major)), Some(Ok(minor))) if (major, minor) >= OLDEST => Ok(answer.trim().to_string()),
        _ => Err(Error::Python(format!(
            "`{python}` is Python {}, and {}.{} or later is needed; FIRSTLIGHT_PYTHON names another",
            answer.trim(),
            OLDEST.0,
            OLDEST.1
        ))),
    }
}

fn make(folder: &Path) -> Result<()> {
    let python = system_python();
    let mut command = Command::new(&python);
    command.args(["-m", "venv"]).arg(folder);
    process::capture(&mut command).map(drop).map_err(|error| {
        Error::Python(format!(
            "`{python} -m venv` does not work: {error}\nDebian and Ubuntu keep it in a package of its own: apt install python3-venv"
        ))
    })
}

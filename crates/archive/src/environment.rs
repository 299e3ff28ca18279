//! The environment variables that decide about caches, servers and proxies, read in one place.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// The variables of an environment; tests make their own, so that none has to change the process's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environment {
    variables: BTreeMap<String, String>,
}

impl Environment {
    /// The environment of this process. Variables that are no text are left out.
    pub fn of_process() -> Self {
        std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect()
    }

    /// A variable's value. One that is set to nothing counts as not set.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.variables
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.trim().is_empty())
    }

    /// The first of several names that is set, with its value.
    pub fn first<'a>(&self, names: &[&'a str]) -> Option<(&'a str, &str)> {
        names.iter().find_map(|name| Some((*name, self.get(name)?)))
    }

    /// This environment with one more variable.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.variables.insert(name.to_owned(), value.into());
        self
    }

    /// Where this user's caches are: `XDG_CACHE_HOME`, `~/.cache`, or what the platform has for it; with the
    /// words that say which. None where the user has no home.
    pub fn cache_home(&self) -> Option<(PathBuf, String)> {
        if let Some(path) = self
            .get("XDG_CACHE_HOME")
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
        {
            return Some((path, "XDG_CACHE_HOME".to_owned()));
        }
        if let Some(home) = self.get("HOME").filter(|_| cfg!(unix)) {
            return Some((PathBuf::from(home).join(".cache"), "~/.cache".to_owned()));
        }
        use etcetera::BaseStrategy;
        let strategy = etcetera::choose_base_strategy().ok()?;
        Some((strategy.cache_dir(), "this system's folder of caches".to_owned()))
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        Self {
            variables: pairs
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        }
    }
}

//! Which proxy, if any, a request goes through: as curl reads the variables.

use super::address;
use crate::Environment;

/// The proxies of an environment.
///
/// `HTTPS_PROXY` is for `https` addresses, `HTTP_PROXY` for `http`, `ALL_PROXY` for both where the other is
/// not set; lower case names count as well and come first. `NO_PROXY` lists hosts that are reached directly:
/// a name stands for itself and all hosts within it, `*` for all. This machine is always reached directly.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proxies {
    https: Option<String>,
    http: Option<String>,
    direct: Vec<String>,
}

impl Proxies {
    /// What an environment says.
    pub fn from_environment(environment: &Environment) -> Self {
        let first = |names: &[&str]| environment.first(names).map(|(_, value)| value.to_owned());
        let direct = environment
            .first(&["no_proxy", "NO_PROXY"])
            .map_or("", |(_, value)| value);
        Self {
            https: first(&["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]),
            http: first(&["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"]),
            direct: direct
                .split([',', ' '])
                .map(|host| host.trim().trim_start_matches("*.").trim_start_matches('.'))
                .filter(|host| !host.is_empty())
                .map(|host| host.split(':').next().unwrap_or(host).to_ascii_lowercase())
                .collect(),
        }
    }

    /// The proxy for a URL.
    pub(crate) fn of(&self, url: &str) -> Option<&str> {
        let host = address::host(url);
        let within = |name: &String| {
            name == "*"
                || host == *name
                || host
                    .strip_suffix(name.as_str())
                    .is_some_and(|rest| rest.ends_with('.'))
        };
        if address::is_loopback(&host) || self.direct.iter().any(within) {
            return None;
        }
        match address::scheme(url).as_str() {
            "https" => self.https.as_deref(),
            _ => self.http.as_deref(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_scheme_has_its_proxy_and_some_hosts_none() {
        let environment = Environment::from_iter([
            ("HTTPS_PROXY", "http://secure:1"),
            ("ALL_PROXY", "http://all:2"),
            ("NO_PROXY", "example.org, .local.edu,*.wild.edu, exact.host:80"),
        ]);
        let proxies = Proxies::from_environment(&environment);
        assert_eq!(proxies.of("https://mast.stsci.edu/x"), Some("http://secure:1"));
        assert_eq!(proxies.of("http://mast.stsci.edu/x"), Some("http://all:2"));
        for direct in [
            "example.org",
            "a.example.org",
            "b.local.edu",
            "c.wild.edu",
            "exact.host",
            "127.0.0.1:80",
        ] {
            assert_eq!(proxies.of(&format!("https://{direct}/")), None, "{direct}");
        }
        assert_eq!(proxies.of("https://badexample.org/"), Some("http://secure:1"));
        let none = Proxies::from_environment(&environment.with("no_proxy", "*"));
        assert_eq!(none.of("https://mast.stsci.edu/x"), None);
    }
}

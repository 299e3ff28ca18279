//! What has to be known of a URL: its scheme, its host, and where a redirection leads.

/// `https` of `https://host/path`, in lower case.
pub(crate) fn scheme(url: &str) -> String {
    url.split_once("://")
        .map(|(scheme, _)| scheme.to_ascii_lowercase())
        .unwrap_or_default()
}

/// The host with its port, without user and password, in lower case.
pub(crate) fn authority(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    host.to_ascii_lowercase()
}

/// The host without its port, in lower case.
pub(crate) fn host(url: &str) -> String {
    let authority = authority(url);
    if let Some(address) = authority.strip_prefix('[') {
        return address.split(']').next().unwrap_or_default().to_owned();
    }
    authority
        .rsplit_once(':')
        .map_or(authority.as_str(), |(host, _)| host)
        .to_owned()
}

/// Whether a host is this machine.
pub(crate) fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// The URL as people may see it: without user and password.
pub fn without_secrets(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    match rest[..end].rfind('@') {
        Some(at) => format!("{scheme}://{}", &rest[at + 1..]),
        None => url.to_owned(),
    }
}

/// Where `location`, found in the answer to `base`, leads.
pub(crate) fn join(base: &str, location: &str) -> String {
    let location = location.split('#').next().unwrap_or_default().trim();
    if location.contains("://") && !location.starts_with(['/', '?']) {
        return location.to_owned();
    }
    let (scheme, rest) = base.split_once("://").unwrap_or(("https", base));
    if let Some(rest) = location.strip_prefix("//") {
        return format!("{scheme}://{rest}");
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = (&rest[..end], &rest[end..]);
    let path = path.split(['?', '#']).next().unwrap_or_default();
    if location.starts_with('/') {
        return format!("{scheme}://{authority}{location}");
    }
    if location.starts_with('?') {
        return format!("{scheme}://{authority}{path}{location}");
    }
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    format!("{scheme}://{authority}{folder}/{location}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_found_behind_users_and_before_ports() {
        assert_eq!(
            host("https://me:secret@MAST.stsci.edu:443/api?x=1"),
            "mast.stsci.edu"
        );
        assert_eq!(host("http://[::1]:8080/"), "::1");
        assert_eq!(authority("http://127.0.0.1:9/x"), "127.0.0.1:9");
        assert_eq!(host("https://good.edu?@evil.org/"), "good.edu");
        assert!(is_loopback("127.0.0.1") && is_loopback("::1") && !is_loopback("127.evil.org"));
    }

    #[test]
    fn users_and_passwords_are_not_shown() {
        assert_eq!(
            without_secrets("https://me:secret@a.edu/x@y"),
            "https://a.edu/x@y"
        );
        assert_eq!(without_secrets("https://a.edu/x@y"), "https://a.edu/x@y");
    }

    #[test]
    fn redirections_of_every_form_lead_on() {
        let base = "https://a.edu:8443/api/v0/file?uri=x";
        assert_eq!(join(base, "http://b.edu/y"), "http://b.edu/y");
        assert_eq!(join(base, "//b.edu/y"), "https://b.edu/y");
        assert_eq!(
            join(base, "/y?back=http://c.edu"),
            "https://a.edu:8443/y?back=http://c.edu"
        );
        assert_eq!(join(base, "?uri=z"), "https://a.edu:8443/api/v0/file?uri=z");
        assert_eq!(join(base, "other"), "https://a.edu:8443/api/v0/other");
        assert_eq!(join("https://a.edu", "other"), "https://a.edu/other");
    }
}

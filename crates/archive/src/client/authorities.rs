//! Whose certificates are trusted.

use std::path::Path;

use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

/// TLS that trusts the authorities of a PEM file instead of the public ones.
///
/// # Errors
/// Why the file gives none.
pub(super) fn trusting(path: &Path) -> Result<TlsConfig, String> {
    let pem = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let certificates: Vec<Certificate<'static>> = parse_pem(&pem)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    if certificates.is_empty() {
        return Err(format!("{} holds no certificate", path.display()));
    }
    Ok(TlsConfig::builder()
        .root_certs(RootCerts::new_with_certs(&certificates))
        .build())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_without_certificates_are_named() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "no certificate").unwrap();
        let error = trusting(file.path()).unwrap_err();
        assert!(error.contains("holds no certificate"), "{error}");
        assert!(
            trusting(Path::new("/nowhere/at/all.pem"))
                .unwrap_err()
                .contains("all.pem")
        );
    }
}

//! Which exposure an error is about.

use super::Error;

impl Error {
    /// Tells which exposure was being treated, where the error's own text does not: one of a reference file alone would
    /// leave open which of many exposures had asked for it.
    #[must_use]
    pub fn in_exposure(self, name: &str) -> Self {
        match self {
            Error::Interrupted | Error::InExposure { .. } => self,
            named if named.to_string().contains(name) => named,
            error => Error::InExposure {
                name: name.to_owned(),
                source: Box::new(error),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exposure_is_named_once() {
        let table = || Error::NoAmplifier {
            chip: 1,
            ccdamp: "X".to_owned(),
        };
        let error = table()
            .in_exposure("dark_raw.fits")
            .in_exposure("folder/dark_raw.fits");
        assert_eq!(error.to_string(), format!("dark_raw.fits: {}", table()));
        let named = Error::NotCcd {
            name: "dark_raw.fits".to_owned(),
        };
        let text = named.to_string();
        assert_eq!(named.in_exposure("dark_raw.fits").to_string(), text);
        assert!(matches!(Error::Interrupted.in_exposure("a"), Error::Interrupted));
    }
}

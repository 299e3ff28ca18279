//! Whether a reference file can serve an exposure: which of the three detectors it was made for.

use super::Channel;
use crate::{Error, Reference, Result};
use firstlight_frame::Detector;

impl Reference {
    /// Checks that it is what its keyword asks for, and was made for a detector, as far as it says: an INSTRUME that is
    /// missing, `ANY` or `N/A` fits, and a DETECTOR that is none of ACS's, such as a table has that serves all three.
    ///
    /// # Errors
    /// Those of [`Reference::check_filetype`]; [`Error::ReferenceDetector`] where it names another detector.
    pub fn check_serves(&self, channel: Channel) -> Result<()> {
        let named = |keyword: &str| {
            let named = self.primary().text(keyword).unwrap_or_default();
            named.trim().to_ascii_uppercase()
        };
        let instrument = matches!(named("INSTRUME").as_str(), "" | "ANY" | "N/A" | "ACS");
        let detector = named("DETECTOR");
        let other = Channel::ALL
            .iter()
            .any(|other| *other != channel && other.name() == detector);
        if instrument && !other {
            return self.check_filetype();
        }
        Err(Error::ReferenceDetector {
            keyword: self.keyword.clone(),
            path: self.path(),
            found: Detector::from_header(self.primary()).to_string(),
            expected: channel.name(),
        })
    }
}

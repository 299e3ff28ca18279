//! Options as they are given from other languages: JSON, with errors that name the option.

use crate::{Error, Result};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Reads options from a JSON object.
///
/// # Errors
/// [`Error::Usage`] with the name of the option that is not known, or whose value is not one it may have.
pub fn from_json<T: DeserializeOwned>(json: &str) -> Result<T> {
    let error = match serde_json::from_str(json) {
        Ok(options) => return Ok(options),
        Err(error) => error,
    };
    // Each option by itself tells which one it is; where none does, it is the text that is no JSON.
    let Ok(Value::Object(options)) = serde_json::from_str(json) else {
        return Err(Error::Usage(error.to_string()));
    };
    let wrong = options.into_iter().find_map(|(name, value)| {
        let alone = Value::Object([(name.clone(), value)].into_iter().collect());
        let error = serde_json::from_value::<T>(alone).err()?;
        Some(format!("{name}: {error}"))
    });
    Err(Error::Usage(wrong.unwrap_or_else(|| error.to_string())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::align::TweakRegOptions;

    #[test]
    fn what_cannot_be_read_is_named() {
        let refused = |json: &str| from_json::<TweakRegOptions>(json).unwrap_err().to_string();
        let told = refused(r#"{"nclip": 2, "fitgeometry": "foo", "sigma": 3}"#);
        assert!(
            told.starts_with("fitgeometry: unknown variant `foo`, expected"),
            "{told}"
        );
        assert!(!told.contains("column"), "{told}");
        let told = refused(r#"{"nclip": 2, "foo": 2}"#);
        assert!(told.starts_with("foo: unknown field `foo`"), "{told}");
        let told = refused(r#"{"nclip": "two"}"#);
        assert!(
            told.starts_with("nclip: invalid type") && !told.contains("column"),
            "{told}"
        );
        let told = from_json::<crate::drizzle::DrizzleOptions>(r#"{"final_kernel": "foo"}"#);
        let told = told.unwrap_err().to_string();
        assert!(told.starts_with("final_kernel: unknown variant `foo`"), "{told}");
        let read: TweakRegOptions = from_json(r#"{"nclip": 2}"#).unwrap();
        assert_eq!(read.nclip, 2);
    }
}

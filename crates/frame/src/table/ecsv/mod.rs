//! ECSV 1.0: cells separated by blanks or commas below a YAML header with names, units and types
//! (Taylor, Aldcroft et al., APE 6).
//!
//! Arrays stand in their cells as JSON. Nulls and empty texts are both written `""`, and both read back
//! as null, as astropy has it. Table metadata are passed over.

mod arrays;
mod flow;
mod read;
mod write;
mod yaml;

pub(super) use read::read;
pub(super) use write::write;

/// Whether a text begins as ECSV does.
pub(super) fn is_ecsv(text: &str) -> bool {
    text.trim_start()
        .strip_prefix('#')
        .is_some_and(|rest| rest.trim_start().starts_with("%ECSV "))
}

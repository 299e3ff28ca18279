//! What can be wrong with an exposure or an association.

use std::path::PathBuf;

/// An error with the file, HDU and keyword it is about.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file itself.
    #[error(transparent)]
    Fits(#[from] firstlight_fits::Error),
    /// A file without any image to work on.
    #[error("{} holds no image: neither a SCI extension nor pixels in its primary HDU", path.display())]
    NoImage {
        /// The file.
        path: PathBuf,
    },
    /// An imset that the file does not have.
    #[error("{} has no [SCI,{version}]; it has {}", path.display(), list(available))]
    NoImset {
        /// The file.
        path: PathBuf,
        /// EXTVER that was asked for.
        version: i64,
        /// EXTVERs that are there.
        available: Vec<i64>,
    },
    /// An image HDU without pixels, or of more or fewer than two axes.
    #[error("{} [{hdu}] holds no two-dimensional image: its axes are {axes:?}", path.display())]
    NotTwoDimensional {
        /// The file.
        path: PathBuf,
        /// The HDU, as in `SCI,1`.
        hdu: String,
        /// NAXIS1, NAXIS2, ….
        axes: Vec<usize>,
    },
    /// SCI, ERR and DQ of one imset differ in shape.
    #[error(
        "{} [{hdu}] has shape {found:?}, but its SCI has shape {expected:?} (rows, columns)", path.display()
    )]
    ShapesDiffer {
        /// The file.
        path: PathBuf,
        /// The HDU, as in `ERR,1`.
        hdu: String,
        /// Shape of SCI.
        expected: (usize, usize),
        /// Shape of this HDU.
        found: Vec<usize>,
    },
    /// A keyword that an exposure needs is in none of its headers.
    #[error("{}: keyword {keyword} is neither in the primary header nor in [{hdu}]", path.display())]
    MissingKeyword {
        /// The file.
        path: PathBuf,
        /// The keyword.
        keyword: String,
        /// The extension that was also looked in.
        hdu: String,
    },
    /// A keyword that has to be a number is something else.
    #[error("{}: keyword {keyword} should be a number, but is '{found}'", path.display())]
    NotANumber {
        /// The file.
        path: PathBuf,
        /// The keyword.
        keyword: String,
        /// Its value.
        found: String,
    },
    /// A file that is no association table.
    #[error("{} is no association table: {reason}", path.display())]
    NotAnAssociation {
        /// The file.
        path: PathBuf,
        /// What is missing.
        reason: String,
    },
    /// A row of an association table that is neither an exposure nor a product.
    #[error(
        "{}: the row of {member} has MEMTYPE '{found}', which is neither an exposure (EXP-DTH, EXP-CRJ, EXP-CRn, EXP-RPT, \
         EXP-RPn) nor a product (PROD- and the same)", path.display()
    )]
    MemberType {
        /// The association table.
        path: PathBuf,
        /// MEMNAME of the row.
        member: String,
        /// MEMTYPE of the row.
        found: String,
    },
    /// A member of an association that is not where it should be.
    #[error(
        "{} names {member}, but {looked_for} is not in {}; there are {}",
        association.display(), directory.display(), list(found)
    )]
    MissingMember {
        /// The association table.
        association: PathBuf,
        /// MEMNAME.
        member: String,
        /// The file that was looked for.
        looked_for: String,
        /// Where.
        directory: PathBuf,
        /// Files of the same kind that are there.
        found: Vec<String>,
    },
}

fn list<T: std::fmt::Display>(items: &[T]) -> String {
    match items {
        [] => "none".to_owned(),
        items if items.len() > 12 => {
            let shown: Vec<String> = items[..12].iter().map(T::to_string).collect();
            format!("{} and {} more", shown.join(", "), items.len() - 12)
        }
        items => items.iter().map(T::to_string).collect::<Vec<_>>().join(", "),
    }
}

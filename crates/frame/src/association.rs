//! Association tables: which exposures belong together, and what is made of them.

use crate::{Error, Result};
use firstlight_fits::FitsFile;
use std::path::{Path, PathBuf};

/// An association, as its `_asn.fits` table lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Association {
    /// The table's file.
    pub path: PathBuf,
    /// ASN_ID, in lower case; the file's root name where the header has none.
    pub id: String,
    /// The rows of the table.
    pub members: Vec<Member>,
}

/// One row of an association table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// MEMNAME, in lower case.
    pub name: String,
    /// MEMTYPE, as in `EXP-DTH` or `PROD-DTH`.
    pub kind: String,
    /// MEMPRSNT: whether the member was there when the table was written.
    pub present: bool,
}

impl Member {
    /// Whether this is an exposure rather than a product.
    pub fn is_exposure(&self) -> bool {
        !self.is_product()
    }

    /// Whether this is something made of the exposures.
    pub fn is_product(&self) -> bool {
        self.kind.starts_with("PROD")
    }
}

impl Association {
    /// Whether a file's name is that of an association table.
    pub fn is_association_name(path: &Path) -> bool {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .to_ascii_lowercase();
        name.ends_with("_asn.fits") || name.ends_with("_asn.fits.gz") || name.ends_with("_asc.fits")
    }

    /// Reads an association table.
    ///
    /// # Errors
    /// [`Error::NotAnAssociation`] where the file has no such table, [`Error::MemberType`] for a row that is neither an
    /// exposure nor a product, [`Error::Fits`] where it cannot be read.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let file = FitsFile::open(path)?;
        let not = |reason: &str| Error::NotAnAssociation {
            path: path.to_owned(),
            reason: reason.to_owned(),
        };
        let hdu = file
            .hdus()
            .iter()
            .find(|h| h.name() == "ASN")
            .ok_or_else(|| not("it has no ASN extension"))?;
        let table = file.table(hdu.index())?;
        let names = table
            .texts("MEMNAME")
            .map_err(|_| not("it has no column MEMNAME of text"))?;
        let kinds = table
            .texts("MEMTYPE")
            .map_err(|_| not("it has no column MEMTYPE of text"))?;
        let present = table.find("MEMPRSNT").map(|column| column.data());
        let rows = names
            .iter()
            .zip(kinds)
            .enumerate()
            .map(|(row, (name, kind))| Member {
                name: name.trim().to_ascii_lowercase(),
                kind: kind.trim().to_ascii_uppercase(),
                present: present.and_then(|p| p.real(row)) != Some(0.0),
            });
        let members: Vec<Member> = rows.filter(|m| !m.name.is_empty()).collect();
        let primary = file.hdus()[0].header();
        // STIS has words of its own, as CRSPLIT and AUTO-WAVECAL.
        if primary.text("INSTRUME").as_deref().map(str::trim) != Some("STIS") {
            refuse_unknown(path, &members)?;
        }
        let id = primary
            .text("ASN_ID")
            .map(|id| id.trim().to_ascii_lowercase())
            .filter(|id| !id.is_empty());
        Ok(Self {
            path: path.to_owned(),
            id: id.unwrap_or_else(|| root_of(path)),
            members,
        })
    }

    /// The members that are exposures.
    pub fn exposures(&self) -> impl Iterator<Item = &Member> {
        self.members.iter().filter(|m| m.is_exposure())
    }

    /// The product's name, where the table has one.
    pub fn product(&self) -> Option<&str> {
        self.members
            .iter()
            .find(|m| m.is_product())
            .map(|m| m.name.as_str())
    }

    /// The files of the exposures: `<member>_<suffix>.fits` (or `.fits.gz`) beside the table, for the
    /// first of `suffixes` that is there.
    ///
    /// # Errors
    /// [`Error::MissingMember`], which names the member and lists the files of that kind that are there.
    pub fn member_files(&self, suffixes: &[&str]) -> Result<Vec<PathBuf>> {
        let directory = match self.path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        self.exposures()
            .map(|member| self.member_file(member, directory, suffixes))
            .collect()
    }

    fn member_file(&self, member: &Member, directory: &Path, suffixes: &[&str]) -> Result<PathBuf> {
        for suffix in suffixes {
            for ending in ["fits", "fits.gz"] {
                let file = directory.join(format!("{}_{suffix}.{ending}", member.name));
                if file.is_file() {
                    return Ok(file);
                }
            }
        }
        let is_such = |name: &str| suffixes.iter().any(|s| name.contains(&format!("_{s}.fits")));
        let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
        let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
        let mut found: Vec<String> = names.filter(|name| is_such(name)).collect();
        found.sort();
        Err(Error::MissingMember {
            association: self.path.clone(),
            member: member.name.clone(),
            looked_for: format!("{}_{}.fits", member.name, suffixes.join("|")),
            directory: directory.to_owned(),
            found,
        })
    }
}

/// Refuses rows whose type begins neither with EXP- nor with PROD-, where a hyphen may be an underscore.
fn refuse_unknown(path: &Path, members: &[Member]) -> Result<()> {
    let known = |member: &&Member| {
        let kind = member.kind.replace('_', "-");
        kind.starts_with("EXP-") || kind.starts_with("PROD-")
    };
    match members.iter().find(|member| !known(member)) {
        None => Ok(()),
        Some(member) => Err(Error::MemberType {
            path: path.to_owned(),
            member: member.name.clone(),
            found: member.kind.clone(),
        }),
    }
}

fn root_of(path: &Path) -> String {
    let name = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .to_ascii_lowercase();
    name.split("_asn").next().unwrap_or(&name).to_owned()
}

//! The keywords of one coordinate description, read and completed as the standard says.

use crate::one_based::from_fits;
use crate::projection::Projection;
use crate::sip::{Polynomial, Sip};
use crate::{Error, Result};
use firstlight_fits::Header;

/// Reads keywords of one alternate description.
pub(crate) struct Keywords<'a> {
    header: &'a Header,
    suffix: String,
}

/// What the two CTYPE keywords say.
pub(crate) struct AxisTypes {
    /// Index (0 or 1) of the axis that is right ascension or longitude.
    pub longitude: usize,
    pub projection: Projection,
    /// The part before the projection: `["RA", "DEC"]`, in the order of the axes.
    pub names: [String; 2],
}

/// The matrix from pixels to axis units.
pub(crate) struct Matrix {
    /// In the order of the header's axes.
    pub elements: [[f64; 2]; 2],
    /// The keywords that it is made of, for messages.
    pub keywords: String,
}

const SUPPORTED: &str = "supported are two celestial axes in TAN, SIN, STG, ARC or ZEA, with or without -SIP";

impl<'a> Keywords<'a> {
    /// `alternate` is `None` or a blank for the primary description, else its letter.
    pub(crate) fn new(header: &'a Header, alternate: Option<char>) -> Result<Self> {
        let suffix = match alternate {
            None | Some(' ') => String::new(),
            Some(letter) if letter.is_ascii_alphabetic() => letter.to_ascii_uppercase().to_string(),
            Some(other) => {
                return Err(Error::BadValue {
                    keyword: "the alternate description's letter".to_owned(),
                    found: other.to_string(),
                    reason: "it is one of A to Z, or a blank for the primary description",
                });
            }
        };
        Ok(Self { header, suffix })
    }

    /// A keyword with the letter of this description.
    pub(crate) fn name(&self, keyword: &str) -> String {
        format!("{keyword}{}", self.suffix)
    }

    /// A number, if the keyword is there.
    pub(crate) fn real(&self, keyword: &str) -> Result<Option<f64>> {
        real(self.header, &self.name(keyword))
    }

    /// A string, if the keyword is there and holds one.
    pub(crate) fn text(&self, keyword: &str) -> Option<String> {
        self.header
            .text(&self.name(keyword))
            .filter(|text| !text.trim().is_empty())
    }

    /// CTYPE of both axes.
    pub(crate) fn axis_types(&self) -> Result<AxisTypes> {
        let mut types: [String; 2] = Default::default();
        for (axis, found) in types.iter_mut().enumerate() {
            let keyword = self.name(&format!("CTYPE{}", axis + 1));
            *found = self
                .header
                .text(&keyword)
                .ok_or(Error::NoWcs { keyword })?
                .trim()
                .to_ascii_uppercase();
        }
        let unsupported = |axis: usize| Error::Unsupported {
            keyword: self.name(&format!("CTYPE{}", axis + 1)),
            found: types[axis].clone(),
            reason: SUPPORTED,
        };
        let parsed = [parse_type(&types[0]), parse_type(&types[1])];
        let [Some(first), Some(second)] = parsed else {
            return Err(unsupported(usize::from(parsed[0].is_some())));
        };
        if first.longitude == second.longitude || first.system != second.system || first.code != second.code {
            return Err(unsupported(1));
        }
        if let Some(third) = self.text("CTYPE3") {
            let keyword = self.name("CTYPE3");
            return Err(Error::Unsupported {
                keyword,
                found: third,
                reason: SUPPORTED,
            });
        }
        let projection = Projection::from_code(first.code).ok_or_else(|| unsupported(0))?;
        let longitude = usize::from(!first.longitude);
        Ok(AxisTypes {
            longitude,
            projection,
            names: [first.name.to_owned(), second.name.to_owned()],
        })
    }

    /// Degrees in the unit of each axis: CUNIT, degrees where it is absent.
    pub(crate) fn units(&self) -> Result<[f64; 2]> {
        let mut degrees = [1.0; 2];
        for (axis, degrees) in degrees.iter_mut().enumerate() {
            let keyword = format!("CUNIT{}", axis + 1);
            let Some(unit) = self.text(&keyword) else { continue };
            *degrees = match unit.trim().to_ascii_lowercase().as_str() {
                "deg" | "degree" | "degrees" => 1.0,
                "arcmin" => 1.0 / 60.0,
                "arcsec" => 1.0 / 3600.0,
                "mas" => 1.0 / 3_600_000.0,
                "rad" => 1f64.to_degrees(),
                _ => {
                    let reason = "units of celestial axes are deg, arcmin, arcsec, mas or rad";
                    return Err(Error::Unsupported {
                        keyword: self.name(&keyword),
                        found: unit,
                        reason,
                    });
                }
            };
        }
        Ok(degrees)
    }

    /// Two numbers, one an axis; `default` for absent ones.
    pub(crate) fn pair(&self, keyword: &str, default: f64) -> Result<[f64; 2]> {
        Ok([
            self.real(&format!("{keyword}1"))?.unwrap_or(default),
            self.real(&format!("{keyword}2"))?.unwrap_or(default),
        ])
    }

    /// CRPIX, 0-based.
    pub(crate) fn reference_pixel(&self) -> Result<[f64; 2]> {
        Ok(self.pair("CRPIX", 0.0)?.map(from_fits))
    }

    /// The matrix from pixels to axis units: PC with CDELT if there is any PC, else CD, else CDELT
    /// with CROTA.
    ///
    /// An axis that no CD mentions steps by 1, as WCSLIB has it. WCSLIB does so for a diagonal that is
    /// written as zero too; here that is an error, since such a header has not been filled in.
    pub(crate) fn matrix(&self, longitude: usize) -> Result<Matrix> {
        let numbered = |stem: &str| self.name(&format!("{stem}i_j"));
        if let Some(pc) = self.square("PC")? {
            let cdelt = self.pair("CDELT", 1.0)?;
            let scaled = |i: usize, j: usize| cdelt[i] * pc[i][j].unwrap_or(if i == j { 1.0 } else { 0.0 });
            return Ok(Matrix {
                elements: [[scaled(0, 0), scaled(0, 1)], [scaled(1, 0), scaled(1, 1)]],
                keywords: format!("{} and {}", numbered("PC"), self.name("CDELTi")),
            });
        }
        if let Some(cd) = self.square("CD")? {
            let off_diagonal = [cd[0][1], cd[1][0]].iter().any(|e| e.is_some_and(|e| e != 0.0));
            let default = if off_diagonal { 0.0 } else { 1.0 };
            let of = |i: usize, j: usize| cd[i][j].unwrap_or(if i == j { default } else { 0.0 });
            return Ok(Matrix {
                elements: [[of(0, 0), of(0, 1)], [of(1, 0), of(1, 1)]],
                keywords: ["CD1_1", "CD1_2", "CD2_1", "CD2_2"]
                    .map(|k| self.name(k))
                    .join(", "),
            });
        }
        let cdelt = self.pair("CDELT", 1.0)?;
        let latitude = 1 - longitude;
        let rotation = real(self.header, &format!("CROTA{}", latitude + 1))?.unwrap_or(0.0);
        let (sin, cos) = crate::sphere::sin_cos_degrees(rotation);
        let mut elements = [[0.0; 2]; 2];
        elements[0][0] = cdelt[0] * cos;
        elements[1][1] = cdelt[1] * cos;
        elements[longitude][latitude] = -cdelt[latitude] * sin;
        elements[latitude][longitude] = cdelt[longitude] * sin;
        Ok(Matrix {
            elements,
            keywords: ["CDELT1", "CDELT2"].map(|k| self.name(k)).join(" and "),
        })
    }

    /// The elements of a matrix of keywords such as `CD1_2`, or `None` where none of them is there.
    fn square(&self, keyword: &str) -> Result<Option<[[Option<f64>; 2]; 2]>> {
        let mut matrix = [[None; 2]; 2];
        for (i, row) in matrix.iter_mut().enumerate() {
            for (j, element) in row.iter_mut().enumerate() {
                *element = self.real(&format!("{keyword}{}_{}", i + 1, j + 1))?;
            }
        }
        Ok(matrix.iter().flatten().any(Option::is_some).then_some(matrix))
    }

    /// LONPOLE, or PVi_3 of the longitude axis, or the default of a zenithal projection.
    pub(crate) fn native_pole(&self, longitude: usize, reference_dec: f64) -> Result<f64> {
        let given = match self.real(&format!("PV{}_3", longitude + 1))? {
            Some(angle) => Some(angle),
            None => self.real("LONPOLE")?,
        };
        Ok(given.unwrap_or(if reference_dec < 90.0 { 180.0 } else { 0.0 }))
    }

    /// Refuses projection parameters, none of which the supported projections take.
    pub(crate) fn refuse_parameters(&self, longitude: usize, has_sip: bool) -> Result<()> {
        if has_sip {
            // Some astrometric solvers write PV beside SIP; SIP is what counts then, as in astropy.
            return Ok(());
        }
        for axis in 0..2 {
            for m in 0..40 {
                let pole = axis == longitude && (m == 3 || m == 4);
                let keyword = format!("PV{}_{m}", axis + 1);
                if !pole
                    && let Some(value) = self.real(&keyword)?
                    && value != 0.0
                {
                    let reason = "projection parameters, and polynomials written as PV, are not supported";
                    let (keyword, found) = (self.name(&keyword), value.to_string());
                    return Err(Error::Unsupported {
                        keyword,
                        found,
                        reason,
                    });
                }
            }
        }
        Ok(())
    }

    /// The forward SIP polynomials. They count for every description of the header, with or without
    /// -SIP in its CTYPE, from that description's CRPIX, as astropy reads them.
    pub(crate) fn sip(&self) -> Result<Option<Sip>> {
        let order = |keyword: &str| -> Result<Option<usize>> {
            let Some(value) = real(self.header, keyword)? else {
                return Ok(None);
            };
            if value.fract() != 0.0 || !(0.0..=20.0).contains(&value) {
                let reason = "a polynomial's order is an integer from 0 to 20";
                return Err(Error::BadValue {
                    keyword: keyword.to_owned(),
                    found: value.to_string(),
                    reason,
                });
            }
            Ok(Some(value as usize).filter(|&order| order > 1))
        };
        let incomplete = |keyword: &str, missing: &str| {
            Err(Error::Incomplete {
                keyword: keyword.to_owned(),
                missing: missing.to_owned(),
            })
        };
        let present = |keyword: &str| self.header.contains(keyword);
        let (order_a, order_b) = match (order("A_ORDER")?, order("B_ORDER")?) {
            (Some(a), Some(b)) => (a, b),
            (Some(_), None) if !present("B_ORDER") => return incomplete("A_ORDER", "B_ORDER"),
            (None, Some(_)) if !present("A_ORDER") => return incomplete("B_ORDER", "A_ORDER"),
            // An order below 2 leaves nothing that the CD matrix does not hold already.
            _ => return Ok(None),
        };
        for keyword in ["CRPIX1", "CRPIX2"] {
            if !self.header.contains(&self.name(keyword)) {
                return incomplete("A_ORDER", &self.name(keyword));
            }
        }
        let polynomial = |letter: char, order: usize| {
            Polynomial::new(order, |p, q| {
                Ok::<f64, Error>(real(self.header, &format!("{letter}_{p}_{q}"))?.unwrap_or(0.0))
            })
        };
        Ok(Some(Sip {
            origin: self.reference_pixel()?,
            a: polynomial('A', order_a)?,
            b: polynomial('B', order_b)?,
        }))
    }

    /// `(ny, nx)` of the image: NAXISn, or NPIXn of an array that is constant and not written out.
    pub(crate) fn shape(&self) -> Option<(usize, usize)> {
        let size = |axis: usize| {
            let keyword = |stem: &str| self.header.integer(&format!("{stem}{axis}")).filter(|&n| n > 0);
            keyword("ZNAXIS")
                .or_else(|| keyword("NAXIS"))
                .or_else(|| keyword("NPIX"))
                .and_then(|n| usize::try_from(n).ok())
        };
        Some((size(2)?, size(1)?))
    }
}

/// A number, if the keyword is there; an error where it holds something else, or nothing finite.
pub(crate) fn real(header: &Header, keyword: &str) -> Result<Option<f64>> {
    if !header.contains(keyword) {
        return Ok(None);
    }
    let value = header.require_real(keyword)?;
    if !value.is_finite() {
        let reason = "it is not finite";
        return Err(Error::BadValue {
            keyword: keyword.to_owned(),
            found: value.to_string(),
            reason,
        });
    }
    Ok(Some(value))
}

/// The parts of one CTYPE, such as `RA---TAN-SIP`.
struct AxisType<'t> {
    longitude: bool,
    /// `""` for equatorial, else what stands before LON and LAT.
    system: &'t str,
    name: &'t str,
    code: &'t str,
}

fn parse_type(text: &str) -> Option<AxisType<'_>> {
    let name = text.get(..4)?.trim_end_matches('-');
    let rest = text.get(5..)?;
    let code = rest.strip_suffix("-SIP").unwrap_or(rest);
    if text.as_bytes().get(4) != Some(&b'-') || code.len() != 3 {
        return None;
    }
    let (longitude, system) = match name {
        "RA" => (true, ""),
        "DEC" => (false, ""),
        _ => match (name.strip_suffix("LON"), name.strip_suffix("LAT")) {
            (Some(system), _) if !system.is_empty() => (true, system),
            (_, Some(system)) if !system.is_empty() => (false, system),
            _ => match (name.strip_suffix("LN"), name.strip_suffix("LT")) {
                (Some(system), _) if system.len() == 2 => (true, system),
                (_, Some(system)) if system.len() == 2 => (false, system),
                _ => return None,
            },
        },
    };
    Some(AxisType {
        longitude,
        system,
        name,
        code,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axis_types() {
        let ra = parse_type("RA---TAN-SIP").unwrap();
        assert!(ra.longitude && ra.system.is_empty() && ra.name == "RA" && ra.code == "TAN");
        let lat = parse_type("GLAT-ZEA").unwrap();
        assert!(!lat.longitude && lat.system == "G" && lat.code == "ZEA");
        assert_eq!(parse_type("HPLN-ARC").unwrap().system, "HP");
        for other in [
            "",
            "LAMBDA",
            "WAVE",
            "ANGLE",
            "RA",
            "linear",
            "RA---TAN-XYZ",
            "ÅÅÅÅÅÅ",
        ] {
            assert!(parse_type(other).is_none(), "{other}");
        }
    }
}

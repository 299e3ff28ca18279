//! HDUs in another order, and HDUs of types of their own.

use super::{Edit, Unit, unit};
use crate::{Error, Header, Result};

/// Where an HDU of the file as it will be comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// This position in the file as it was.
    Own(usize),
    /// The one that was added as this one, counted from 0.
    Added(usize),
}

impl Edit {
    /// Puts the HDUs in this order; those that are not named are taken out.
    ///
    /// # Errors
    /// [`Error::NoSuchHdu`] for places that are not there, or are named twice; [`Error::Unsupported`] where the
    /// first HDU is not the file's own first.
    pub fn arrange(&mut self, order: &[Place]) -> Result<()> {
        if order.first() != Some(&Place::Own(0)) {
            let feature = "a file without its primary HDU".to_owned();
            return Err(Error::Unsupported { feature }.in_hdu(self.file.path(), 0));
        }
        let (mut own, mut added) = (Vec::new(), Vec::new());
        for unit in std::mem::take(&mut self.units) {
            match unit {
                Unit::Own(mine) => own.push((mine.hdu.index(), Some(Unit::Own(mine)))),
                Unit::Added(bytes) => added.push(Some(Unit::Added(bytes))),
            }
        }
        for place in order {
            let found = match *place {
                Place::Own(index) => own
                    .iter_mut()
                    .find(|(at, _)| *at == index)
                    .and_then(|(_, unit)| unit.take()),
                Place::Added(index) => added.get_mut(index).and_then(Option::take),
            };
            let missing = || Error::NoSuchHdu {
                path: self.file.path().to_owned(),
                selector: format!("{place:?}"),
                present: format!("{} HDUs, {} added", own.len(), added.len()),
            };
            match found {
                Some(unit) => self.units.push(unit),
                None => return Err(missing()),
            }
        }
        Ok(())
    }

    /// Adds an extension whose header says all about its data, which are bytes of its own; XTENSION and NAXIS1
    /// must be there.
    ///
    /// # Errors
    /// [`Error::BadValue`], [`Error::MissingKeyword`] where the header does not describe an extension of so many
    /// bytes.
    pub fn append_bytes(&mut self, header: &Header, data: &[u8]) -> Result<()> {
        let described = crate::Hdu::new(1, header.clone(), 0, 0)?.data_bytes();
        header.require_text("XTENSION")?;
        if described != data.len() as u64 {
            return Err(Error::BadValue {
                keyword: "NAXIS1".to_owned(),
                expected: format!("{} bytes", data.len()),
                found: described.to_string(),
            });
        }
        self.units.push(Unit::Added(unit(&header.to_bytes(), data, 0)));
        Ok(())
    }
}

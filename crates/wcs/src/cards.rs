//! A coordinate system as header cards.

use crate::one_based::to_fits;
use crate::{Result, Wcs};
use firstlight_fits::{Card, Value};

impl Wcs {
    /// The cards of this system without its distortions, as they stand in the header of a drizzled
    /// image: `WCSAXES`, `CRPIX`, `CRVAL`, `CTYPE` (without -SIP), `CUNIT`, `CD`, `LONPOLE`, `LATPOLE`,
    /// `RADESYS` and `EQUINOX` where they are known, `WCSNAME` where it has one, `ORIENTAT`, and
    /// `VAFACTOR` 1, for velocity aberration is no part of an undistorted grid.
    ///
    /// # Errors
    /// [`firstlight_fits::Error::Unwritable`] where a name from a header is no printable ASCII.
    pub fn cards(&self) -> Result<Vec<Card>> {
        let order = if self.linear.longitude == 0 {
            [0, 1]
        } else {
            [1, 0]
        };
        let types = self.axis_names.each_ref().map(|name| {
            let dashes = "-".repeat(5usize.saturating_sub(name.len()));
            format!("{name}{dashes}{}", self.projection.code())
        });
        let cd = order.map(|row| self.linear.cd[row]);
        let crval = order.map(|row| self.reference[row]);
        let crpix = self.linear.origin.map(to_fits);
        let mut cards = Vec::new();
        let mut card = |keyword: &str, value: Value, comment: &str| -> Result<()> {
            cards.push(Card::new(keyword, value, Some(comment))?);
            Ok(())
        };
        card("WCSAXES", 2i64.into(), "number of World Coordinate System axes")?;
        card("CRPIX1", crpix[0].into(), "x-coordinate of reference pixel")?;
        card("CRPIX2", crpix[1].into(), "y-coordinate of reference pixel")?;
        card("CRVAL1", crval[0].into(), "first axis value at reference pixel")?;
        card("CRVAL2", crval[1].into(), "second axis value at reference pixel")?;
        card(
            "CTYPE1",
            types[0].as_str().into(),
            "the coordinate type for the first axis",
        )?;
        card(
            "CTYPE2",
            types[1].as_str().into(),
            "the coordinate type for the second axis",
        )?;
        card("CUNIT1", "deg".into(), "units of coordinate increment and value")?;
        card("CUNIT2", "deg".into(), "units of coordinate increment and value")?;
        card(
            "CD1_1",
            cd[0][0].into(),
            "partial of first axis coordinate w.r.t. x",
        )?;
        card(
            "CD1_2",
            cd[0][1].into(),
            "partial of first axis coordinate w.r.t. y",
        )?;
        card(
            "CD2_1",
            cd[1][0].into(),
            "partial of second axis coordinate w.r.t. x",
        )?;
        card(
            "CD2_2",
            cd[1][1].into(),
            "partial of second axis coordinate w.r.t. y",
        )?;
        card(
            "LONPOLE",
            self.lonpole.into(),
            "native longitude of celestial pole, deg",
        )?;
        card(
            "LATPOLE",
            self.reference[1].into(),
            "native latitude of celestial pole, deg",
        )?;
        if let Some(frame) = &self.reference_frame {
            card("RADESYS", frame.as_str().into(), "equatorial coordinate system")?;
        }
        if let Some(equinox) = self.equinox {
            card(
                "EQUINOX",
                equinox.into(),
                "equinox of celestial coordinates, years",
            )?;
        }
        if let Some(name) = &self.name {
            card("WCSNAME", name.as_str().into(), "coordinate system title")?;
        }
        card(
            "ORIENTAT",
            self.orientation_deg().into(),
            "position angle of image y axis (deg. e of n)",
        )?;
        card("VAFACTOR", 1.0.into(), "velocity aberration plate scale factor")?;
        Ok(cards)
    }
}

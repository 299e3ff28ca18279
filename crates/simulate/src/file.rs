//! A simulated file, ready to be written.

use firstlight_fits::{Header, Table};

/// One FITS file in memory. Headers hold no structural keywords (`XTENSION`, `BITPIX`, `NAXIS…`,
/// `PCOUNT`, `GCOUNT`, `TFIELDS`, `TFORMn`): whoever writes the file knows these from the data.
#[derive(Debug, Clone)]
pub struct SimulatedFile {
    /// File name without folder.
    pub name: String,
    /// The primary header; the primary HDU has no data.
    pub primary: Header,
    /// The other HDUs in order.
    pub extensions: Vec<Extension>,
}

/// An HDU after the primary one.
#[derive(Debug, Clone)]
pub enum Extension {
    /// An image of f32, shape `(ny, nx)`.
    Real(Header, (usize, usize), Vec<f32>),
    /// An image of i16, shape `(ny, nx)`.
    Integer(Header, (usize, usize), Vec<i16>),
    /// An image of u16, shape `(ny, nx)`: stored with `BZERO` 32768, as raw frames are.
    Unsigned(Header, (usize, usize), Vec<u16>),
    /// An image of bytes, shape `(ny, nx)`.
    Bytes(Header, (usize, usize), Vec<u8>),
    /// An HDU without pixels (`NAXIS = 0`) that stands for a constant array: its header has `NPIX1`,
    /// `NPIX2` and `PIXVALUE`.
    Constant(Header),
    /// A table.
    Table(Header, Table),
    /// An association's members: name, type, presence.
    Members(Header, Vec<Member>),
}

/// One row of an association table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// `MEMNAME`, upper case.
    pub name: String,
    /// `MEMTYPE`.
    pub kind: String,
    /// `MEMPRSNT`.
    pub present: bool,
}

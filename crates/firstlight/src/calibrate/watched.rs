//! Exposures that are combined for as long as nobody stops the work.

use crate::Progress;
use crate::progress::go_on;
use firstlight_calibrate::Result;
use firstlight_calibrate::acs::acsrej::Member;
use firstlight_fits::Header;
use std::borrow::Cow;
use std::ops::Range;

/// A member whose rows can be had until the work is to stop.
pub(super) struct Watched<'a> {
    member: &'a dyn Member,
    progress: &'a dyn Progress,
}

impl<'a> Watched<'a> {
    pub(super) fn new(member: &'a dyn Member, progress: &'a dyn Progress) -> Self {
        Self { member, progress }
    }
}

impl Member for Watched<'_> {
    fn name(&self) -> String {
        self.member.name()
    }

    fn primary(&self) -> &Header {
        self.member.primary()
    }

    fn imsets(&self) -> usize {
        self.member.imsets()
    }

    fn version(&self, imset: usize) -> i64 {
        self.member.version(imset)
    }

    fn headers(&self, imset: usize) -> [Header; 3] {
        self.member.headers(imset)
    }

    fn shape(&self, imset: usize) -> Result<(usize, usize)> {
        self.member.shape(imset)
    }

    fn sci(&self, imset: usize, rows: Range<usize>) -> Result<Cow<'_, [f32]>> {
        go_on(self.progress)?;
        self.member.sci(imset, rows)
    }

    fn err(&self, imset: usize, rows: Range<usize>) -> Result<Cow<'_, [f32]>> {
        go_on(self.progress)?;
        self.member.err(imset, rows)
    }

    fn dq(&self, imset: usize, rows: Range<usize>) -> Result<Cow<'_, [u16]>> {
        go_on(self.progress)?;
        self.member.dq(imset, rows)
    }
}

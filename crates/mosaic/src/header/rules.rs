//! Which keywords of the inputs stand for the product, and how: the conventions of the archive's own products.
//!
//! A keyword that is in none of these lists is taken from the first input.

/// They describe one exposure, not the sum; each input's values go to the table HDRTAB.
const OF_ONE_EXPOSURE: &str = "
    ACQNAME ASN_ID ASN_TAB BIASLEVA BIASLEVB BIASLEVC BIASLEVD BINAXIS1 BINAXIS2 CAL_VER CBLKSIZ CCDAMP
    CENTERA1 CENTERA2 COMPTYP CRSIGMAS CTE_NAME CTE_VER D2IMFILE DEC_TARG DRKCFILE EQUINOX ERRCNT
    EXPNAME FILLCNT GLINCORR GLOBLIM GLOBRATE IDCSCALE IDCTHETA IDCV2REF IDCV3REF INITGUES JWROTYPE
    LINENUM LOSTPIX LRC_FAIL LRC_XSTS LTV1 LTV2 MDECODT1 MDECODT2 MEANBLEV MEANDARK MEANFLSH MLINTAB
    MOFFSET1 MOFFSET2 MTFLAG NGOODPIX NPOLFILE OCD1_1 OCD1_2 OCD2_1 OCD2_2 OCRPIX1 OCRPIX2 OCRVAL1
    OCRVAL2 OCTYPE1 OCTYPE2 OCX10 OCX11 OCY10 OCY11 ONAXIS1 ONAXIS2 OORIENTA OPUS_VER ORIGIN PA_APER
    PA_V3 PCTECORR PCTEFRAC PCTENSMD PCTERNCL PCTESHFT PCTESMIT PCTETAB PFLTFILE PODPSFF PROCTIME
    PR_INV_F PR_INV_L PR_INV_M QUALCOM1 QUALCOM2 QUALCOM3 QUALITY RA_TARG REFFRAME RPTCORR SDQFLAGS
    SIZAXIS1 SIZAXIS2 SOFTERRS STATFLAG STDCFFF STDCFFP TDDALPHA TDDBETA TIME-OBS T_SGSTAR WCSAXES
    WCSCDATE WFCMPRSD";

/// The value if it is that of all inputs, else MULTIPLE.
const SAME_OR_MULTIPLE: &str = "
    APERTURE ATODCORR ATODTAB BIASCORR BIASFILE BLEVCORR BPIXTAB CCDTAB CFLTFILE COMPTAB CRCORR CRREJTAB
    CTEDIR DARKCORR DARKFILE DFLTFILE DGEOFILE DIRIMAGE DQICORR EXPFLAG EXPSCORR FGSLOCK FILTER1 FILTER2
    FLASHCUR FLATCORR FLSHCORR FLSHFILE FW1ERROR FW2ERROR FWSERROR GRAPHTAB GYROMODE IDCTAB IMPHTTAB
    LFLGCORR LFLTFILE MDRIZTAB OBSMODE OSCNTAB P1_CENTR P1_FRAME P1_PURPS P1_SHAPE P2_CENTR P2_FRAME
    P2_PURPS P2_SHAPE PATTERN1 PATTERN2 PHOTCORR PHOTTAB PRIMESI PROPAPER SCLAMP SHADCORR SHADFILE
    SHUTRPOS SKYSUB SPOTTAB WRTERR";

const LARGEST: &str = "GOODMAX SNRMAX EXPEND";
const SMALLEST: &str = "GOODMIN SNRMIN EXPSTART";
const MEAN: &str = "GOODMEAN MDRIZSKY PHOTBW PHOTFLAM PHOTPLAM PHOTZPT SNRMEAN";
const SUM: &str = "BADINPDQ NCOMBINE SKYSUM";
/// The product is not binned, and begins at its own first pixel.
const ONE: &str = "LTM1_1 LTM2_2";

/// Parts of the description of distortion that the product has not; `_` stands for any ending.
const DISTORTION: &str = "
    A_ B_ AP_ BP_ IDC_ SCD_ SCTYPE_ SCRVAL_ SNAXIS_ SCRPIX_ DP_ CPDIS_ CPERR_ D2IM_ TDD_ AXISCORR DGEOEXT NPOLEXT";

/// What becomes of a keyword.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    First,
    Remove,
    SameOrMultiple,
    Largest,
    Smallest,
    Mean,
    Sum,
    One,
}

impl Rule {
    pub(super) fn of(keyword: &str) -> Self {
        let is_in = |list: &str| list.split_ascii_whitespace().any(|name| name == keyword);
        match () {
            () if is_in(OF_ONE_EXPOSURE) || is_distortion(keyword) || is_alternate(keyword) => Rule::Remove,
            () if is_in(SAME_OR_MULTIPLE) => Rule::SameOrMultiple,
            () if is_in(LARGEST) => Rule::Largest,
            () if is_in(SMALLEST) => Rule::Smallest,
            () if is_in(MEAN) => Rule::Mean,
            () if is_in(SUM) => Rule::Sum,
            () if is_in(ONE) => Rule::One,
            () => Rule::First,
        }
    }
}

fn is_distortion(keyword: &str) -> bool {
    keyword != "IDCTAB"
        && DISTORTION
            .split_ascii_whitespace()
            .any(|name| match name.strip_suffix('_') {
                // `A_` and `B_` themselves end in an underscore.
                Some(start) if start.len() <= 2 && !start.starts_with('D') => keyword.starts_with(name),
                Some(start) => keyword.starts_with(start),
                None => keyword == name,
            })
}

/// Whether the keyword belongs to an alternate coordinate system: a letter at its end.
fn is_alternate(keyword: &str) -> bool {
    const OF_WCS: [&str; 22] = [
        "WCSAXES", "WCSNAME", "CRPIX1", "CRPIX2", "CRVAL1", "CRVAL2", "CTYPE1", "CTYPE2", "CUNIT1", "CUNIT2",
        "CDELT1", "CDELT2", "CD1_1", "CD1_2", "CD2_1", "CD2_2", "LONPOLE", "LATPOLE", "RADESYS", "ORIENT",
        "CRDER1", "CRDER2",
    ];
    let Some((last, _)) = keyword.char_indices().next_back() else {
        return false;
    };
    keyword[last..].starts_with(|c: char| c.is_ascii_uppercase()) && OF_WCS.contains(&&keyword[..last])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distortion_and_alternates_are_told_from_what_stays() {
        for keyword in [
            "A_ORDER", "B_0_4", "AP_1_1", "IDCSCALE", "DP1", "D2IM1", "D2IMERR1", "CPDIS2", "TDD_CTB",
        ] {
            assert_eq!(Rule::of(keyword), Rule::Remove, "{keyword}");
        }
        for keyword in ["CRVAL1O", "CD1_2A", "WCSNAMEB", "CTYPE1O"] {
            assert_eq!(Rule::of(keyword), Rule::Remove, "{keyword}");
        }
        for keyword in [
            "CRVAL1", "CD1_1", "DPIXELS", "BUNIT", "APERAREA", "WCSNAME", "DETECTOR", "ORIENTAT", "A",
        ] {
            let rule = Rule::of(keyword);
            assert!(rule == Rule::First || keyword == "DPIXELS", "{keyword}: {rule:?}");
        }
        assert_eq!(Rule::of("IDCTAB"), Rule::SameOrMultiple);
        assert_eq!(Rule::of("EXPTIME"), Rule::First);
    }
}

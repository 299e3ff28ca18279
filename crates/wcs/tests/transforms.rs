//! Headers in every supported form, against positions computed with astropy 8.0.2 (WCSLIB 8).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod headers;

use firstlight_fits::Header;
use firstlight_wcs::Wcs;
use headers::{SIP, TAN, TAN_SIP, header};

const POINTS: [(f64, f64); 4] = [(0.0, 0.0), (1023.0, 0.0), (400.25, 700.5), (-60.0, 1200.0)];

fn check(what: &str, header: &Header, expected: [(f64, f64); 4]) {
    let wcs = Wcs::from_header(header, None).unwrap();
    let (x, y): (Vec<f64>, Vec<f64>) = POINTS.into_iter().unzip();
    let (ra, dec) = wcs.pixels_to_sky(&x, &y).unwrap();
    for (k, &(ra0, dec0)) in expected.iter().enumerate() {
        let turned = (ra[k] - ra0 + 180.0).rem_euclid(360.0) - 180.0;
        let on_sky = turned * dec0.to_radians().cos();
        assert!(
            on_sky.abs() < 2e-13 && (dec[k] - dec0).abs() < 2e-13,
            "{what}: {:?} is ({}, {}), not ({ra0}, {dec0})",
            POINTS[k],
            ra[k],
            dec[k]
        );
        assert_eq!(
            wcs.pixel_to_sky(x[k], y[k]),
            (ra[k], dec[k]),
            "{what}: one point or many"
        );
        let back = wcs.sky_to_pixel(ra0, dec0).unwrap();
        let scale = wcs.pixel_scale_arcsec() / 3600.0;
        let rounding = 1e-9 + 1e-12 / scale;
        assert!(
            (back.0 - x[k]).abs() < rounding && (back.1 - y[k]).abs() < rounding,
            "{what}: back at {back:?}, not {:?}",
            POINTS[k]
        );
    }
}

#[test]
fn sip_with_and_without_its_suffix() {
    let expected = [
        (5.627690889422662, -72.0747037706507),
        (5.61430889558336, -72.06938271017972),
        (5.635028533132224, -72.0697536369335),
        (5.649743843047197, -72.07009611981496),
    ];
    check("-SIP", &header(TAN_SIP, SIP), expected);
    check("no suffix", &header(TAN, SIP), expected);
}

#[test]
fn focal_plane_positions() {
    let wcs = Wcs::from_header(&header(TAN_SIP, SIP), None).unwrap();
    let expected = [
        (1.344830853238082, -0.9883920809512502),
        (1027.0039817572015, -4.15493513095125),
        (400.5559640876629, 700.0322974280078),
        (-54.16184628483782, 1192.9878993129487),
    ];
    for ((x, y), (fx, fy)) in POINTS.into_iter().zip(expected) {
        let found = wcs.pix2foc(x, y);
        assert!(
            (found.0 - fx).abs() < 1e-12 && (found.1 - fy).abs() < 1e-12,
            "{found:?}"
        );
        assert_eq!(wcs.det2im(x, y), (x, y));
        assert_eq!(wcs.linear().pix2foc(x, y), (x, y));
    }
    assert!(wcs.has_distortion() && !wcs.linear().has_distortion());
}

#[test]
fn matrices() {
    let pc = [
        ("CDELT1", -0.01),
        ("CDELT2", 0.02),
        ("PC1_1", 0.9),
        ("PC1_2", -0.3),
        ("PC2_1", 0.2),
        ("PC2_2", 0.8),
    ];
    let expected = [
        (26.62681401462733, -81.4426710483672),
        (338.6512523002442, -76.57469492261929),
        (10.155291460512359, -69.23793892785824),
        (21.127771908970754, -62.352174671211465),
    ];
    check("PC", &header(TAN, &pc), expected);
    // PC wins over CD.
    check(
        "PC and CD",
        &header(TAN, &[&pc[..], &[("CD1_1", 7.0)]].concat()),
        expected,
    );
    check(
        "CROTA",
        &header(TAN, &[("CDELT1", -0.01), ("CDELT2", 0.02), ("CROTA2", 33.0)]),
        [
            (43.92077198902024, -74.40143975931858),
            (14.919793542401667, -83.00104983275581),
            (2.2668942253775124, -68.06062509933747),
            (0.5236939057154686, -57.420895800048775),
        ],
    );
    check(
        "a CD of one axis",
        &header(TAN, &[("CD1_1", -0.01)]),
        [
            (184.98925106948514, -24.475482986840085),
            (186.27074893051483, -24.475482986840085),
            (5.934813293440296, 2.038343114623608),
            (6.1084613761625794, 13.255247927400971),
        ],
    );
    check(
        "no matrix",
        &header(TAN, &[]),
        [
            (233.82809946486594, -16.88001136163455),
            (137.43190053513405, -16.88001136163455),
            (337.61681820797594, 1.7997228476048162),
            (325.7650113332058, 10.249263557510272),
        ],
    );
}

#[test]
fn native_pole() {
    let cdelt = [("CDELT1", -0.01), ("CDELT2", 0.02)];
    check(
        "LONPOLE",
        &header(
            TAN,
            &[&cdelt[..], &[("LONPOLE", 37.0), ("LATPOLE", 12.0)]].concat(),
        ),
        [
            (9.53954223613955, -61.0950087645566),
            (29.986800586069172, -65.21478487496314),
            (353.35567025087767, -74.27098942154623),
            (313.91950216941143, -73.77205302944223),
        ],
    );
    check(
        "PV1_3",
        &header(
            TAN,
            &[&[("CDELT1", -0.01), ("CDELT2", 0.02)][..], &[("PV1_3", 100.0)]].concat(),
        ),
        [
            (32.919655924827126, -66.38870509872719),
            (44.252100020211884, -75.79093940150844),
            (354.60102283326796, -69.93428023429631),
            (338.784684598173, -61.40186655044983),
        ],
    );
}

#[test]
fn swapped_axes() {
    let cards = [
        ("CRVAL1", -72.07),
        ("CRVAL2", 5.63),
        ("CDELT1", 0.01),
        ("CDELT2", -0.02),
        ("CROTA1", 33.0),
    ];
    // astropy gives the header's order, we always right ascension first.
    let expected = [
        (-68.07094036765196, 36.41596502546713),
        (-61.93411687102563, 17.368288337383085),
        (-74.94211387751255, 354.9349500420571),
        (-79.876499422419, 309.5729565519177),
    ];
    check(
        "swapped",
        &header(["DEC--TAN", "RA---TAN"], &cards),
        expected.map(|(dec, ra)| (ra, dec)),
    );
}

#[test]
fn poles_and_zero_hours() {
    let cdelt = |dec: f64| [("CDELT1", -0.01), ("CDELT2", 0.01), ("CRVAL2", dec)];
    check(
        "north pole",
        &header(TAN, &cdelt(90.0)),
        [
            (231.3243744116795, 82.88912883491051),
            (139.93562558832048, 82.88912883491051),
            (336.69640053519663, 87.70170906126745),
            (326.4308717824284, 81.03150157244306),
        ],
    );
    check(
        "near the south pole",
        &header(TAN, &cdelt(-89.99)),
        [
            (139.87820405972803, -82.89611010446929),
            (231.38179594027196, -82.89611010446929),
            (34.44351277122393, -87.6929521816096),
            (44.7891164369659, -81.02374982457573),
        ],
    );
    check(
        "0 h",
        &header(TAN, &[&cdelt(0.0)[..], &[("CRVAL1", 0.0)]].concat()),
        [
            (5.101476145745705, -4.960293909863986),
            (354.8985238542543, -4.960293909863988),
            (1.1123602231289857, 2.011294179245398),
            (5.696159159036025, 6.938776299595691),
        ],
    );
    let pole = Wcs::from_header(&header(TAN, &cdelt(90.0)), None).unwrap();
    let (x, y) = pole.sky_to_pixel(123.0, 90.0).unwrap();
    assert!((x - 511.5).abs() < 1e-9 && (y - 499.25).abs() < 1e-9);
    assert_eq!(pole.pixel_to_sky(511.5, 499.25).1, 90.0);
}

#[test]
fn other_zenithal_projections() {
    let expected = [
        (
            "SIN",
            [
                (105.91936812508473, -68.71969494405312),
                (265.34063187491523, -68.71969494405312),
                (15.695712126974865, -63.6165004434617),
                (35.16433880282783, -35.96413226641596),
            ],
        ),
        (
            "STG",
            [
                (102.48422196681722, -70.20913243856879),
                (268.77577803318275, -70.20913243856879),
                (15.650630791497658, -63.672696117679344),
                (33.8768655059179, -39.94604778751889),
            ],
        ),
        (
            "ARC",
            [
                (103.56072238824886, -69.77146805810675),
                (267.6992776117511, -69.77146805810675),
                (15.665522111554868, -63.654159657660486),
                (34.24642834547971, -38.84845204479469),
            ],
        ),
        (
            "ZEA",
            [
                (104.11701950316375, -69.53531390244451),
                (267.14298049683623, -69.53531390244451),
                (15.673010928383665, -63.64482796301243),
                (34.44657232160592, -38.238994014355214),
            ],
        ),
    ];
    for (code, expected) in expected {
        let ctype = [format!("RA---{code}"), format!("DEC--{code}")];
        let cards = [("CDELT1", -0.04), ("CDELT2", 0.04)];
        check(code, &header([&ctype[0], &ctype[1]], &cards), expected);
    }
}

#[test]
fn galactic_axes_in_arcsec() {
    let mut cards = header(
        ["GLON-TAN", "GLAT-TAN"],
        &[
            ("CDELT1", -144.0),
            ("CDELT2", 144.0),
            ("CRVAL1", 360_000.0),
            ("CRVAL2", -18_000.0),
        ],
    );
    cards.set("CUNIT1", "arcsec", None).unwrap();
    cards.set("CUNIT2", "arcsec", None).unwrap();
    check(
        "galactic",
        &cards,
        [
            (120.29100934988536, -22.87174602501101),
            (79.70899065011466, -22.87174602501102),
            (104.4040623295326, 2.98881467257999),
            (121.01017919313551, 19.77993830359272),
        ],
    );
}

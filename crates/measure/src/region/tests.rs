use super::*;

/// An image of 40 rows and 60 columns, 0.1 arcsec each, north turned by `roll` degrees towards the left.
fn wcs(roll: f64) -> Wcs {
    let scale = 0.1 / 3600.0;
    let (sine, cosine) = roll.to_radians().sin_cos();
    let cd = [[-scale * cosine, -scale * sine], [-scale * sine, scale * cosine]];
    Wcs::tangent((6.0, -72.0), (29.0, 19.0), cd, Some(SHAPE)).unwrap()
}

const SHAPE: (usize, usize) = (40, 60);

/// Pixels `(column, row)`, counted from 1, that are kept.
fn kept(text: &str) -> Vec<(usize, usize)> {
    kept_in(text, 0.0)
}

fn kept_in(text: &str, roll: f64) -> Vec<(usize, usize)> {
    let regions = Regions::parse(text).unwrap();
    let left_out = regions.left_out(SHAPE, &wcs(roll), Physical::default()).unwrap();
    let kept = left_out.iter().enumerate().filter(|(_, left_out)| !**left_out);
    kept.map(|(index, _)| (index % 60 + 1, index / 60 + 1)).collect()
}

#[test]
fn shapes_in_pixels() {
    assert_eq!(
        kept("image; circle(10,20,1)"),
        [(10, 19), (9, 20), (10, 20), (11, 20), (10, 21)]
    );
    let header = "# Region file format: DS9 version 4.1\nglobal color=green dash=0\nimage\n";
    assert_eq!(
        kept(&format!("{header}box(1.5,2,2,1,0) # color=red")),
        [(1, 2), (2, 2)]
    );
    assert_eq!(kept("image\nbox 5 5 1 3 90"), [(4, 5), (5, 5), (6, 5)]);
    assert_eq!(
        kept("physical\nellipse(5,5,2,0.5,0)"),
        [(3, 5), (4, 5), (5, 5), (6, 5), (7, 5)]
    );
    assert_eq!(kept("image\nannulus(5,5,0.5,1)").len(), 4);
    let triangle = kept("image\npolygon(0.5,0.5,4.5,0.5,0.5,4.4)");
    assert!(triangle.contains(&(1, 1)) && triangle.contains(&(3, 1)) && !triangle.contains(&(4, 4)));
    // What is beyond the image does no harm.
    assert_eq!(kept("image\ncircle(-100,5000,20)"), []);
}

#[test]
fn regions_apply_in_their_order() {
    assert_eq!(kept("image\n-circle(10,20,3)").len(), 60 * 40 - 29);
    assert_eq!(kept("image\ncircle(10,20,1)\n-circle(10,20,0.5)").len(), 4);
    assert_eq!(kept("image\n-circle(10,20,0.5)\ncircle(10,20,1)").len(), 5);
    // Nothing to leave out, and kinds without an area.
    assert_eq!(
        kept("image\npoint(3,4) # point=x\n# vector(1,2,3,4)\n").len(),
        60 * 40
    );
}

#[test]
fn shapes_on_the_sky() {
    let circle = kept("image\ncircle(30,20,4.2)");
    for text in [
        "fk5\ncircle(6.0,-72.0,0.42\")",
        "icrs;circle(0:24:00.0,-72:00:00,0.42\")",
        "fk5\ncircle(0h24m0s,-72d0m0s,0.00011666667)",
        "image\ncircle(30,20,0.42\")",
    ] {
        assert_eq!(kept(text), circle, "{text}");
    }
    // The first side is a quarter turn before north, wherever that is.
    for (roll, turned) in [(0.0, 0.0), (30.0, 30.0), (-100.0, -100.0)] {
        let sky = kept_in("fk5\nbox(6.0,-72.0,1.23\",0.43\",0)", roll);
        let pixels = kept_in(&format!("image\nbox(30,20,12.3,4.3,{turned})"), roll);
        assert_eq!(sky, pixels, "{roll}");
    }
}

#[test]
fn what_is_elsewhere_on_the_sky_leaves_nothing_out() {
    for text in [
        "fk5\n-circle(9.0,-60.0,30\")",
        "fk5\n-circle(186.0,72.0,1\")",
        "fk5\n-polygon(6,72,7,72,6,73)",
    ] {
        assert_eq!(kept(text).len(), 60 * 40, "{text}");
    }
}

#[test]
fn detector_pixels_of_a_subarray() {
    let regions = Regions::parse("circle(1010,2020,1)").unwrap();
    let physical = Physical {
        offset: [-1000.0, -2000.0],
        step: [1.0, 1.0],
    };
    let left_out = regions.left_out(SHAPE, &wcs(0.0), physical).unwrap();
    assert_eq!(left_out.iter().filter(|left_out| !**left_out).count(), 5);
    assert!(!left_out[19 * 60 + 9]);
}

#[test]
fn what_is_no_region_is_named_with_its_line() {
    for (text, expected) in [
        (
            "image\ncircle(1,2)",
            "line 2: a circle has 3 numbers here, and not 2",
        ),
        ("image\n\ncirkle(1,2,3)", "line 3: 'cirkle' is no region"),
        (
            "galactic\ncircle(1,2,3)",
            "line 1: coordinates of the kind galactic",
        ),
        ("image\ncircle(a,2,3)", "line 2: 'a' is no number"),
        ("image\ncircle(1,2,-3)", "below zero"),
        ("image\npolygon(1,2,3)", "pairs of numbers"),
        ("image\ncircle(1,2,nan)", "'nan' is no number"),
    ] {
        let error = Regions::parse(text).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

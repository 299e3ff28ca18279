//! Exposures made up for the tests.

use firstlight_calibrate::acs::acsrej::{
    AcsrejOptions, InitialGuess, Member, Rejection, SkySubtraction, acsrej,
};
use firstlight_calibrate::acs::{Chip, Observation, References};
use firstlight_frame::fits::{FitsWriter, Header, Overwrite};
use firstlight_frame::{Frame, Image};
use std::path::Path;

pub struct Random(pub u64);

impl Random {
    pub fn uniform(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    pub fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }
}

pub const SHAPE: (usize, usize) = (40, 50);

pub fn primary(exptime_s: f64) -> Header {
    let mut header = Header::new();
    let texts = [
        ("INSTRUME", "ACS"),
        ("DETECTOR", "HRC"),
        ("CCDAMP", "C"),
        ("FILTER1", "F606W"),
        ("FILTER2", "CLEAR2S"),
        ("IMAGETYP", "EXT"),
        ("BLEVCORR", "COMPLETE"),
        ("FLSHCORR", "OMIT"),
        ("CRCORR", "PERFORM"),
        ("ROOTNAME", "jtest01a1q"),
    ];
    for (keyword, text) in texts {
        header.set(keyword, text, None).unwrap();
    }
    for (keyword, value) in [
        ("EXPTIME", exptime_s),
        ("DARKTIME", exptime_s + 3.0),
        ("EXPSTART", 53000.0),
        ("EXPEND", 53000.5),
    ] {
        header.set(keyword, value, Some("of one exposure")).unwrap();
    }
    header
}

pub fn observation(name: &str, exptime_s: f64, frames: Vec<Frame>) -> Observation {
    let several = frames.len() > 1;
    let chip = |(index, frame): (usize, Frame)| {
        let mut sci = Header::new();
        // As in WFC, chip 2 comes first.
        let number = if several { 2 - index as i64 } else { 1 };
        sci.set("CCDCHIP", number, None).unwrap();
        Chip {
            version: index as i64 + 1,
            frame,
            sci,
            err: Header::new(),
            dq: Header::new(),
        }
    };
    Observation {
        name: name.to_owned(),
        primary: primary(exptime_s),
        chips: frames.into_iter().enumerate().map(chip).collect(),
    }
}

/// A frame of equal pixels.
pub fn even((ny, nx): (usize, usize), sci: f32, err: f32) -> Frame {
    Frame {
        sci: Image::filled(ny, nx, sci),
        err: Image::filled(ny, nx, err),
        dq: Image::filled(ny, nx, 0),
    }
}

/// Sky and stars with noise, cosmic rays, and DQ bits of all kinds at random: with some of those that stand for states.
pub fn busy(seed: u64, shape: (usize, usize), seconds: f64) -> Frame {
    let mut random = Random(seed);
    let mut frame = even(shape, 0.0, 0.0);
    for y in 0..shape.0 {
        for x in 0..shape.1 {
            let star = if (x * 7 + y * 3) % 41 == 0 { 20.0 } else { 0.0 };
            let signal = seconds * (0.5 + star);
            let ray = if random.uniform() < 0.03 {
                3000.0 * random.uniform()
            } else {
                0.0
            };
            let err = (signal + 16.0).sqrt();
            frame.sci[(y, x)] = (signal + ray + err * random.normal()) as f32;
            frame.err[(y, x)] = err as f32;
            if random.uniform() < 0.1 {
                let bits = [1, 2, 4, 8, 16, 32, 64, 3, 6, 12, 256 + 4];
                frame.dq[(y, x)] = bits[(random.uniform() * bits.len() as f64) as usize];
            }
        }
    }
    frame
}

/// Parameters like those of tables, so that no table is needed.
pub fn options() -> AcsrejOptions {
    AcsrejOptions {
        crmask: Some(true),
        scalense: Some(30.0),
        initgues: Some(InitialGuess::Minimum),
        skysub: Some(SkySubtraction::None),
        crsigmas: Some("6.5,5.5,4.5".to_owned()),
        crradius: Some(2.1),
        crthresh: Some(0.5555),
        badinpdq: Some(39),
        ..AcsrejOptions::default()
    }
}

pub fn combine(inputs: &[Observation], options: &AcsrejOptions) -> Rejection {
    acsrej(&members(inputs), &References::new(), options).unwrap()
}

pub fn members(inputs: &[Observation]) -> Vec<&dyn Member> {
    inputs.iter().map(|input| input as &dyn Member).collect()
}

/// Writes an exposure; ERR as a constant array where it is one.
pub fn write(path: &Path, observation: &Observation) {
    let mut writer = FitsWriter::create(path, Overwrite::Refuse).unwrap();
    writer.empty_primary(&observation.primary).unwrap();
    for chip in &observation.chips {
        let named = |name: &str, header: &Header| {
            let mut header = header.clone();
            header.set("EXTNAME", name, None).unwrap();
            header.set("EXTVER", chip.version, None).unwrap();
            header
        };
        let (ny, nx) = chip.frame.sci.shape();
        let Frame { sci, err, dq } = &chip.frame;
        writer
            .image(&named("SCI", &chip.sci), (sci.as_slice(), (ny, nx)))
            .unwrap();
        let header = named("ERR", &chip.err);
        let first = err.as_slice()[0];
        if err.as_slice().iter().all(|&value| value == first) {
            writer.constant(&header, (ny, nx), f64::from(first), -32).unwrap();
        } else {
            writer.image(&header, (err.as_slice(), (ny, nx))).unwrap();
        }
        let dq: Vec<i16> = dq.as_slice().iter().map(|&bits| bits as i16).collect();
        writer
            .image(&named("DQ", &chip.dq), (dq.as_slice(), (ny, nx)))
            .unwrap();
    }
    writer.finish().unwrap();
}

pub fn bits(frame: &Frame) -> (Vec<u32>, Vec<u32>, Vec<u16>) {
    let of = |image: &Image<f32>| image.as_slice().iter().map(|value| value.to_bits()).collect();
    (of(&frame.sci), of(&frame.err), frame.dq.as_slice().to_vec())
}

//! Figures of images.

mod input;
mod options;
mod ratio;
mod shapes;

pub use input::PlotInput;
pub use options::{PlotOptions, ReductionName, StretchName};

use crate::{Error, Progress, Result};
pub use firstlight_look::{Format, Raster};

use firstlight_look::{ColourMap, Drawing, Fallback, Figure, ImagePanel};
use input::{Loaded, Names};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// What was drawn.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlotReport {
    /// The file, where one was written.
    pub output: Option<PathBuf>,
    /// One entry a panel, in order.
    pub panels: Vec<PlotPanelReport>,
}

/// What was drawn in one panel.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlotPanelReport {
    /// The file, where the image comes from one.
    pub input: Option<PathBuf>,
    /// The text above.
    pub title: Option<String>,
    /// Shape `(ny, nx)` of what is shown.
    pub shape: (usize, usize),
    /// Sample with the map's first colour, in the image's unit.
    pub vmin: f64,
    /// Sample with the map's last colour, in the image's unit.
    pub vmax: f64,
    /// Why these are not what was asked for: `no_finite_sample`, `no_positive_sample`, `constant`.
    pub fallback: Option<Fallback>,
}

/// The name of a figure that is given none: that of the first file, in the current folder, as PNG.
pub fn default_output(inputs: &[PathBuf]) -> PathBuf {
    let name = inputs
        .first()
        .and_then(|path| path.file_name())
        .map(|name| name.to_string_lossy().into_owned());
    let name = name.unwrap_or_default();
    let lower = name.to_ascii_lowercase();
    let end = [".fits.gz", ".fits.fz", ".fits", ".fit", ".fts"]
        .iter()
        .find(|end| lower.ends_with(**end));
    let stem = &name[..name.len() - end.map_or(0, |end| end.len())];
    PathBuf::from(format!("{}.png", if stem.is_empty() { "figure" } else { stem }))
}

/// Draws images side by side and writes the figure, as PNG or SVG by the name's ending.
///
/// # Errors
/// [`Error::OutputExists`] unless `overwrite`; [`Error::Fits`] for an input that cannot be read;
/// [`Error::Unsupported`] for one that is no image of rows and columns; [`Error::Look`] and [`Error::Usage`] for
/// options that cannot be used.
pub fn plot(
    inputs: &[PlotInput],
    output: &Path,
    overwrite: bool,
    options: &PlotOptions,
    progress: &dyn Progress,
) -> Result<PlotReport> {
    plot_and_give(inputs, output, overwrite, options, progress).map(|(_, report)| report)
}

/// As [`plot`], and gives the file's bytes as well.
///
/// # Errors
/// As [`plot`].
pub fn plot_and_give(
    inputs: &[PlotInput],
    output: &Path,
    overwrite: bool,
    options: &PlotOptions,
    progress: &dyn Progress,
) -> Result<(Vec<u8>, PlotReport)> {
    let format = Format::of(output)?;
    if !overwrite && output.exists() {
        return Err(Error::OutputExists {
            path: output.to_owned(),
        });
    }
    let (bytes, mut report) = draw(inputs, format, options, progress)?;
    firstlight_look::write(output, &bytes)?;
    report.output = Some(output.to_owned());
    Ok((bytes, report))
}

/// Draws images side by side and gives the file's bytes.
///
/// # Errors
/// As [`plot`], but for the output.
pub fn draw(
    inputs: &[PlotInput],
    format: Format,
    options: &PlotOptions,
    progress: &dyn Progress,
) -> Result<(Vec<u8>, PlotReport)> {
    if options.bare {
        let ([input], Format::Png) = (inputs, format) else {
            return Err(Error::Usage(
                "a bare picture is of one image, and a PNG".to_owned(),
            ));
        };
        let (raster, panel) = paint(input, options)?;
        return Ok((
            raster.to_png()?,
            PlotReport {
                output: None,
                panels: vec![panel],
            },
        ));
    }
    let drawing = drawing(inputs, options, progress)?;
    let bytes = drawing.to_bytes(format)?;
    Ok((
        bytes,
        PlotReport {
            output: None,
            panels: panel_reports(inputs, &drawing),
        },
    ))
}

/// Paints one image, a pixel for each sample, its row 0 at the bottom. Of the options, those of scaling, colour,
/// section and arithmetic count.
///
/// # Errors
/// As [`plot`], but for the output.
pub fn paint(input: &PlotInput, options: &PlotOptions) -> Result<(Raster, PlotPanelReport)> {
    let map = colour_map(options)?;
    let names = Names::of(std::slice::from_ref(input), options);
    let loaded = Loaded::open((0, input), &names, options)?;
    let panel = panel(&loaded, input, options)?
        .scaling(ratio::scaling(&loaded, options)?)
        .colour_map(map);
    let (raster, fitted) = panel.paint()?;
    let report = PlotPanelReport {
        input: input.path(),
        title: loaded.title,
        shape: (raster.height(), raster.width()),
        vmin: fitted.norm.vmin(),
        vmax: fitted.norm.vmax(),
        fallback: fitted.fallback,
    };
    Ok((raster, report))
}

fn colour_map(options: &PlotOptions) -> Result<ColourMap> {
    let map = ColourMap::named(&options.cmap)?;
    Ok(match &options.bad {
        Some(bad) => map.with_bad(bad.parse()?),
        None => map,
    })
}

/// The image, or the section of it that is shown.
fn panel<'l>(image: &'l Loaded, input: &PlotInput, options: &PlotOptions) -> Result<ImagePanel<'l>> {
    let panel = ImagePanel::from_slice(image.ny, image.nx, &image.samples)?;
    let Some(section) = &options.section else {
        return Ok(panel);
    };
    let (y, x) = shapes::section(section)?;
    panel
        .section(y, x)
        .map_err(|error| match (Error::Look(error), input.path()) {
            (error, Some(path)) => error.in_file(&path),
            (error, None) => error,
        })
}

/// Loads the inputs and arranges them.
fn drawing(inputs: &[PlotInput], options: &PlotOptions, progress: &dyn Progress) -> Result<Drawing> {
    if !options.titles.is_empty() && options.titles.len() != inputs.len() {
        let (titles, images) = (options.titles.len(), inputs.len());
        return Err(Error::Usage(format!(
            "{titles} titles for {images} images; a title cannot contain a comma"
        )));
    }
    let map = colour_map(options)?;
    // What is wrong with the options shows before any file is read.
    options.section.as_deref().map(shapes::section).transpose()?;
    let overlays = shapes::overlays(options)?;
    progress.start("images", Some(inputs.len() as u64));
    let names = Names::of(inputs, options);
    let mut loaded = Vec::with_capacity(inputs.len());
    for input in inputs.iter().enumerate() {
        loaded.push(Loaded::open(input, &names, options)?);
        progress.advance(1);
    }
    progress.finish();

    let mut figure = Figure::new().dpi(options.dpi).same_scale(options.same_scale);
    if let Some(title) = &options.title {
        figure = figure.title(title);
    }
    if let Some(columns) = options.columns {
        figure = figure.columns(columns);
    }
    if let Some(width) = options.width {
        figure = figure.width_px(width);
    }
    for (n, (image, input)) in loaded.iter().zip(inputs).enumerate() {
        let mut panel = panel(image, input, options)?
            .scaling(ratio::scaling(image, options)?)
            .colour_map(map.clone())
            .reduction(options.reduction())
            .colour_bar(options.colorbar)
            .unit(
                options
                    .unit
                    .as_ref()
                    .or(image.unit.as_ref())
                    .map_or("", String::as_str),
            )
            .overlays(overlays.iter().cloned());
        if let Some(title) = options.titles.get(n).or(image.title.as_ref()) {
            panel = panel.title(title);
        }
        figure = figure.panel(panel);
    }
    Ok(figure.draw()?)
}

fn panel_reports(inputs: &[PlotInput], drawing: &Drawing) -> Vec<PlotPanelReport> {
    let images = inputs.iter().zip(drawing.panels()).filter_map(|(input, panel)| {
        let image = panel.image.clone()?;
        Some(PlotPanelReport {
            input: input.path(),
            title: panel.title.clone(),
            shape: image.shape,
            vmin: image.vmin,
            vmax: image.vmax,
            fallback: image.fallback,
        })
    });
    images.collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::progress::Silent;

    fn array(samples: &[f32], nx: usize) -> PlotInput<'_> {
        let ny = samples.len() / nx;
        PlotInput::Array { ny, nx, samples }
    }

    #[test]
    fn a_figure_without_a_name_is_called_after_its_first_image() {
        let name = |path: &str| default_output(&[PathBuf::from(path), PathBuf::from("b.fits")]);
        assert_eq!(name("data/a_flt.fits"), PathBuf::from("a_flt.png"));
        assert_eq!(name("A.FITS.GZ"), PathBuf::from("A.png"));
        assert_eq!(name("a.b.fit"), PathBuf::from("a.b.png"));
        assert_eq!(name("raw"), PathBuf::from("raw.png"));
        assert_eq!(name(".fits"), PathBuf::from("figure.png"));
        assert_eq!(default_output(&[]), PathBuf::from("figure.png"));
    }

    #[test]
    fn arrays_become_figures_and_pictures() {
        let samples: Vec<f32> = (0..60).map(|n| n as f32).collect();
        let inputs = [array(&samples, 10)];
        let options = PlotOptions {
            stretch: StretchName::Linear,
            boxes: vec!["1:3,2:5=a".into()],
            ..PlotOptions::default()
        };
        let (svg, report) = draw(&inputs, Format::Svg, &options, &Silent).unwrap();
        assert!(String::from_utf8(svg).unwrap().contains(">a</text>"));
        let panel = &report.panels[0];
        assert_eq!((panel.shape, panel.vmin, panel.vmax), ((6, 10), 0.0, 59.0));
        let (raster, _) = paint(&inputs[0], &options).unwrap();
        assert_eq!((raster.width(), raster.height()), (10, 6));
    }

    #[test]
    fn arithmetic_is_named_in_title_and_colour_bar() {
        use crate::fits::{FitsWriter, Header, Overwrite};
        let folder = tempfile::tempdir().unwrap();
        let image = |of: &str, samples: &[f32]| {
            let path = folder.path().join(of).join("a.fits");
            std::fs::create_dir(folder.path().join(of)).unwrap();
            let mut header = Header::new();
            header.set("BUNIT", "ELECTRONS", None).unwrap();
            let mut writer = FitsWriter::create(&path, Overwrite::Refuse).unwrap();
            writer.image(&header, (samples, (2, 2))).unwrap();
            writer.finish().unwrap();
            path
        };
        let first = image("one", &[2.2, 1.0, 3.6, 4.0]);
        let second = image("two", &[2.0, 1.0, 3.0, 4.0]);
        let drawn = |options: &PlotOptions| {
            let (svg, report) = draw(&[first.clone().into()], Format::Svg, options, &Silent).unwrap();
            (String::from_utf8(svg).unwrap(), report.panels[0].clone())
        };
        let difference = PlotOptions {
            subtract: Some(second.clone()),
            ..PlotOptions::default()
        };
        let (svg, panel) = drawn(&difference);
        assert_eq!(panel.title.unwrap(), "one/a.fits − two/a.fits");
        assert!(svg.contains(">difference (electrons)</text>"));
        let ratio = PlotOptions {
            divide: Some(second.clone()),
            ..PlotOptions::default()
        };
        let (svg, panel) = drawn(&ratio);
        assert_eq!(panel.title.unwrap(), "one/a.fits / two/a.fits");
        assert!(svg.contains(">ratio</text>"));
        // The largest of the quotients is 1.2.
        assert!((panel.vmin + panel.vmax - 2.0).abs() < 1e-9 && panel.vmax > 1.15 && panel.vmax < 1.21);
        let (_, panel) = drawn(&PlotOptions {
            vmax: Some(9.0),
            ..ratio
        });
        assert_eq!(panel.vmax, 9.0);
    }

    #[test]
    fn options_that_do_not_go_together_are_refused() {
        let samples = [1.0_f32, 2.0, 3.0, 4.0];
        let two = [array(&samples, 2), array(&samples, 2)];
        let refused = |options: PlotOptions| {
            let error = draw(&two, Format::Png, &options, &Silent).unwrap_err();
            assert_eq!(error.class(), crate::ErrorClass::Usage, "{error}");
        };
        refused(PlotOptions {
            bare: true,
            ..PlotOptions::default()
        });
        refused(PlotOptions {
            titles: vec!["one".into()],
            ..PlotOptions::default()
        });
        refused(PlotOptions {
            section: Some("0:9,0:1".into()),
            ..PlotOptions::default()
        });
        refused(PlotOptions {
            cmap: "jet".into(),
            ..PlotOptions::default()
        });
        refused(PlotOptions {
            dpi: 0.0,
            ..PlotOptions::default()
        });
        assert!(serde_json::from_str::<PlotOptions>(r#"{"no_such_option": 1}"#).is_err());
    }
}

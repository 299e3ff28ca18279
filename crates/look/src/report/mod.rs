//! Report pages: one HTML file with everything inside, legible on light and dark screens and on paper.

mod explorer;

use crate::scene::escaped;
use crate::{Figure, PlotPanel, Result, base64, write};
use std::fmt::Write;
use std::path::Path;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("slides.js");

/// A page that is written block by block, in reading order.
///
/// ```
/// use firstlight_look::Page;
/// let html = Page::new("SBC dark analysis")
///     .paragraph("Four filters, eight exposures.")
///     .heading("Photometry")
///     .table(&["filter", "net"], [["F125LP", "2.54"], ["F165LP", "0.88"]])
///     .to_html();
/// assert!(html.contains("<td class=\"number\">2.54</td>"));
/// ```
#[derive(Debug, Clone)]
pub struct Page {
    title: String,
    body: String,
    /// What stands after the body.
    end: String,
    /// Whether figures are chosen by a slider.
    slides: bool,
    /// Whether there are numbers to be explored.
    explorers: bool,
}

/// How a figure is put into a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Embed {
    /// As pixels.
    Png,
    /// As shapes and text, sharp at any size.
    #[default]
    Svg,
}

impl Page {
    /// A page with a title.
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            body: String::new(),
            end: String::new(),
            slides: false,
            explorers: false,
        }
    }

    /// A heading within the page.
    pub fn heading(mut self, text: &str) -> Self {
        let _ = writeln!(self.body, "<h2>{}</h2>", escaped(text));
        self
    }

    /// A paragraph of plain text.
    pub fn paragraph(mut self, text: &str) -> Self {
        let _ = writeln!(self.body, "<p>{}</p>", escaped(text));
        self
    }

    /// Something the reader must not miss.
    pub fn notice(mut self, text: &str) -> Self {
        let _ = writeln!(self.body, "<p class=\"notice\">{}</p>", escaped(text));
        self
    }

    /// Text whose lines and spaces stay as they are, such as a command.
    pub fn verbatim(mut self, text: &str) -> Self {
        // `escaped` makes line ends into spaces; here they count.
        let lines: Vec<String> = text.lines().map(escaped).collect();
        let _ = writeln!(self.body, "<pre>{}</pre>", lines.join("\n"));
        self
    }

    /// Names and what they are, one pair a line.
    pub fn facts<K: AsRef<str>, V: AsRef<str>>(mut self, facts: impl IntoIterator<Item = (K, V)>) -> Self {
        self.body.push_str("<dl>\n");
        for (name, value) in facts {
            let (name, value) = (escaped(name.as_ref()), escaped(value.as_ref()));
            let _ = writeln!(self.body, "<dt>{name}</dt><dd>{value}</dd>");
        }
        self.body.push_str("</dl>\n");
        self
    }

    /// A table; a column whose cells are all numbers stands to the right. Short rows are filled with empty cells.
    pub fn table<R, C>(mut self, header: &[impl AsRef<str>], rows: impl IntoIterator<Item = R>) -> Self
    where
        R: IntoIterator<Item = C>,
        C: AsRef<str>,
    {
        let rows: Vec<Vec<String>> = rows
            .into_iter()
            .map(|row| row.into_iter().map(|cell| cell.as_ref().to_owned()).collect())
            .collect();
        let width = rows.iter().map(Vec::len).max().unwrap_or(0).max(header.len());
        let cell = |row: &'_ [String], n: usize| row.get(n).cloned().unwrap_or_default();
        let numeric: Vec<bool> = (0..width)
            .map(|n| {
                let filled: Vec<String> = rows
                    .iter()
                    .map(|row| cell(row, n))
                    .filter(|text| !text.is_empty())
                    .collect();
                !filled.is_empty() && filled.iter().all(|text| is_number(text))
            })
            .collect();
        let class = |n: usize| if numeric[n] { " class=\"number\"" } else { "" };
        self.body.push_str("<div class=\"wide\"><table>\n<thead><tr>");
        for n in 0..width {
            let text = header.get(n).map_or("", AsRef::as_ref);
            let _ = write!(self.body, "<th{}>{}</th>", class(n), escaped(text));
        }
        self.body.push_str("</tr></thead>\n<tbody>\n");
        for row in &rows {
            self.body.push_str("<tr>");
            for n in 0..width {
                let _ = write!(self.body, "<td{}>{}</td>", class(n), escaped(&cell(row, n)));
            }
            self.body.push_str("</tr>\n");
        }
        self.body.push_str("</tbody></table></div>\n");
        self
    }

    /// A figure with its caption, as shapes and text.
    ///
    /// # Errors
    /// As [`Figure::to_svg`].
    pub fn figure(self, figure: &Figure, caption: &str) -> Result<Self> {
        self.figure_as(figure, caption, Embed::Svg)
    }

    /// A figure with its caption, as asked.
    ///
    /// # Errors
    /// As [`Figure::to_svg`] and [`Figure::to_png`].
    pub fn figure_as(mut self, figure: &Figure, caption: &str, embed: Embed) -> Result<Self> {
        self.body.push_str("<figure>");
        match embed {
            Embed::Svg => self.body.push_str(&figure.to_svg()?),
            Embed::Png => self.image(&figure.to_png()?, caption),
        }
        let _ = writeln!(
            self.body,
            "<figcaption>{}</figcaption></figure>",
            escaped(caption)
        );
        Ok(self)
    }

    /// A picture that is PNG already, with its caption.
    pub fn picture(mut self, png: &[u8], caption: &str) -> Self {
        self.body.push_str("<figure>");
        self.image(png, caption);
        let _ = writeln!(
            self.body,
            "<figcaption>{}</figcaption></figure>",
            escaped(caption)
        );
        self
    }

    fn image(&mut self, png: &[u8], caption: &str) {
        let _ = write!(
            self.body,
            "<img alt=\"{}\" src=\"data:image/png;base64,",
            escaped(caption)
        );
        base64::append(&mut self.body, png);
        self.body.push_str("\">");
    }

    /// Figures of which one is seen at a time, chosen by its name with a slider; `first` is seen at first. Where no
    /// script runs all of them are seen, one below the other.
    ///
    /// # Errors
    /// As [`Figure::to_svg`].
    pub fn slides(mut self, slides: &[(String, Figure)], first: usize, caption: &str) -> Result<Self> {
        let last = slides.len().saturating_sub(1);
        let _ = writeln!(
            self.body,
            "<figure class=\"slides\"><label><input type=\"range\" min=\"0\" max=\"{last}\" value=\"{}\"> \
             <output></output></label>",
            first.min(last)
        );
        for (name, figure) in slides {
            let _ = writeln!(
                self.body,
                "<div class=\"slide\" data-name=\"{0}\"><p>{0}</p>{1}</div>",
                escaped(name),
                figure.to_svg()?
            );
        }
        let _ = writeln!(
            self.body,
            "<figcaption>{}</figcaption></figure>",
            escaped(caption)
        );
        if !self.slides {
            let _ = writeln!(self.end, "<script>\n{SCRIPT}</script>");
        }
        self.slides = true;
        Ok(self)
    }

    /// Plots, one below the other, of which the reader chooses the part to be seen: series are hidden and shown by their
    /// names, a stretch of the abscissa is dragged over or zoomed with the wheel, and numbers are told under the pointer.
    /// Ordinates follow what is seen. Where no script runs the figure stands still.
    ///
    /// # Errors
    /// As [`Figure::to_svg`].
    pub fn explorer(mut self, panels: &[PlotPanel], caption: &str) -> Result<Self> {
        let mut figure = Figure::new().columns(1).width_px(1000);
        for panel in panels {
            figure = figure.panel(panel.clone());
        }
        let _ = writeln!(
            self.body,
            "<figure class=\"explorer\">{}<script type=\"application/json\">{}</script><figcaption>{} \
             <span class=\"hint\">Drag over a stretch or turn the wheel to zoom; a double click shows all again.</span>\
             </figcaption></figure>",
            figure.to_svg()?,
            explorer::numbers(panels),
            escaped(caption)
        );
        if !self.explorers {
            let _ = writeln!(self.end, "<script>\n{}</script>", explorer::SCRIPT);
        }
        self.explorers = true;
        Ok(self)
    }

    /// The whole page.
    pub fn to_html(&self) -> String {
        let title = escaped(&self.title);
        format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n\
             <style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n{}</main>\n{}</body>\n</html>\n",
            self.body, self.end
        )
    }

    /// Writes the page, replacing `path` in one step.
    ///
    /// # Errors
    /// [`crate::Error::Write`].
    pub fn write(&self, path: impl AsRef<Path>) -> Result<()> {
        write::replace(path.as_ref(), self.to_html().as_bytes())
    }
}

/// A number, also with a true minus sign, an uncertainty (`2.54 ± 0.07`) or a percent sign.
fn is_number(text: &str) -> bool {
    text.split('±').all(|part| {
        let part = part
            .trim()
            .trim_end_matches('%')
            .trim_end()
            .replace('\u{2212}', "-");
        part.parse::<f64>().is_ok()
    })
}

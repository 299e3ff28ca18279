//! Writing the products, some rows of all planes at a time.

use super::inputs::Resolved;
use super::{DrizzleOptions, InputStatus, Products};
use crate::{Error, Progress, Result, calendar};
use firstlight_fits::{AtomicFile, FitsWriter, Header, ImageRows, Overwrite, Sample};
use firstlight_mosaic::header::{Headers, Plane, ProductNames, Provenance};
use firstlight_mosaic::{Mosaic, Rows};
use std::path::Path;

/// Where the products go.
#[derive(Debug)]
pub(super) struct Files {
    pub(super) products: Products,
    names: ProductNames,
}

impl Files {
    pub(super) fn new(resolved: &Resolved, options: &DrizzleOptions) -> Self {
        Self::named(resolved, &resolved.root, options)
    }

    /// The same with another root name.
    pub(super) fn named(resolved: &Resolved, root: &str, options: &DrizzleOptions) -> Self {
        let names = ProductNames::new(root, &resolved.suffix);
        let separate = !options.build;
        let file = |wanted: bool, name: &str| (wanted && separate).then(|| resolved.folder.join(name));
        let combined = options.driz_combine;
        let name = if options.build {
            &names.combined
        } else {
            &names.sci
        };
        let products = Products {
            sci: combined.then(|| resolved.folder.join(name)),
            wht: file(combined, &names.wht),
            ctx: file(combined && options.context, &names.ctx),
            err: file(combined && options.error, &names.err),
        };
        Self { products, names }
    }

    /// Refuses to replace what is there, and a folder that cannot be written to, before any work.
    pub(super) fn check(&self, options: &DrizzleOptions) -> Result<()> {
        let there = |path: &&Path| !options.overwrite && path.exists();
        if let Some(path) = self.products.paths().find(there) {
            return Err(Error::OutputExists {
                path: path.to_owned(),
            });
        }
        // Dropped at once, the temporary file is gone again.
        if let Some(sci) = &self.products.sci {
            AtomicFile::create(sci, Overwrite::Replace)?;
        }
        Ok(())
    }
}

/// Combines the exposures and writes the products row by row. Gives the unit of the image, and what became of each
/// input. All files are in place when all of them are complete, the image last: where it is, the others are.
pub(super) fn write(
    mosaic: &Mosaic,
    options: &DrizzleOptions,
    files: &Files,
    progress: &dyn Progress,
) -> Result<(String, Vec<InputStatus>)> {
    let provenance = provenance(options)?;
    let headers = Headers::new(mosaic, options, &files.names, &provenance);
    let (open, unit) = if options.build {
        open_one(mosaic, &headers, files, options)?
    } else {
        open_each(mosaic, &headers, files, options)?
    };
    let inputs = mosaic.combine(&|rows: &Rows| open.write(rows), &|rows| progress.advance(rows))?;
    open.finish()?;
    Ok((unit, inputs))
}

/// The files while they are written.
#[derive(Debug, Default)]
struct Open {
    /// In the order in which they are put in place.
    writers: Vec<FitsWriter>,
    sci: Option<Place<f32>>,
    wht: Option<Place<f32>>,
    err: Option<Place<f32>>,
    ctx: Option<Place<i32>>,
    ny: usize,
}

/// An image in one of the writers.
#[derive(Debug)]
struct Place<T> {
    writer: usize,
    image: ImageRows<T>,
}

impl Open {
    fn write(&self, rows: &Rows) -> Result<()> {
        self.put(&self.sci, rows.first, &rows.sci)?;
        self.put(&self.wht, rows.first, &rows.wht)?;
        if let Some(err) = &rows.err {
            self.put(&self.err, rows.first, err)?;
        }
        for (plane, bits) in rows.ctx.iter().flatten().enumerate() {
            self.put(&self.ctx, plane * self.ny + rows.first, bits)?;
        }
        Ok(())
    }

    fn put<T: Sample>(&self, place: &Option<Place<T>>, first: usize, samples: &[T]) -> Result<()> {
        let Some(place) = place else { return Ok(()) };
        match self.writers.get(place.writer) {
            Some(writer) => Ok(writer.rows(&place.image, first, samples)?),
            None => Ok(()),
        }
    }

    fn finish(self) -> Result<()> {
        for writer in self.writers {
            writer.finish()?;
        }
        Ok(())
    }
}

fn open_one(
    mosaic: &Mosaic,
    headers: &Headers,
    files: &Files,
    options: &DrizzleOptions,
) -> Result<(Open, String)> {
    let grid = mosaic.grid();
    let shape = [grid.ny, grid.nx];
    let mut writer = create(files.products.image(), options)?;
    let extensions = 3 + usize::from(options.context) + usize::from(options.error);
    writer.empty_primary(&headers.primary(extensions)?)?;
    let mut open = Open {
        ny: grid.ny,
        ..Open::default()
    };
    let place = |image| Some(Place { writer: 0, image });
    let header = headers.extension(Plane::Sci)?;
    let unit = header.text("BUNIT").unwrap_or_default();
    open.sci = place(writer.reserve_image(&header, &shape)?);
    open.wht = place(writer.reserve_image(&headers.extension(Plane::Wht)?, &shape)?);
    if options.context {
        let image = writer.reserve_image(&headers.extension(Plane::Ctx)?, &context_shape(mosaic, shape))?;
        open.ctx = Some(Place { writer: 0, image });
    }
    if options.error {
        open.err = place(writer.reserve_image(&headers.extension(Plane::Err)?, &shape)?);
    }
    let (header, table) = headers.inputs()?;
    writer.table(&header, &table)?;
    open.writers.push(writer);
    Ok((open, unit))
}

fn open_each(
    mosaic: &Mosaic,
    headers: &Headers,
    files: &Files,
    options: &DrizzleOptions,
) -> Result<(Open, String)> {
    let grid = mosaic.grid();
    let shape = [grid.ny, grid.nx];
    let mut open = Open {
        ny: grid.ny,
        ..Open::default()
    };
    let products = &files.products;
    if let Some(path) = &products.wht {
        open.wht = Some(open.add(path, &headers.file(Plane::Wht)?, &shape, options)?);
    }
    if let Some(path) = &products.ctx {
        let shape = context_shape(mosaic, shape);
        open.ctx = Some(open.add(path, &headers.file(Plane::Ctx)?, &shape, options)?);
    }
    if let Some(path) = &products.err {
        open.err = Some(open.add(path, &headers.file(Plane::Err)?, &shape, options)?);
    }
    let header = headers.file(Plane::Sci)?;
    open.sci = Some(open.add(files.products.image(), &header, &shape, options)?);
    let (table_header, table) = headers.inputs()?;
    if let Some(writer) = open.writers.last_mut() {
        writer.table(&table_header, &table)?;
    }
    Ok((open, header.text("BUNIT").unwrap_or_default()))
}

impl Open {
    /// A file of its own for one image.
    fn add<T: Sample>(
        &mut self,
        path: &Path,
        header: &Header,
        shape: &[usize],
        options: &DrizzleOptions,
    ) -> Result<Place<T>> {
        let mut writer = create(path, options)?;
        let image = writer.reserve_image(header, shape)?;
        self.writers.push(writer);
        Ok(Place {
            writer: self.writers.len() - 1,
            image,
        })
    }
}

/// One plane is an image of two axes, several are one of three.
fn context_shape(mosaic: &Mosaic, shape: [usize; 2]) -> Vec<usize> {
    match mosaic.context_planes() {
        0 | 1 => shape.to_vec(),
        planes => [&[planes], shape.as_slice()].concat(),
    }
}

fn create(path: &Path, options: &DrizzleOptions) -> Result<FitsWriter> {
    let overwrite = Overwrite::from(options.overwrite);
    Ok(FitsWriter::create(path, overwrite)?)
}

fn provenance(options: &DrizzleOptions) -> Result<Provenance> {
    let software = format!("firstlight {}", env!("CARGO_PKG_VERSION"));
    let parameters = serde_json::to_string(options).map_err(|error| Error::Usage(error.to_string()))?;
    let history = vec![format!("{software}: drizzled with the parameters"), parameters];
    Ok(Provenance {
        software,
        date: calendar::today(),
        history,
    })
}

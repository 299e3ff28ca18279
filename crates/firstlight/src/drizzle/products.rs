//! Writing the products, one plane at a time.

use super::inputs::Resolved;
use super::{DrizzleOptions, Products, calendar};
use crate::{Error, Result};
use firstlight_fits::{ArrayView, AtomicFile, FitsWriter, Header, Overwrite};
use firstlight_mosaic::Mosaic;
use firstlight_mosaic::header::{Headers, Plane, ProductNames, Provenance};
use std::path::{Path, PathBuf};

/// Where the products go.
#[derive(Debug)]
pub(super) struct Files {
    pub(super) products: Products,
    names: ProductNames,
}

impl Files {
    pub(super) fn new(resolved: &Resolved, options: &DrizzleOptions) -> Self {
        let names = ProductNames::new(&resolved.root, &resolved.suffix);
        let separate = !options.build;
        let file = |wanted: bool, name: &str| (wanted && separate).then(|| resolved.folder.join(name));
        let products = Products {
            sci: resolved.folder.join(if options.build {
                &names.combined
            } else {
                &names.sci
            }),
            wht: file(true, &names.wht),
            ctx: file(options.context, &names.ctx),
            err: file(options.error, &names.err),
        };
        Self { products, names }
    }

    /// Refuses to replace what is there, and a folder that cannot be written to, before any work.
    pub(super) fn check(&self, overwrite: bool) -> Result<()> {
        if let Some(path) = self.products.paths().find(|path| !overwrite && path.exists()) {
            return Err(Error::OutputExists {
                path: path.to_owned(),
            });
        }
        // Dropped at once, the temporary file is gone again.
        AtomicFile::create(&self.products.sci, Overwrite::Replace)?;
        Ok(())
    }
}

/// Writes the products and tells the unit of the image.
pub(super) fn write(mosaic: &mut Mosaic, options: &DrizzleOptions, files: &Files) -> Result<String> {
    let provenance = provenance(options)?;
    let headers = Headers::new(mosaic, options, &files.names, &provenance);
    if options.build {
        write_one(mosaic, &headers, files, options)
    } else {
        write_each(mosaic, &headers, files, options)
    }
}

fn write_one(mosaic: &Mosaic, headers: &Headers, files: &Files, options: &DrizzleOptions) -> Result<String> {
    let grid = mosaic.grid();
    let shape = [grid.ny, grid.nx];
    let mut writer = create(&files.products.sci, options)?;
    let extensions = 3 + usize::from(options.context) + usize::from(options.error);
    writer.empty_primary(&headers.primary(extensions)?)?;
    let header = headers.extension(Plane::Sci)?;
    let unit = header.text("BUNIT").unwrap_or_default();
    writer.image(&header, ArrayView::new(&shape, &mosaic.sci())?)?;
    writer.image(
        &headers.extension(Plane::Wht)?,
        ArrayView::new(&shape, &mosaic.wht())?,
    )?;
    if let Some(planes) = mosaic.ctx() {
        context(&mut writer, &headers.extension(Plane::Ctx)?, planes, shape)?;
    }
    if let Some(err) = mosaic.err() {
        writer.image(&headers.extension(Plane::Err)?, ArrayView::new(&shape, &err)?)?;
    }
    let (header, table) = headers.inputs()?;
    writer.table(&header, &table)?;
    writer.finish()?;
    Ok(unit)
}

fn write_each(mosaic: &Mosaic, headers: &Headers, files: &Files, options: &DrizzleOptions) -> Result<String> {
    let grid = mosaic.grid();
    let shape = [grid.ny, grid.nx];
    let write = |path: &PathBuf, header: &Header, samples: &[f32]| -> Result<()> {
        let mut writer = create(path, options)?;
        writer.image(header, ArrayView::new(&shape, samples)?)?;
        Ok(writer.finish()?)
    };
    let products = &files.products;
    if let Some(path) = &products.wht {
        write(path, &headers.file(Plane::Wht)?, &mosaic.wht())?;
    }
    if let (Some(path), Some(planes)) = (&products.ctx, mosaic.ctx()) {
        let mut writer = create(path, options)?;
        context(&mut writer, &headers.file(Plane::Ctx)?, planes, shape)?;
        writer.finish()?;
    }
    if let (Some(path), Some(err)) = (&products.err, mosaic.err()) {
        write(path, &headers.file(Plane::Err)?, &err)?;
    }
    // The image last: where it is, the others are.
    let header = headers.file(Plane::Sci)?;
    let mut writer = create(&products.sci, options)?;
    writer.image(&header, ArrayView::new(&shape, &mosaic.sci())?)?;
    let (table_header, table) = headers.inputs()?;
    writer.table(&table_header, &table)?;
    writer.finish()?;
    Ok(header.text("BUNIT").unwrap_or_default())
}

/// One plane is written as an image of two axes, several as one of three.
fn context(writer: &mut FitsWriter, header: &Header, planes: &[Vec<i32>], shape: [usize; 2]) -> Result<()> {
    if let [plane] = planes {
        return Ok(writer.image(header, ArrayView::new(&shape, plane)?)?);
    }
    let cube = [planes.len(), shape[0], shape[1]];
    Ok(writer.image(header, ArrayView::new(&cube, &planes.concat())?)?)
}

fn create(path: &Path, options: &DrizzleOptions) -> Result<FitsWriter> {
    let overwrite = if options.overwrite {
        Overwrite::Replace
    } else {
        Overwrite::Refuse
    };
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

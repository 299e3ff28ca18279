//! Stretches, colour maps, figures as PNG and SVG, report pages.

//! Drizzle: arrays and a pixel map in, accumulated image, weight and context out.

//! The steps of AstroDrizzle on exposures.

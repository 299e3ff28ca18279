//! Observations and their files, from the Mikulski Archive for Space Telescopes.

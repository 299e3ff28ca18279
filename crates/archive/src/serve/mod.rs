//! A local archive: a folder of FITS files, served as MAST and CRDS serve theirs.

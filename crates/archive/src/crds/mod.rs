//! Best references: the rules of the Calibration Reference Data System, and its cache and server.

//! The behaviour suite of Sinew

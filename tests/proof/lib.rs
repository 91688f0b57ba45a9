//! Nothing of its own: this package exists so that Cargo builds the crates that fixtures name.

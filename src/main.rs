//! The dcmscrub command.
mod cli;
fn main() {}

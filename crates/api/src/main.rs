//! The binary `bams`.

fn main() {}

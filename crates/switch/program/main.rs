//! A program that names interprocess alone. Built twice: with it, and with this crate in its place.

fn main() {}

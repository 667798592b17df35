//! Serving, tracking and what is kept of visitors, without HTTP, at times of the tests' choosing.

mod closed;
mod conversions;
mod deciding;
mod filtering;
mod quarters;
mod visitors;
mod world;

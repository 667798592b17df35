//! Serving, tracking and visitors without HTTP, at times of the tests' choice.

mod adjustments;
mod closed;
mod conversions;
mod deciding;
mod filtering;
mod limits;
mod quarters;
mod sizes;
mod visitors;
mod world;

//! What `bams serve --demo` shows: campaigns, banners, performance and images,
//! all made up by the program and the same at every start.

pub(crate) mod banner_image;
mod canvas;
mod lettering;
mod numbers;
mod plan;
mod store;
pub(crate) mod world;

pub(crate) use store::Demo;

//! What `bams serve --demo` shows: campaigns, banners, performance and images, all made up by the
//! program and the same at every start.
//!
//! ```no_run
//! use bams_demo::Demo;
//! use bams_storage::{Database, Imports};
//!
//! # async fn begin(now: i64) -> Result<(), Box<dyn std::error::Error>> {
//! let demo = Demo::begin()?;
//! let database = Database::connect(&demo.database_url(), 4).await?;
//! database.migrate().await?;
//! let imports = Imports::new(database.clone(), |banner| format!("picture_{banner}.png"));
//! let shop = |campaign: &str, product: &str| format!("https://shop.example/{campaign}/{product}");
//! demo.fill(&database, &imports, now, shop).await?;
//! # Ok(())
//! # }
//! ```
#![warn(clippy::unwrap_used)]

mod achievement;
mod banner_image;
mod canvas;
mod history;
mod hour_files;
mod lettering;
mod numbers;
mod plan;
mod store;
mod world;

pub use store::{Demo, DemoError};

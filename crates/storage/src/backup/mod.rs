//! Whole SQLite stores as files: copying one while it is written, and putting a copy in the place
//! of another.

mod copy;
mod error;
mod replaced;
mod restored;
mod store_file;

pub use copy::copy_store;
pub use error::StoreFileError;
pub use replaced::ReplacedStore;
pub use restored::make_ready;
pub use store_file::{StoreSummary, can_work_on, sqlite_file};

//! The order of lists.

/// What campaigns and banners can be listed by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CatalogSort {
    /// By number.
    Id,
    /// By name, as bytes.
    Name,
    /// By when it was made.
    CreatedAt,
    /// By when it was last changed.
    UpdatedAt,
}

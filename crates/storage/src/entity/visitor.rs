//! The preferences of a visitor.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "visitors")]
pub struct Model {
    /// The 16 bytes of the visitor's UUID.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Binary(16)")]
    pub id: Vec<u8>,
    /// JSON, empty for a visitor without any. Null tells every node to forget the visitor.
    #[sea_orm(column_type = "Text", nullable)]
    pub preferences: Option<String>,
    pub revision: i64,
    pub expires_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

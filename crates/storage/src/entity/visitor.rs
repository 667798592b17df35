//! What visitors asked for.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "visitors")]
pub struct Model {
    /// The 16 bytes of the visitor's UUID.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Binary(16)")]
    pub id: Vec<u8>,
    /// JSON; empty is a visitor without any, null one whom every node has yet to forget.
    #[sea_orm(column_type = "Text", nullable)]
    pub preferences: Option<String>,
    pub revision: i64,
    pub expires_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

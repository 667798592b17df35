//! A campaign: banners that are sold together, and what a page asks for.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "campaigns")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub name: String,
    pub status: String,
    pub starts_at: Option<i64>,
    pub ends_at: Option<i64>,
    pub policy: String,
    pub page_size: Option<i32>,
    pub tags: String,
    pub notes: String,
    pub version: i64,
    pub created_at: i64,
    pub updated_at: i64,
    pub status_since: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

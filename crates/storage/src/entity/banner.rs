//! A banner: one creative that can be shown.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "banners")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub name: String,
    pub status: String,
    pub landing_url: Option<String>,
    pub alt: String,
    pub width: Option<i32>,
    pub height: Option<i32>,
    pub tags: String,
    pub image_key: Option<String>,
    pub image_media_type: Option<String>,
    pub image_bytes: Option<i64>,
    pub version: i64,
    pub created_at: i64,
    pub updated_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

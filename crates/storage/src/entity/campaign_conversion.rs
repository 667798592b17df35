//! Conversions, by the advertiser's id within the campaign of the click.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "campaign_conversions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub campaign_id: i64,
    pub banner_id: i64,
    pub click_id: String,
    pub slot: i64,
    pub revenue_micros: i64,
    pub first_revenue_micros: i64,
    pub retracted_at: Option<i64>,
    pub import_id: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

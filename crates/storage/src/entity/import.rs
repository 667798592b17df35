//! A file that waits to be booked, was booked or was refused.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "imports")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub state: String,
    pub kind: String,
    pub quarter: Option<i32>,
    pub file_name: String,
    pub sha256: Option<String>,
    pub identity: Option<String>,
    pub dry_run: bool,
    pub bytes: i64,
    pub rows: i64,
    pub accepted: i64,
    pub duplicates: i64,
    pub rejected: i64,
    #[sea_orm(column_type = "Text")]
    pub errors: String,
    pub failure: Option<String>,
    pub failure_message: Option<String>,
    pub duplicate_of: Option<i64>,
    pub created_at: i64,
    pub finished_at: Option<i64>,
    #[sea_orm(column_type = "Text", nullable)]
    pub notices: Option<String>,
    pub mends: Option<i64>,
    #[sea_orm(column_type = "Text", nullable)]
    pub header: Option<String>,
    pub accepted_sha256: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub rejected_lines: Option<String>,
    pub reverted_at: Option<i64>,
    pub reverted_by: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

//! Every route, one file a resource.

pub(crate) mod attachments;
pub(crate) mod audit;
pub(crate) mod banners;
pub(crate) mod campaigns;
pub(crate) mod conversions;
pub(crate) mod demo_shop;
pub(crate) mod embed;
pub(crate) mod health;
pub(crate) mod imports;
pub(crate) mod keys;
pub(crate) mod media;
pub(crate) mod metrics;
pub(crate) mod mount;
pub(crate) mod problems;
pub(crate) mod ranking;
pub(crate) mod reports;
pub(crate) mod serve;
pub(crate) mod swagger_ui;
pub(crate) mod tracking;
pub(crate) mod visitors;

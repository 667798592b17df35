//! Forms that create and change campaigns and banners.

mod attach;
mod banner;
mod campaign;
mod images;
mod problems;

pub(super) use self::attach::{attach, detach, show as show_attached};
pub(super) use self::banner::{edit as edit_banner, save as save_banner};
pub(super) use self::campaign::{
    create as create_campaign, edit as edit_campaign, new as new_campaign, save as save_campaign,
};
pub(super) use self::images::{create as create_banners, new as new_banners, upload};

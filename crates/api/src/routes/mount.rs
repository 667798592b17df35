//! Every route, once: the server serves them and the document describes them.

use utoipa_actix_web::scope;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    attachments, audit, banners, campaigns, conversions, embed, health, imports, keys, media,
    metrics, ranking, reports, serve, tracking, visitors,
};

/// Mounts every documented route.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    // Routes are tried in this order, and a scope costs each request a box more.
    config
        .service(serve::serve_campaign)
        .service(tracking::record_impression)
        .service(tracking::record_click)
        .service(
            scope("/api/v1")
                .service(serve::placements::create_decisions)
                .service(visitors::read_visitor)
                .service(visitors::replace_preferences)
                .service(visitors::forget_visitor)
                .service(campaigns::list_campaigns)
                .service(campaigns::create_campaign)
                .service(campaigns::copy_campaign)
                .service(campaigns::read_campaign)
                .service(campaigns::change_campaign)
                .service(campaigns::archive_campaign)
                .service(attachments::list_campaign_banners)
                .service(attachments::attach_banners)
                .service(attachments::detach_banners)
                .service(attachments::read_campaign_banner)
                .service(attachments::attach_banner)
                .service(attachments::detach_banner)
                .service(ranking::read_ranking)
                .service(reports::read_performance_report)
                .service(conversions::create_conversions)
                .service(conversions::adjustments::restate_conversion)
                .service(conversions::adjustments::retract_conversion)
                .service(banners::list_banners)
                .service(banners::create_banner)
                .service(banners::read_banner)
                .service(banners::change_banner)
                .service(banners::archive_banner)
                .service(banners::replace_banner_image)
                .service(banners::create_image_upload)
                .service(banners::complete_image_upload)
                .service(keys::list_keys)
                .service(keys::create_key)
                .service(keys::read_key)
                .service(keys::revoke_key)
                .service(audit::list_changes)
                .service(audit::revert_change)
                .service(imports::create_import)
                .service(imports::list::list_imports)
                .service(imports::read_import)
                .service(imports::read_rejected_rows)
                .service(imports::revert_import),
        )
        .service(conversions::postback::record_postback)
        .service(embed::read_embed_script)
        .service(embed::serve_campaign_page)
        .service(serve::older_clients::serve_campaign_images)
        .service(imports::upload_csv)
        .service(media::read_image)
        .service(metrics::read_metrics)
        .service(health::read_liveness)
        .service(health::read_readiness);
}

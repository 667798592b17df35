//! The pages and their addresses. None of them is in the document.

use actix_web::dev::HttpServiceFactory;
use actix_web::http::header::LOCATION;
use actix_web::middleware::from_fn;
use actix_web::web::{self, ServiceConfig};
use actix_web::{FromRequest, Handler, HttpResponse, Resource, Responder};

use super::{
    asset_files, banner, banners, campaign, campaigns, figures_file, forms, imports, overview,
    preview, report, same_origin, settings, sign_in, undo,
};
use crate::problem::ApiError;

/// The methods of an address that is only read.
const READ: &str = "GET, HEAD";

/// The methods of an address that takes a form, too.
const BOTH: &str = "GET, HEAD, POST";

/// Mounts every page.
pub(crate) fn mount(config: &mut ServiceConfig) {
    config.service(
        web::resource("/").route(web::get().to(lead_there)).default_service(refused(READ)),
    );
    config.service(pages());
    config.service(read("/shared/{token}", report::shared));
}

fn pages() -> impl HttpServiceFactory {
    web::scope("/dashboard")
        .wrap(from_fn(same_origin::check))
        .service(read("", lead_there))
        .service(read("/", overview::show))
        .service(read("/assets/{name}", asset_files::read))
        .service(both("/sign-in", sign_in::show, sign_in::sign_in))
        .service(take("/sign-out", sign_in::sign_out))
        .service(take("/look", sign_in::look))
        .service(read("/campaigns", campaigns::show))
        .service(both("/campaigns/new", forms::new_campaign, forms::create_campaign))
        .service(read("/campaigns/{id}", campaign::show))
        .service(both("/campaigns/{id}/edit", forms::edit_campaign, forms::save_campaign))
        .service(both("/campaigns/{id}/report", report::show, report::share))
        .service(take("/campaigns/{id}/status", campaign::set_status))
        .service(take("/campaigns/{id}/copy", campaign::copy))
        .service(take("/campaigns/{id}/resume", campaign::resume))
        .service(read("/campaigns/{id}/banners", forms::show_attached))
        .service(take("/campaigns/{id}/attach", forms::attach))
        .service(take("/campaigns/{id}/detach", forms::detach))
        .service(take("/campaigns/{id}/upload", forms::upload))
        .service(take("/campaigns/{id}/banners/{banner}/status", campaign::attach_status))
        .service(read("/banners", banners::show))
        .service(both("/banners/new", forms::new_banners, forms::create_banners))
        .service(read("/banners/{id}", banner::show))
        .service(both("/banners/{id}/edit", forms::edit_banner, forms::save_banner))
        .service(take("/banners/{id}/status", banner::set_status))
        .service(take("/banners/{id}/image", banner::replace_image))
        .service(read("/performance", figures_file::read))
        .service(read("/preview", preview::show))
        .service(both("/imports", imports::show, imports::upload))
        .service(read("/imports/{id}", imports::show_one))
        .service(read("/imports/{id}/rejected", imports::rejected_rows))
        .service(take("/imports/{id}/revert", imports::revert))
        .service(read("/settings", settings::show))
        .service(take("/settings/keys", settings::create))
        .service(both("/settings/keys/{id}/revoke", settings::ask_to_revoke, settings::revoke))
        .service(take("/settings/shared/{id}/revoke", report::revoke))
        .service(take("/audit/{id}/revert", undo::revert))
}

/// Mounts an address that is read.
fn read<F, Args>(path: &str, show: F) -> Resource
where
    F: Handler<Args, Output: Responder + 'static>,
    Args: FromRequest + 'static,
{
    web::resource(path).route(web::get().to(show)).default_service(refused(READ))
}

/// Mounts an address that takes a form.
fn take<F, Args>(path: &str, act: F) -> Resource
where
    F: Handler<Args, Output: Responder + 'static>,
    Args: FromRequest + 'static,
{
    web::resource(path).route(web::post().to(act)).default_service(refused("POST"))
}

/// Mounts an address that is read and takes a form.
fn both<F, G, Args, Others>(path: &str, show: F, act: G) -> Resource
where
    F: Handler<Args, Output: Responder + 'static>,
    G: Handler<Others, Output: Responder + 'static>,
    Args: FromRequest + 'static,
    Others: FromRequest + 'static,
{
    web::resource(path)
        .route(web::get().to(show))
        .route(web::post().to(act))
        .default_service(refused(BOTH))
}

/// Refuses a method, and says which ones there are.
fn refused(allow: &'static str) -> actix_web::Route {
    web::to(move || async move {
        Err::<HttpResponse, _>(ApiError::MethodNotAllowed { allow: allow.to_owned() })
    })
}

async fn lead_there() -> HttpResponse {
    HttpResponse::Found().insert_header((LOCATION, "/dashboard/")).finish()
}

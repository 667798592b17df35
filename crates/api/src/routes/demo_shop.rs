//! Where the demo's banners lead: a shop that needs no internet.

use actix_web::HttpResponse;
use actix_web::http::header::ContentType;
use actix_web::web::{self, Data, Path, Query, ServiceConfig};
use serde::Deserialize;

use crate::paths;
use crate::problem::ApiError;

const PAGE: &str = include_str!("demo_shop.html");

/// The longest name of a product or a click in the page's address.
const LONGEST: usize = 64;

/// How the outside world reaches the demo.
#[derive(Clone)]
struct Address(String);

#[derive(Deserialize)]
struct Click {
    click_id: String,
}

/// Mounts the shop of a demo that is reached at `public_url`.
pub(crate) fn mount(config: &mut ServiceConfig, public_url: &str) {
    config
        .app_data(Data::new(Address(public_url.to_owned())))
        .service(web::resource(paths::DEMO_PRODUCT).get(show));
}

/// Returns the landing URL of a product.
pub(crate) fn url(public_url: &str, campaign: &str, product: &str) -> String {
    let path = paths::of(&paths::of(paths::DEMO_PRODUCT, campaign), product);
    format!("{public_url}{path}?click_id={{click_id}}")
}

/// Answers the page of a product. Only letters that need no escaping in HTML, a shell or JSON reach
/// it.
async fn show(
    path: Path<(String, String)>,
    query: Query<Click>,
    address: Data<Address>,
) -> Result<HttpResponse, ApiError> {
    let (_, product) = path.into_inner();
    let plain = |it: &str| {
        it.len() <= LONGEST && it.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-')
    };
    if !plain(&product) || !plain(&query.click_id) {
        return Err(ApiError::NoSuchRoute);
    }
    let page = PAGE
        .replace("{product}", &product.replace('-', " "))
        .replace("{click_id}", &query.click_id)
        .replace("{address}", &address.0);
    Ok(HttpResponse::Ok().content_type(ContentType::html()).body(page))
}

//! The answer to an unmatched request: 405 with `Allow` if another method would do, the way to the
//! address with a slash at its end if there is only that one, else 404.

use actix_web::dev::ResourceDef;
use actix_web::http::Method;
use actix_web::http::header::LOCATION;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use utoipa::openapi::OpenApi;

use crate::paths;
use crate::problem::ApiError;

/// The methods of each path.
pub(crate) struct Methods {
    paths: Vec<(ResourceDef, String)>,
}

impl Methods {
    /// Reads them from the document. Only pages beside it have a list.
    pub(crate) fn of(document: &OpenApi) -> Self {
        let paths = document.paths.paths.iter().map(|(path, item)| {
            let takes = [
                (item.get.is_some(), "GET, HEAD"),
                (item.post.is_some(), "POST"),
                (item.put.is_some(), "PUT"),
                (item.patch.is_some(), "PATCH"),
                (item.delete.is_some(), "DELETE"),
            ];
            let methods: Vec<&str> = takes.iter().filter(|it| it.0).map(|it| it.1).collect();
            // The document cannot say that a key contains slashes.
            let pattern = path.replace("{key}", "{key:.+}");
            (ResourceDef::new(pattern), methods.join(", "))
        });
        let pages =
            paths::PAGES.iter().map(|path| (ResourceDef::new(*path), "GET, HEAD".to_owned()));
        Self { paths: paths.chain(pages).collect() }
    }

    fn of_path(&self, path: &str) -> Option<&str> {
        let found = self.paths.iter().find(|(pattern, _)| pattern.is_match(path));
        found.map(|(_, methods)| methods.as_str())
    }
}

/// Answers a request that no route took.
pub(crate) async fn answer(
    request: HttpRequest,
    methods: Data<Methods>,
) -> Result<HttpResponse, ApiError> {
    let path = request.path();
    let with_slash = format!("{path}/");
    let known = methods.of_path(path);
    match known.or_else(|| methods.of_path(&with_slash)) {
        Some(allow) if request.method() == Method::OPTIONS => {
            Ok(HttpResponse::NoContent().insert_header(("allow", allow)).finish())
        }
        Some(allow) if !takes(allow, request.method()) => {
            Err(ApiError::MethodNotAllowed { allow: allow.to_owned() })
        }
        Some(_) if known.is_none() => Ok(lead_to(with_slash, request.query_string())),
        _ => Err(ApiError::NoSuchRoute),
    }
}

/// Leads to another address, with the same method, body and query.
fn lead_to(path: String, query: &str) -> HttpResponse {
    let address = if query.is_empty() { path } else { format!("{path}?{query}") };
    HttpResponse::TemporaryRedirect().insert_header((LOCATION, address)).finish()
}

fn takes(allow: &str, method: &Method) -> bool {
    allow.split(", ").any(|allowed| allowed == method.as_str())
}

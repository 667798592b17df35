//! Which role each operation needs: one table, read from the document that describes them.

use std::collections::HashMap;

use actix_web::HttpRequest;
use actix_web::http::Method;
use bams_storage::Role;
use utoipa::openapi::OpenApi;

/// The roles that the document declares in `security`, by method and path.
pub(crate) struct Access {
    roles: HashMap<(Method, String), Role>,
}

impl Access {
    /// Reads the table from the document. An operation that declares no role is in no table, so
    /// that asking for a key there refuses everybody.
    pub(crate) fn of(document: &OpenApi) -> Self {
        let document = serde_json::to_value(document).unwrap_or_default();
        let mut roles = HashMap::new();
        for (path, operations) in document["paths"].as_object().into_iter().flatten() {
            for (method, operation) in operations.as_object().into_iter().flatten() {
                let role = operation["security"][0]["key"][0].as_str();
                let method = Method::from_bytes(method.to_uppercase().as_bytes());
                if let (Some(Ok(role)), Ok(method)) = (role.map(str::parse), method) {
                    roles.insert((method, path.clone()), role);
                }
            }
        }
        Self { roles }
    }

    /// The role that the operation a request was routed to needs.
    pub(crate) fn needed(&self, request: &HttpRequest) -> Option<Role> {
        let path = request.match_pattern()?;
        self.roles.get(&(request.method().clone(), path)).copied()
    }
}

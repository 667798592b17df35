//! The requirements of each operation behind a key: a table that is read from the document.

use std::collections::HashMap;

use actix_web::HttpRequest;
use actix_web::http::Method;
use bams_storage::Role;
use utoipa::openapi::OpenApi;

/// The requirements of operations with a role in `security`, by method and path.
pub(crate) struct Access {
    operations: HashMap<(Method, String), Needs>,
}

/// The requirements of an operation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Needs {
    /// The lowest role that is sufficient.
    pub(crate) role: Role,
    /// True if it has parameters in the query string.
    pub(crate) query: bool,
}

impl Access {
    /// Reads the table from the document. An operation without a role is missing in it, so that
    /// asking for a key there refuses everybody.
    pub(crate) fn of(document: &OpenApi) -> Self {
        let document = serde_json::to_value(document).unwrap_or_default();
        let mut table = HashMap::new();
        for (path, operations) in document["paths"].as_object().into_iter().flatten() {
            for (method, operation) in operations.as_object().into_iter().flatten() {
                let role = operation["security"][0]["key"][0].as_str();
                let method = Method::from_bytes(method.to_uppercase().as_bytes());
                let parameters = operation["parameters"].as_array().into_iter().flatten();
                let query = parameters.into_iter().any(|parameter| parameter["in"] == "query");
                if let (Some(Ok(role)), Ok(method)) = (role.map(str::parse), method) {
                    table.insert((method, path.clone()), Needs { role, query });
                }
            }
        }
        Self { operations: table }
    }

    /// Returns the requirements of the operation to which a request was routed.
    pub(crate) fn needed(&self, request: &HttpRequest) -> Option<Needs> {
        let path = request.match_pattern()?;
        self.operations.get(&(request.method().clone(), path)).copied()
    }
}

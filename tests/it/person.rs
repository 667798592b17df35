//! Somebody who manages things over HTTP.

use bams_tests::reqwest::{Method, RequestBuilder};
use bams_tests::{Answer, Ask, Bams};
use serde_json::{Value, json};

use crate::given::number;

/// Somebody with a key.
pub(crate) struct Person<'a> {
    pub(crate) bams: &'a Bams,
    pub(crate) key: String,
}

impl<'a> Person<'a> {
    pub(crate) fn new(bams: &'a Bams, role: &str) -> Self {
        Self { bams, key: bams.key(role) }
    }

    pub(crate) fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        self.bams.request(method, &format!("/api/v1{path}")).bearer_auth(&self.key)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path).answer().await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.ask(Method::POST, path).json(&body).answer().await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.ask(Method::PATCH, path).json(&body).answer().await
    }

    /// A new campaign's path.
    pub(crate) async fn campaign(&self, name: &str) -> String {
        let created = self.post("/campaigns", json!({ "name": name })).await;
        let id = number(&created.expect(201)["id"]);
        assert_eq!(created.header("location"), format!("/api/v1/campaigns/{id}"));
        format!("/campaigns/{id}")
    }
}

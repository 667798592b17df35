//! The dashboard, as programs can try it: sessions, pages, forms.

mod banners;
mod browser;
mod campaigns;
mod figures;
mod filled;
mod first_steps;
mod imports;
mod mounted;
mod pages;
mod reports;
mod roles;
mod settings;
mod sign_in;

use bams_tests::reqwest::multipart::Form;
use bams_tests::reqwest::{Method, RequestBuilder};
use bams_tests::{Answer, Ask, Bams};

/// Somebody with a session.
pub(crate) struct Visit<'a> {
    pub(crate) bams: &'a Bams,
    pub(crate) cookie: String,
}

impl<'a> Visit<'a> {
    /// Signs in with a new key of a role.
    pub(crate) async fn of(bams: &'a Bams, role: &str) -> Self {
        Self::with(bams, &bams.key(role)).await
    }

    /// Signs in with a key.
    pub(crate) async fn with(bams: &'a Bams, key: &str) -> Self {
        let answer = sign_in(bams, &[("key", key)]).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        let token = answer.cookie("bams_session").expect("a session");
        Self { bams, cookie: format!("bams_session={token}") }
    }

    /// A request as a browser sends it.
    pub(crate) fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        self.bams
            .request(method, path)
            .header("cookie", &self.cookie)
            .header("accept", "text/html")
            .header("sec-fetch-site", "same-origin")
    }

    /// The answer to a GET.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path).answer().await
    }

    /// A page's text.
    pub(crate) async fn page(&self, path: &str) -> String {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.text()
    }

    /// Sends a form.
    pub(crate) async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.ask(Method::POST, path).form(fields).answer().await
    }

    /// Sends a form that leads on, and returns where to.
    pub(crate) async fn led(&self, path: &str, fields: &[(&str, &str)]) -> String {
        let answer = self.submit(path, fields).await;
        assert_eq!(answer.status, 303, "{path}: {}", answer.text());
        answer.header("location").to_owned()
    }

    /// Sends a form with files.
    pub(crate) async fn upload(&self, path: &str, form: Form) -> Answer {
        self.ask(Method::POST, path).multipart(form).answer().await
    }
}

/// Sends the form for signing in.
pub(crate) async fn sign_in(bams: &Bams, fields: &[(&str, &str)]) -> Answer {
    let form = bams.post("/dashboard/sign-in").header("sec-fetch-site", "same-origin");
    form.header("accept", "text/html").form(fields).answer().await
}

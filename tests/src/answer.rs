//! What the server answered, read to its end.

use reqwest::RequestBuilder;
use reqwest::header::HeaderMap;
use serde_json::Value;

/// A whole answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// Sends a request; fails when the server does not answer completely.
    pub async fn to(request: RequestBuilder) -> Result<Self, reqwest::Error> {
        let response = request.send().await?;
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let body = response.bytes().await?.to_vec();
        Ok(Self { status, headers, body })
    }

    /// Returns a header's value; empty when it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|it| it.to_str().ok()).unwrap_or_default()
    }

    /// Returns the body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Returns the body as JSON; panics and shows the answer when it is none.
    pub fn json(&self) -> Value {
        let json = serde_json::from_slice(&self.body);
        json.unwrap_or_else(|error| panic!("{error}: {} {}", self.status, self.text()))
    }

    /// Asserts the status, and returns the answer's JSON (null for an empty body).
    #[track_caller]
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        if self.body.is_empty() { Value::Null } else { self.json() }
    }

    /// Asserts that this is a problem (RFC 9457) of that status, and returns it.
    #[track_caller]
    pub fn problem(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.text());
        let problem = self.json();
        assert_eq!(problem["status"], status, "{problem}");
        for field in ["type", "title", "code"] {
            assert!(problem[field].is_string(), "a problem without {field}: {problem}");
        }
        problem
    }

    /// Returns the value the answer gives a cookie, if it sets it.
    pub fn cookie(&self, name: &str) -> Option<String> {
        let cookies = self.headers.get_all("set-cookie").iter();
        cookies.filter_map(|it| it.to_str().ok()).find_map(|it| {
            let (key, value) = it.split(';').next()?.split_once('=')?;
            (key == name).then(|| value.to_owned())
        })
    }
}

/// Sends a request that a test is sure to get an answer to.
pub trait Ask {
    /// Returns the whole answer; panics when there is none.
    fn answer(self) -> impl Future<Output = Answer> + Send;
}

impl Ask for RequestBuilder {
    async fn answer(self) -> Answer {
        Answer::to(self).await.unwrap_or_else(|error| panic!("no answer: {error:?}"))
    }
}

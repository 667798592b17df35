//! Lists that are read page by page.

use std::borrow::Cow;

use actix_web::http::header::{ContentType, LINK};
use actix_web::{HttpRequest, HttpResponse};
use bams_storage::{After, ListPage, PageRequest, SortValue};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde_json::{Value, json};

use super::list::{LARGEST, LONGEST_CURSOR, List, ListOrder, Listed, USUAL};
use crate::extract::query::Params;
use crate::words::Words;

/// What a list of `T` is sorted by.
type Sort<T> = <<T as Listed>::Order as ListOrder>::Sort;

/// Characters with a meaning in a query (RFC 3986, 2.3), which are percent-encoded.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

impl Params {
    /// Takes `limit`, `cursor` and `sort` for a page of a list.
    pub(crate) fn page<T: Listed>(&mut self) -> PageRequest<Sort<T>> {
        let limit = self.number("limit", 1..=LARGEST).unwrap_or(USUAL);
        let usual = || T::Order::words()[usize::from(T::LARGEST_FIRST)].1;
        let (sort, descending) = self.word::<T::Order>("sort").unwrap_or_else(usual);
        let after = self.cursor(&sort_name::<T::Order>(sort, descending));
        PageRequest { sort, descending, after, limit: limit.into() }
    }

    fn cursor(&mut self, sort: &str) -> Option<After> {
        let text = self.text("cursor", 1..=LONGEST_CURSOR)?;
        let after = decoded(&text, sort);
        if after.is_none() {
            let detail = "`cursor` is the `next_cursor` of a list with the same `sort`";
            self.refuse("cursor", "invalid_cursor", detail);
        }
        after
    }
}

/// Returns the word for an order.
fn sort_name<O: ListOrder>(sort: O::Sort, descending: bool) -> Cow<'static, str> {
    let word = O::words().into_iter().find(|(_, order)| *order == (sort, descending));
    word.map(|it| it.0).unwrap_or_default()
}

fn encoded(after: &After, sort: &str) -> String {
    let value = |value: &SortValue| match value {
        SortValue::Number(number) => Value::from(*number),
        SortValue::Text(text) => Value::from(text.as_str()),
    };
    let cursor = json!([sort, value(&after.value), value(&after.id)]);
    BASE64_URL_SAFE_NO_PAD.encode(cursor.to_string())
}

fn decoded(text: &str, sort: &str) -> Option<After> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
    let (of_sort, value, id): (String, Value, Value) = serde_json::from_slice(&bytes).ok()?;
    let value_of = |value: Value| match value {
        Value::String(text) => Some(SortValue::Text(text)),
        Value::Number(number) => number.as_i64().map(SortValue::Number),
        _ => None,
    };
    (of_sort == sort).then_some(After { value: value_of(value)?, id: value_of(id)? })
}

/// Answers a page, with the address of the next one in `Link`.
pub(crate) fn answer<T: Listed + Serialize, K>(
    request: &HttpRequest,
    page: ListPage<K>,
    asked: &PageRequest<Sort<T>>,
    present: impl FnMut(K) -> T,
) -> HttpResponse {
    let sort = sort_name::<T::Order>(asked.sort, asked.descending);
    let next_cursor = page.next.as_ref().map(|it| encoded(it, &sort));
    let items = page.items.into_iter().map(present).collect();
    let mut response = HttpResponse::Ok();
    if let Some(cursor) = &next_cursor {
        response.insert_header((LINK, next_link(request, cursor)));
    }
    response.insert_header(ContentType::json());
    response.json(List { items, next_cursor })
}

/// Returns the value of `Link` for the next page: the same address with another cursor.
pub(crate) fn next_link(request: &HttpRequest, cursor: &str) -> String {
    let mut query = String::new();
    for pair in request.query_string().split('&').filter(|pair| !pair.is_empty()) {
        if !pair.starts_with("cursor=") {
            query.push_str(pair);
            query.push('&');
        }
    }
    let cursor = utf8_percent_encode(cursor, RESERVED);
    format!("<{}?{query}cursor={cursor}>; rel=\"next\"", request.path())
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn the_next_page_is_at_the_same_address_with_another_cursor() {
        for (asked, expected) in [
            ("/api/v1/keys", "</api/v1/keys?cursor=a-_b>; rel=\"next\""),
            ("/a?limit=2&cursor=x&&sort=-id", "</a?limit=2&sort=-id&cursor=a-_b>; rel=\"next\""),
        ] {
            let request = TestRequest::get().uri(asked).to_http_request();
            assert_eq!(next_link(&request, "a-_b"), expected);
        }
        let request = TestRequest::get().uri("/a").to_http_request();
        assert_eq!(next_link(&request, "1&b>"), "</a?cursor=1%26b%3E>; rel=\"next\"");
    }

    #[test]
    fn a_cursor_goes_on_where_it_was_made_and_nowhere_else() {
        let after = After { value: SortValue::Text("Ä \"b\"".into()), id: SortValue::Number(7) };
        let cursor = encoded(&after, "-name");
        assert_eq!(decoded(&cursor, "-name"), Some(after));
        assert_eq!(decoded(&cursor, "name"), None);
        for junk in ["", "x", "e30", "W10", "WzEsMiwzXQ", &cursor[1..]] {
            assert_eq!(decoded(junk, "-name"), None, "{junk}");
        }
    }
}

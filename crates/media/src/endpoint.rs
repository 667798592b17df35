//! Which host and path a bucket has.

use std::net::IpAddr;

use crate::MediaError;

/// The address of one bucket: where its server is and where its name goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BucketAddress {
    /// Scheme, host and perhaps port and path, without a slash at the end.
    pub(crate) endpoint: String,
    /// Whether the path begins with the bucket; else the host does.
    pub(crate) bucket_in_path: bool,
}

impl BucketAddress {
    /// The address of a bucket on AWS, or on another server when an endpoint is given.
    ///
    /// The bucket goes into the host unless `path_style` is asked for or it
    /// cannot: the server's host is a number, or the bucket's name is no host
    /// name or, on https, has dots, which no wildcard certificate covers.
    pub(crate) fn new(
        bucket: &str,
        region: &str,
        endpoint: Option<&str>,
        path_style: bool,
    ) -> Result<Self, MediaError> {
        let (scheme, host, path) = match endpoint.map(str::trim).filter(|it| !it.is_empty()) {
            Some(endpoint) => parse(endpoint)?,
            None => ("https", aws_host(region), ""),
        };
        let bucket_in_path = path_style || is_number(&host) || !fits_host(bucket, scheme);
        let endpoint = if bucket_in_path {
            format!("{scheme}://{host}{path}")
        } else {
            format!("{scheme}://{bucket}.{host}{path}")
        };
        Ok(Self { endpoint, bucket_in_path })
    }
}

fn aws_host(region: &str) -> String {
    let suffix = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
    format!("s3.{region}.{suffix}")
}

/// Scheme, host with port, and path. The host is written as clients will send
/// it, since it is signed: in lower case, without the scheme's own port.
fn parse(endpoint: &str) -> Result<(&'static str, String, &str), MediaError> {
    let malformed =
        |reason| MediaError::MalformedEndpoint { endpoint: endpoint.to_owned(), reason };
    let (scheme, rest) = match endpoint.split_once("://") {
        None => ("https", endpoint),
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => ("https", rest),
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => ("http", rest),
        Some(_) => return Err(malformed("only http and https are understood")),
    };
    let rest = rest.trim_end_matches('/');
    if rest.contains(['?', '#', '@', '\\']) || rest.contains(char::is_whitespace) {
        return Err(malformed("it is more than scheme, host, port and path"));
    }
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let own_port = if scheme == "https" { ":443" } else { ":80" };
    let host = host.strip_suffix(own_port).unwrap_or(host).to_ascii_lowercase();
    if host.is_empty() || host.starts_with(':') {
        return Err(malformed("the host is missing"));
    }
    Ok((scheme, host, path))
}

fn is_number(host: &str) -> bool {
    let name = host.split(':').next().unwrap_or(host);
    host.starts_with('[') || name.parse::<IpAddr>().is_ok()
}

fn fits_host(bucket: &str, scheme: &str) -> bool {
    let label = |it: &str| {
        !it.is_empty()
            && !it.starts_with('-')
            && !it.ends_with('-')
            && it.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-')
    };
    bucket.split('.').all(label) && (scheme == "http" || !bucket.contains('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(bucket: &str, endpoint: &str, path_style: bool) -> String {
        let address = BucketAddress::new(bucket, "eu-west-1", Some(endpoint), path_style).unwrap();
        let style = if address.bucket_in_path { "path" } else { "host" };
        format!("{style} {}", address.endpoint)
    }

    #[test]
    fn the_bucket_stands_in_the_host_where_it_can() {
        assert_eq!(address("ads", "", false), "host https://ads.s3.eu-west-1.amazonaws.com");
        assert_eq!(address("ads", "", true), "path https://s3.eu-west-1.amazonaws.com");
        assert_eq!(address("a.b", "", false), "path https://s3.eu-west-1.amazonaws.com");
        assert_eq!(address("a.b", "http://s3.lan", false), "host http://a.b.s3.lan");
        assert_eq!(address("Ads_1", "http://s3.lan", false), "path http://s3.lan");
        assert_eq!(address("ads", "http://127.0.0.1:9000", false), "path http://127.0.0.1:9000");
        assert_eq!(address("ads", "http://[::1]:9000", false), "path http://[::1]:9000");
    }

    #[test]
    fn china_has_its_own_domain() {
        let address = BucketAddress::new("ads", "cn-north-1", None, false).unwrap();
        assert_eq!(address.endpoint, "https://ads.s3.cn-north-1.amazonaws.com.cn");
    }

    #[test]
    fn an_endpoint_is_written_as_clients_will_send_it() {
        let check = |endpoint, expected: &str| {
            assert_eq!(address("ads", endpoint, true), format!("path {expected}"));
        };
        check("s3.lan:9000", "https://s3.lan:9000");
        check("http://s3.lan///", "http://s3.lan");
        check("HTTPS://S3.Lan:443/", "https://s3.lan");
        check("http://s3.lan:80", "http://s3.lan");
        check("http://s3.lan:443", "http://s3.lan:443");
        check("https://lan/storage/s3/", "https://lan/storage/s3");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for endpoint in
            ["ftp://s3.lan", "https://", "https://:9000", "u:p@s3.lan", "s3.lan?x", "a b"]
        {
            let refused = BucketAddress::new("ads", "eu-west-1", Some(endpoint), true);
            assert!(matches!(refused, Err(MediaError::MalformedEndpoint { .. })), "{endpoint}");
        }
    }
}

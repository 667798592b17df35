//! The host and the path of a bucket.

use std::net::IpAddr;

use crate::MediaError;

/// The address of one bucket: that of its server, and the place of the bucket's name in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BucketAddress {
    /// Scheme, host and perhaps port and path, without a slash at the end.
    pub(crate) endpoint: String,
    /// True if the path begins with the bucket, false if the host does.
    pub(crate) bucket_in_path: bool,
}

impl BucketAddress {
    /// Returns the address of a bucket on AWS, or on another server if there is an endpoint.
    ///
    /// The bucket goes into the host unless `path_style` is set or it cannot, because the host is a
    /// number, or because the bucket's name is no host name or, on https, has dots, which no wildcard
    /// certificate covers.
    pub(crate) fn new(
        bucket: &str,
        region: &str,
        endpoint: Option<&str>,
        path_style: bool,
    ) -> Result<Self, MediaError> {
        let (scheme, host, path) = match endpoint.map(str::trim).filter(|text| !text.is_empty()) {
            Some(endpoint) => parse(endpoint)?,
            None => ("https", aws_host(region), ""),
        };
        let bucket_in_path = path_style || is_number(&host) || !fits_host(bucket, scheme);
        let address = if bucket_in_path {
            format!("{scheme}://{host}{path}")
        } else {
            format!("{scheme}://{bucket}.{host}{path}")
        };
        Ok(Self { endpoint: address, bucket_in_path })
    }
}

/// Returns the host of S3 in a region of AWS.
fn aws_host(region: &str) -> String {
    let suffix = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
    format!("s3.{region}.{suffix}")
}

/// Returns scheme, host with port, and path. The host is written as clients send it, since it is
/// signed: in lower case, without the scheme's default port.
fn parse(endpoint: &str) -> Result<(&'static str, String, &str), MediaError> {
    let malformed = |reason| MediaError::MalformedEndpoint { reason };
    let (scheme, address) = match endpoint.split_once("://") {
        None => ("https", endpoint),
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => ("https", rest),
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => ("http", rest),
        Some(_) => return Err(malformed("only http and https are understood")),
    };
    let rest = address.trim_end_matches('/');
    if rest.contains(['?', '#', '@', '\\']) || rest.contains(char::is_whitespace) {
        return Err(malformed("it is more than scheme, host, port and path"));
    }
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let default_port = if scheme == "https" { ":443" } else { ":80" };
    let host = host.strip_suffix(default_port).unwrap_or(host).to_ascii_lowercase();
    if host.is_empty() || host.starts_with(':') {
        return Err(malformed("the host is missing"));
    }
    Ok((scheme, host, path))
}

/// Returns true if the host is an IP address.
fn is_number(host: &str) -> bool {
    let name = host.split(':').next().unwrap_or(host);
    host.starts_with('[') || name.parse::<IpAddr>().is_ok()
}

/// Returns true if the bucket's name can be the beginning of a host.
fn fits_host(bucket: &str, scheme: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let is_label = |part: &str| {
        !part.is_empty()
            && !part.starts_with('-')
            && !part.ends_with('-')
            && part.bytes().all(is_allowed)
    };
    bucket.split('.').all(is_label) && (scheme == "http" || !bucket.contains('.'))
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
    fn the_bucket_is_in_the_host_if_it_can_be() {
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
    fn an_endpoint_is_written_as_clients_send_it() {
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
    fn a_text_that_is_no_address_is_refused() {
        for endpoint in
            ["ftp://s3.lan", "https://", "https://:9000", "u:p@s3.lan", "s3.lan?x", "a b"]
        {
            let refused = BucketAddress::new("ads", "eu-west-1", Some(endpoint), true);
            let refused = refused.unwrap_err();
            assert!(matches!(refused, MediaError::MalformedEndpoint { .. }), "{endpoint}");
            assert!(!refused.to_string().contains(endpoint), "{refused}");
        }
    }
}

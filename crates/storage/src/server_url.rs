//! URLs of servers with a user and a password, which no message may repeat.

use percent_encoding::percent_decode_str;

/// What to do about a user or password that cannot stand in a URL as it is.
pub(crate) const ENCODE: &str = "percent-encode the user and the password in it, such as %2F for \
     `/`, %23 for `#`, %3F for `?`, %40 for `@`, %3A for `:`, %2C for `,` and %25 for `%`";

/// The parts of a URL. Has no `Debug`, because it may hold a password.
pub(crate) struct ServerUrl<'a> {
    pub(crate) scheme: &'a str,
    /// The user and the password, decoded.
    pub(crate) login: Option<(String, Option<String>)>,
    /// The host, perhaps with a port.
    pub(crate) host: &'a str,
    /// The rest: path, query and fragment.
    pub(crate) tail: &'a str,
}

/// Why a text has no such parts. Repeats nothing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UrlFlaw {
    /// There is no scheme, or the port is no number.
    Malformed,
    /// A user or a password has characters that end it early, or that are no text.
    Unencoded,
}

impl<'a> ServerUrl<'a> {
    /// Splits a URL. An `@` behind the host can only be the end of a password with a `/`, `?` or
    /// `#` in it.
    pub(crate) fn split(text: &'a str) -> Result<Self, UrlFlaw> {
        let (scheme, rest) = text.split_once("://").ok_or(UrlFlaw::Malformed)?;
        let (authority, tail) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        if tail.contains('@') {
            return Err(UrlFlaw::Unencoded);
        }
        let (login, host) = match authority.rsplit_once('@') {
            Some((login, host)) => (Some(decoded(login)?), host),
            None => (None, authority),
        };
        let port = host.rsplit_once(':').filter(|(_, port)| !port.ends_with(']'));
        if port.is_some_and(|(_, port)| port.parse::<u16>().is_err()) {
            return Err(UrlFlaw::Malformed);
        }
        Ok(Self { scheme, login, host, tail })
    }
}

/// Returns the user and the password of `user:password`.
fn decoded(login: &str) -> Result<(String, Option<String>), UrlFlaw> {
    let decode = |text: &str| {
        let text = percent_decode_str(text).decode_utf8().map_err(|_| UrlFlaw::Unencoded)?;
        Ok(text.into_owned())
    };
    match login.split_once(':') {
        Some((user, password)) => Ok((decode(user)?, Some(decode(password)?))),
        None => Ok((decode(login)?, None)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_split_and_its_login_decoded() {
        let url = ServerUrl::split("mysql://b%40ms:se@cr:et%2F@[::1]:3306/bams?ssl-ca=x");
        let url = url.expect("a URL");
        assert_eq!((url.scheme, url.host, url.tail), ("mysql", "[::1]:3306", "/bams?ssl-ca=x"));
        assert_eq!(url.login, Some(("b@ms".to_owned(), Some("se@cr:et/".to_owned()))));
        let bare = ServerUrl::split("redis://[::1]").expect("a URL");
        assert_eq!((bare.host, bare.login), ("[::1]", None));
    }

    #[test]
    fn a_password_that_ends_the_host_early_is_noticed() {
        for (text, flaw) in [
            ("mysql://bams:se/cret@db/bams", UrlFlaw::Unencoded),
            ("mysql://bams:1/2@db/bams", UrlFlaw::Unencoded),
            ("mysql://bams:1?2@db/bams", UrlFlaw::Unencoded),
            ("mysql://bams:1#2@db/bams", UrlFlaw::Unencoded),
            ("mysql://bams:%ff@db/bams", UrlFlaw::Unencoded),
            ("mysql://bams:secret/bams", UrlFlaw::Malformed),
            ("bams:secret@db", UrlFlaw::Malformed),
        ] {
            assert_eq!(ServerUrl::split(text).err(), Some(flaw), "{text}");
        }
    }
}

//! Decides who may send requests, before the body is read. Pages of other sites may not, whatever host name they use.

use crate::refusal::Refusal;
use axum::extract::{Request, State};
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use std::sync::Arc;

/// The host names and origins that are accepted.
#[derive(Debug)]
pub struct Guard {
    /// The accepted values of Host. Empty if the server listens on a Unix socket, which no browser can reach.
    hosts: Vec<String>,
    /// The server's own origins. Its pages may send requests.
    own_origins: Vec<String>,
    allowed: Vec<String>,
}

/// Query parameters that are refused, in lower case: URLs end up in browser histories and logs.
const SECRETS: [&str; 14] = [
    "password",
    "passphrase",
    "value",
    "code",
    "key",
    "invitation",
    "recoverykey",
    "token",
    "sessiontoken",
    "_sessiontoken",
    "x-parse-session-token",
    "access_token",
    "_masterkey",
    "encryptedvalue",
];

/// The headers that pages of other origins may send.
const HEADERS: &str = "Content-Type, If-Match, X-Parse-Application-Id, X-Parse-JavaScript-Key, X-Parse-REST-API-Key, \
    X-Parse-Client-Key, X-Parse-Client-Version, X-Parse-Installation-Id, X-Parse-Session-Token, X-Parse-Revocable-Session, \
    X-Parse-Request-Id, X-Vault-Client, X-Vault-Reason";

impl Guard {
    pub fn new(hosts: Vec<String>, allowed: Vec<String>, is_tls: bool) -> Self {
        let scheme = if is_tls { "https" } else { "http" };
        let bare: Vec<String> = hosts.iter().filter_map(|host| without_default_port(host)).map(str::to_owned).collect();
        let hosts = [hosts, bare].concat();
        let own_origins = hosts.iter().map(|host| format!("{scheme}://{host}")).collect();
        Self { hosts, own_origins, allowed }
    }

    fn check(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<(), Refusal> {
        self.check_host(uri, headers)?;
        if !is_visit(method, headers) {
            self.check_origin(headers)?;
        }
        check_query(uri)?;
        let is_known = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS];
        if is_known.contains(method) { Ok(()) } else { Err(Refusal::METHOD) }
    }

    /// Checks Host. Another site can point its own name at this address (DNS rebinding), and the browser then treats
    /// its page and this server as one origin. The page can't change the Host header.
    fn check_host(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), Refusal> {
        let mut all = headers.get_all(header::HOST).iter();
        let (host, more) = (all.next().and_then(|host| host.to_str().ok()), all.next());
        let named = uri.authority().map(axum::http::uri::Authority::as_str);
        if more.is_some() || named.is_some_and(|named| Some(named) != host) {
            return Err(Refusal::HOST);
        }
        if self.hosts.is_empty() {
            return Ok(());
        }
        let is_ours = host.is_some_and(|host| self.hosts.iter().any(|known| known.eq_ignore_ascii_case(host)));
        if is_ours { Ok(()) } else { Err(Refusal::HOST) }
    }

    /// Checks where the page that sends the request is from. Browsers send Origin with every request that could do
    /// harm; `null` can be anybody.
    fn check_origin(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let mut origins = headers.get_all(header::ORIGIN).iter();
        if let Some(origin) = origins.next() {
            let origin = origin.to_str().unwrap_or("null");
            let is_allowed = origins.next().is_none() && (self.is_own(origin) || self.is_named(origin));
            return if is_allowed { Ok(()) } else { Err(Refusal::ORIGIN) };
        }
        // Requests without Origin are images and links, for example. `none` means that a person typed the address or
        // used a bookmark.
        match headers.get("sec-fetch-site").map(HeaderValue::as_bytes) {
            None | Some(b"same-origin" | b"none") => Ok(()),
            Some(_) => Err(Refusal::ORIGIN),
        }
    }

    /// Returns whether an origin is the server's own. Starscream, the WebSocket library of Parse's iOS SDK, sends
    /// `ws://` where a browser sends `http://`; no page has such an origin.
    fn is_own(&self, origin: &str) -> bool {
        let page = origin.strip_prefix("ws").map(|rest| format!("http{rest}"));
        self.own_origins.iter().any(|own| own == page.as_deref().unwrap_or(origin))
    }

    fn is_named(&self, origin: &str) -> bool {
        self.allowed.iter().any(|allowed| allowed == origin)
    }

    /// Adds the CORS headers, if the origin is one of those that `--allow-origin` names.
    fn open_to(&self, origin: Option<&HeaderValue>, answer: &mut HeaderMap) {
        let named = origin.filter(|origin| origin.to_str().is_ok_and(|origin| self.is_named(origin)));
        answer.insert(header::VARY, HeaderValue::from_static("Origin"));
        let Some(origin) = named else { return };
        answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        let exposed = HeaderValue::from_static("ETag, Location, Retry-After");
        answer.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
        answer
            .insert(HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin"));
    }
}

/// Returns the host without the default port, which clients leave out.
fn without_default_port(host: &str) -> Option<&str> {
    host.strip_suffix(":80").or_else(|| host.strip_suffix(":443"))
}

/// Returns whether a person opens a page, from a link or a file. No page can read the response, and the request has no
/// token.
fn is_visit(method: &Method, headers: &HeaderMap) -> bool {
    let says = |name: &str, value: &str| headers.get(name).is_some_and(|sent| sent.as_bytes() == value.as_bytes());
    method == Method::GET
        && says("sec-fetch-mode", "navigate")
        && says("sec-fetch-dest", "document")
        && !headers.contains_key(header::ORIGIN)
}

fn check_query(uri: &Uri) -> Result<(), Refusal> {
    let query = uri.query().unwrap_or_default();
    let is_secret = |pair: &str| {
        let name = pair.split('=').next().unwrap_or_default().to_ascii_lowercase();
        SECRETS.contains(&&*name) || name.contains('%')
    };
    if query.split('&').any(is_secret) { Err(Refusal::QUERY) } else { Ok(()) }
}

/// Middleware that puts the guard in front of every route.
pub async fn guard(State(guard): State<Arc<Guard>>, request: Request, next: Next) -> Response {
    let origin = request.headers().get(header::ORIGIN).cloned();
    let mut answer = match guard.check(request.method(), request.uri(), request.headers()) {
        Err(refusal) => refusal.answer(),
        Ok(()) if request.method() == Method::OPTIONS => preflight(),
        Ok(()) => next.run(request).await,
    };
    let headers = answer.headers_mut();
    for (name, value) in [
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("x-frame-options", "DENY"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    let policy = HeaderName::from_static("content-security-policy");
    headers.entry(policy).or_insert(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
    guard.open_to(origin.as_ref(), headers);
    answer
}

/// Answers a preflight request. Methods and headers are the same for every path, and the origin has been checked
/// already.
fn preflight() -> Response {
    let headers = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, PUT, DELETE"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS),
        (header::ACCESS_CONTROL_MAX_AGE, "600"),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard() -> Guard {
        let hosts = vec!["127.0.0.1:1".to_owned(), "localhost:1".to_owned()];
        Guard::new(hosts, vec!["http://localhost:3000".to_owned()], false)
    }

    fn checked(uri: &str, headers: &[(&str, &str)]) -> Result<(), Refusal> {
        let mut all = HeaderMap::new();
        for (name, value) in headers {
            all.append(HeaderName::try_from(*name).unwrap(), HeaderValue::from_str(value).unwrap());
        }
        guard().check(&Method::GET, &uri.parse().unwrap(), &all)
    }

    #[test]
    fn only_the_servers_own_names_are_accepted() {
        for host in ["127.0.0.1:1", "localhost:1", "LOCALHOST:1"] {
            assert_eq!(checked("/", &[("host", host)]), Ok(()), "{host}");
        }
        for host in
            ["evil.example", "127.0.0.1", "localhost", "127.0.0.1:2", "localhost.:1", "127.0.0.1:1.evil.example"]
        {
            assert_eq!(checked("/", &[("host", host)]), Err(Refusal::HOST), "{host}");
        }
        assert_eq!(checked("/", &[]), Err(Refusal::HOST));
        assert_eq!(checked("/", &[("host", "127.0.0.1:1"), ("host", "evil.example")]), Err(Refusal::HOST));
        assert_eq!(checked("http://evil.example/", &[("host", "127.0.0.1:1")]), Err(Refusal::HOST));
    }

    #[test]
    fn pages_of_other_origins_may_not_send_requests() {
        let from = |headers: &[(&str, &str)]| checked("/", &[&[("host", "127.0.0.1:1")], headers].concat());
        for origin in ["http://127.0.0.1:1", "http://localhost:1", "http://localhost:3000", "ws://127.0.0.1:1"] {
            assert_eq!(from(&[("origin", origin)]), Ok(()), "{origin}");
        }
        for origin in [
            "null",
            "http://evil.example",
            "https://127.0.0.1:1",
            "http://127.0.0.1:2",
            "http://localhost:30000",
            "ws://evil.example",
            "wss://127.0.0.1:1",
            "ws://localhost:3000",
            "",
        ] {
            assert_eq!(from(&[("origin", origin)]), Err(Refusal::ORIGIN), "{origin}");
        }
        assert_eq!(from(&[("sec-fetch-site", "none")]), Ok(()));
        for site in ["cross-site", "same-site"] {
            assert_eq!(from(&[("sec-fetch-site", site)]), Err(Refusal::ORIGIN), "{site}");
        }
        assert_eq!(from(&[("origin", "http://localhost:1"), ("origin", "http://evil.example")]), Err(Refusal::ORIGIN));
        let visit = [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];
        assert_eq!(from(&visit), Ok(()), "a person may follow a link to the page");
        let framed = [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")];
        assert_eq!(from(&framed), Err(Refusal::ORIGIN));
    }

    #[test]
    fn the_default_port_may_be_left_out() {
        let guard = Guard::new(vec!["vault.example:443".to_owned()], Vec::new(), true);
        let checked = |host: &str, origin: &str| {
            let mut all = HeaderMap::new();
            all.insert(header::HOST, host.parse().unwrap());
            all.insert(header::ORIGIN, origin.parse().unwrap());
            guard.check(&Method::GET, &"/".parse().unwrap(), &all)
        };
        for host in ["vault.example", "vault.example:443"] {
            assert_eq!(checked(host, "https://vault.example"), Ok(()), "{host}");
        }
        assert_eq!(checked("vault.example:80", "https://vault.example"), Err(Refusal::HOST));
        assert_eq!(checked("vault.example", "http://vault.example"), Err(Refusal::ORIGIN));
    }

    #[test]
    fn secrets_in_urls_are_refused() {
        let at = |uri: &str| checked(uri, &[("host", "127.0.0.1:1")]);
        assert_eq!(at("/parse/classes/Secret?keys=value&where=%7B%7D&limit=1"), Ok(()));
        for uri in [
            "/?password=a",
            "/?a=b&PASSWORD=x",
            "/?_SessionToken=r",
            "/?value=1",
            "/?p%61ssword=a",
            "/?code",
            "/?Invitation=k",
        ] {
            assert_eq!(at(uri), Err(Refusal::QUERY), "{uri}");
        }
    }
}

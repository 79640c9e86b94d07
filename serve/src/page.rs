//! The page: static files that are part of this program. They hold nothing of a vault. The page gets what it shows from
//! the API, for the user who is signed in.

use crate::api::classes;
use axum::Router;
use axum::extract::Path;
use axum::http::header::{self, HeaderName};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

/// The Content-Security-Policy: only scripts and styles of this server, and none inline. `trusted-types` keeps scripts
/// from turning text into HTML.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
    form-action 'none'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";

/// The HTML at `/` and `/playground`.
const INDEX: &str = include_str!("../page/index.html");

/// The files below `/page/`: name, content type, content.
const FILES: [(&str, &str, &str); 23] = [
    ("icon.svg", "image/svg+xml", include_str!("../page/icon.svg")),
    ("theme.css", STYLE, include_str!("../page/theme.css")),
    ("layout.css", STYLE, include_str!("../page/layout.css")),
    ("admin.js", SCRIPT, include_str!("../page/admin.js")),
    ("api.js", SCRIPT, include_str!("../page/api.js")),
    ("app.js", SCRIPT, include_str!("../page/app.js")),
    ("clipboard.js", SCRIPT, include_str!("../page/clipboard.js")),
    ("dialogs.js", SCRIPT, include_str!("../page/dialogs.js")),
    ("dom.js", SCRIPT, include_str!("../page/dom.js")),
    ("events.js", SCRIPT, include_str!("../page/events.js")),
    ("form.js", SCRIPT, include_str!("../page/form.js")),
    ("graphql-calls.js", SCRIPT, include_str!("../page/graphql-calls.js")),
    ("graphql-read.js", SCRIPT, include_str!("../page/graphql-read.js")),
    ("graphql-samples.js", SCRIPT, include_str!("../page/graphql-samples.js")),
    ("item.js", SCRIPT, include_str!("../page/item.js")),
    ("items.js", SCRIPT, include_str!("../page/items.js")),
    ("log.js", SCRIPT, include_str!("../page/log.js")),
    ("people.js", SCRIPT, include_str!("../page/people.js")),
    ("playground.js", SCRIPT, include_str!("../page/playground.js")),
    ("samples.js", SCRIPT, include_str!("../page/samples.js")),
    ("sign-in.js", SCRIPT, include_str!("../page/sign-in.js")),
    ("store.js", SCRIPT, include_str!("../page/store.js")),
    ("words.js", SCRIPT, include_str!("../page/words.js")),
];

/// Returns the routes of the page.
pub fn router() -> Router {
    Router::new()
        .route("/", get(index))
        .route("/playground", get(index))
        .route("/page/schemas.json", get(schemas))
        .route("/page/{name}", get(file))
}

/// Serves the HTML. Any query is refused: the page has no parameters, and the browser would keep a secret that somebody
/// puts there by mistake.
async fn index(uri: Uri) -> Response {
    match uri.query() {
        None => answer(HTML, INDEX),
        Some(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn file(Path(name): Path<String>) -> Response {
    match FILES.iter().find(|(known, ..)| *known == name) {
        Some((_, kind, text)) => answer(kind, text),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Lists the classes, so that the playground works without signing in. They are the same for every vault.
async fn schemas() -> Response {
    let all: Vec<_> = classes::ALL.iter().map(|class| class.schema().json()).collect();
    axum::Json(serde_json::json!({ "results": all })).into_response()
}

fn answer(kind: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind), (HeaderName::from_static("content-security-policy"), POLICY)], text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::code::HOLDS;
    use vault::agent::Limits;
    use vault::words::exactly;

    #[test]
    fn the_page_has_the_limits_that_hold() {
        let text = |name: &str| FILES.iter().find(|(known, ..)| *known == name).unwrap().2;
        let code = format!("CODE_HOLDS = '{}'", exactly(HOLDS));
        assert!(text("sign-in.js").contains(&code), "{code}");
        let idle = format!("IDLE = {} * 60_000", Limits::USUAL.idle.as_secs() / 60);
        assert!(text("app.js").contains(&idle), "{idle}");
    }
}

//! Pages as text.

use super::super::answer::Answer;

/// `text` within HTML.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

/// A hidden field.
pub(super) fn hidden(name: &str, value: &str) -> String {
    format!(r#"<input type="hidden" name="{name}" value="{}">"#, escaped(value))
}

/// A page; it costs no point of the API.
pub(super) fn page(status: u16, title: &str, body: &str) -> Answer {
    let title = escaped(title);
    let text = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><link rel=\"icon\" href=\"data:,\"><title>{title}</title></head>\n<body><main><h1>{title}</h1>\n{body}\n</main></body></html>\n"
    );
    Answer {
        status,
        points: 0,
        ..Answer::ok(text).header("Content-Type", "text/html; charset=utf-8")
    }
}

/// GitHub's page for what is not there.
pub(super) fn not_found() -> Answer {
    page(404, "Page not found", "<p>This is not the web page you are looking for.</p>")
}

/// Sends whoever reads it elsewhere.
pub(super) fn redirect(to: &str) -> Answer {
    let link = format!("<p><a href=\"{}\">Go on</a></p>", escaped(to));
    page(302, "Redirecting", &link).header("Location", to)
}

/// An address with further parameters.
pub(super) fn with(address: &str, pairs: &[(&str, &str)]) -> String {
    let Ok(mut url) = url::Url::parse(address) else {
        return address.to_owned();
    };
    url.query_pairs_mut()
        .extend_pairs(pairs.iter().filter(|(_, value)| !value.is_empty()));
    url.into()
}

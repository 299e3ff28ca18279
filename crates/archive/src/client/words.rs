//! What a server says about its refusal, in a few words.

/// Words of an answer that are shown.
const SHOWN: usize = 200;
/// Bytes of an answer in which they are looked for.
const LOOKED_AT: usize = 1 << 16;

/// The first words of a body, without HTML tags, styles and scripts, on one line.
pub(crate) fn of_body(body: &[u8]) -> String {
    let body = &body[..body.len().min(LOOKED_AT)];
    let text = String::from_utf8_lossy(body);
    let text = if looks_like_html(body) {
        without_tags(&text)
    } else {
        text.into_owned()
    };
    let mut words = String::new();
    for word in text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
    {
        if words.chars().count() + word.chars().count() >= SHOWN {
            words.push_str(" …");
            break;
        }
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(word);
    }
    words
}

/// Whether bytes begin as a web page does.
pub(crate) fn looks_like_html(start: &[u8]) -> bool {
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    let text: String = String::from_utf8_lossy(&start[..start.len().min(1024)])
        .trim_start()
        .to_ascii_lowercase();
    [
        "<!doctype",
        "<html",
        "<head",
        "<body",
        "<?xml",
        "<title",
        "<h1",
        "<error",
        "<p>",
        "<!--",
    ]
    .iter()
    .any(|tag| text.starts_with(tag))
}

fn without_tags(page: &str) -> String {
    let mut text = String::with_capacity(page.len());
    let mut rest = page;
    while let Some(open) = rest.find('<') {
        text.push_str(&rest[..open]);
        text.push(' ');
        rest = &rest[open..];
        let lower: String = rest.chars().take(8).collect::<String>().to_ascii_lowercase();
        let end = if lower.starts_with("<script") {
            closing(rest, "</script")
        } else if lower.starts_with("<style") {
            closing(rest, "</style")
        } else if lower.starts_with("<!--") {
            rest.find("-->").map(|at| at + 2)
        } else {
            rest.find('>')
        };
        let Some(end) = end else { return unescaped(&text) };
        rest = &rest[end + 1..];
    }
    text.push_str(rest);
    unescaped(&text)
}

fn closing(rest: &str, tag: &str) -> Option<usize> {
    let at = rest.to_ascii_lowercase().find(tag)?;
    rest[at..].find('>').map(|end| at + end)
}

fn unescaped(text: &str) -> String {
    text.replace("&nbsp;", " ")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_told_in_words() {
        let page = b"<!DOCTYPE html><html><head><style>p { color: red }</style><script>alert('<b>')</script>\
                     <title>503</title></head>\n<body><h1>Service&nbsp;Unavailable</h1><p>Maintenance &amp; more\n</body>";
        assert_eq!(of_body(page), "503 Service Unavailable Maintenance & more");
        assert_eq!(of_body(b"{\"error\": \"a < b\"}"), "{\"error\": \"a < b\"}");
        assert_eq!(of_body(b"<html><b"), "");
        assert!(of_body("word ".repeat(1000).as_bytes()).chars().count() < 210);
    }

    #[test]
    fn fits_is_no_page() {
        assert!(looks_like_html(b"\n <HTML>") && looks_like_html(b"<?xml version"));
        assert!(!looks_like_html(b"SIMPLE  =                    T"));
    }
}

//! A form as `multipart/form-data`, which is how a script's `FormData` comes: its texts, without its files.

/// Largest number of fields that are read; no method has a tenth of it.
const FIELDS: usize = 1000;

/// Names and values of the texts in `body`, in their order; none where it is not such a form. `kind` is the whole content type.
pub(super) fn fields(kind: &str, body: &[u8]) -> Option<Vec<(String, String)>> {
    let boundary = parameter(kind, "boundary").filter(|boundary| !boundary.is_empty())?;
    let delimiter = format!("--{boundary}");
    let mut rest = after(body, delimiter.as_bytes())?;
    let mut fields = Vec::new();
    let end = format!("\r\n{delimiter}");
    while !rest.starts_with(b"--") {
        let part = rest.strip_prefix(b"\r\n")?;
        let (head, value) = split(part, b"\r\n\r\n")?;
        let (value, further) = split(value, end.as_bytes())?;
        if fields.len() >= FIELDS {
            return None;
        }
        fields.extend(name(&String::from_utf8_lossy(head)).map(|name| (name, String::from_utf8_lossy(value).into_owned())));
        rest = further;
    }
    Some(fields)
}

/// Name of a text field; none for a file, and for what has no name.
fn name(head: &str) -> Option<String> {
    let line = head
        .lines()
        .find(|line| line.to_ascii_lowercase().starts_with("content-disposition:"))?;
    if parameter(line, "filename").is_some() || parameter(line, "filename*").is_some() {
        return None;
    }
    parameter(line, "name")
}

/// A parameter of a header's value, with or without quotes.
fn parameter(value: &str, name: &str) -> Option<String> {
    let mut parameters = value.split(';').skip(1).filter_map(|one| one.trim().split_once('='));
    let (_, value) = parameters.find(|(key, _)| key.trim().eq_ignore_ascii_case(name))?;
    let value = value.trim();
    let bare = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
    // Browsers write quotes within a name so.
    Some(bare.unwrap_or(value).replace("%22", "\""))
}

/// What stands before the first `mark`, and after it.
fn split<'b>(bytes: &'b [u8], mark: &[u8]) -> Option<(&'b [u8], &'b [u8])> {
    let at = bytes.windows(mark.len()).position(|window| window == mark)?;
    Some((&bytes[..at], &bytes[at + mark.len()..]))
}

fn after<'b>(bytes: &'b [u8], mark: &[u8]) -> Option<&'b [u8]> {
    split(bytes, mark).map(|(_, rest)| rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: &str = "multipart/form-data; boundary=\"x-1\"";

    #[test]
    fn texts_are_read_and_files_left_out() {
        let body = "--x-1\r\nContent-Disposition: form-data; name=\"repository\"\r\n\r\nocto/web\r\n\
                    --x-1\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\nContent-Type: text/plain\r\n\r\nno\r\n\
                    --x-1\r\nContent-Disposition: form-data; name=title\r\n\r\na\r\n--x\r\n\r\nb ü\r\n--x-1--\r\n";
        let read = fields(KIND, body.as_bytes()).expect("a form");
        let expected = [("repository", "octo/web"), ("title", "a\r\n--x\r\n\r\nb ü")];
        assert_eq!(read, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert_eq!(fields(KIND, b"--x-1--\r\n"), Some(Vec::new()));
    }

    #[test]
    fn what_is_broken_is_no_form() {
        for (kind, body) in [
            ("multipart/form-data", "--x-1--"),
            ("multipart/form-data; boundary=", "----"),
            (KIND, ""),
            (KIND, "--x-1"),
            (KIND, "--x-1\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb"),
            (KIND, "--x-1\r\nContent-Disposition: form-data; name=\"a\""),
            (KIND, "--y\r\n"),
        ] {
            assert_eq!(fields(kind, body.as_bytes()), None, "{kind} {body}");
        }
    }
}

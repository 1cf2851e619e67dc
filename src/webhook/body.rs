//! A delivery's body: JSON as it is, or JSON in the field `payload` of a form.

use std::borrow::Cow;

use url::form_urlencoded;

/// Why a body is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// Another type.
    #[error("a delivery of type {0} is not understood: choose application/json as the webhook's content type on GitHub")]
    Type(String),
    /// A form without it.
    #[error("the form has no field `payload`: this is no delivery of GitHub")]
    NoPayload,
}

/// The JSON of a body of that content type. Whether it is JSON is not looked at.
///
/// # Errors
/// Of another type, or a form without a payload.
pub fn json<'a>(content_type: &str, body: &'a [u8]) -> Result<Cow<'a, [u8]>, BodyError> {
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match kind.as_str() {
        "application/json" | "" => Ok(Cow::Borrowed(body)),
        "application/x-www-form-urlencoded" => form_urlencoded::parse(body)
            .find(|(name, _)| name == "payload")
            .map(|(_, value)| Cow::Owned(value.into_owned().into_bytes()))
            .ok_or(BodyError::NoPayload),
        other => Err(BodyError::Type(other.chars().take(60).collect())),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";

    #[test]
    fn json_is_taken_as_it_is_and_a_forms_payload_is_decoded() {
        assert_eq!(json("application/json", b"{}").as_deref(), Ok(&b"{}"[..]));
        assert_eq!(
            json(FORM, b"a=1&payload=%7B%22a%22%3A%22+%C3%A9%22%7D").as_deref(),
            Ok("{\"a\":\" \u{e9}\"}".as_bytes())
        );
        assert_eq!(json(FORM, b"{}"), Err(BodyError::NoPayload));
        assert_eq!(json("text/xml", b"<a/>"), Err(BodyError::Type("text/xml".to_owned())));
    }

    proptest! {
        #[test]
        fn no_form_is_too_odd(body in prop::collection::vec(any::<u8>(), 0..256)) {
            let _whatever = json(FORM, &body);
        }

        #[test]
        fn what_a_form_holds_comes_out_as_it_went_in(text in "\\PC{0,80}") {
            let form = form_urlencoded::Serializer::new(String::new()).append_pair("payload", &text).finish();
            prop_assert_eq!(json(FORM, form.as_bytes()).expect("a payload").into_owned(), text.into_bytes());
        }
    }
}

//! Secrets that must stand nowhere, in the forms in which they could lie around.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// How much of a secret's surroundings a finding shows, in characters.
const AROUND: usize = 80;
/// Secrets that are shorter are found in what has nothing to do with them.
const SHORTEST: usize = 12;

/// What is looked for.
#[derive(Debug, Default, Clone)]
pub(crate) struct Needles(Vec<Needle>);

#[derive(Debug, Clone)]
struct Needle {
    what: String,
    forms: Vec<String>,
}

impl Needles {
    /// Adds a secret; `what` names it where it is found.
    pub(crate) fn add(&mut self, what: &str, secret: &str) {
        assert!(secret.len() >= SHORTEST, "{what} is too short to be looked for");
        self.0.push(Needle {
            what: what.to_owned(),
            forms: forms(secret),
        });
    }

    /// Adds a text of lines, each of which is a secret: the key of an App.
    pub(crate) fn add_pem(&mut self, what: &str, pem: &str) {
        let lines = pem.lines().filter(|line| !line.starts_with('-') && line.len() >= SHORTEST);
        lines.for_each(|line| self.add(what, line));
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// Where in `text`, which `place` names, one of them stands: one sentence for each that does.
    pub(crate) fn found(&self, place: &str, text: &str) -> Vec<String> {
        let one = |needle: &Needle| {
            let at = needle.forms.iter().find_map(|form| text.find(form))?;
            let before: Vec<char> = text[..at].chars().rev().take(AROUND).collect();
            let before: String = before.into_iter().rev().collect();
            Some(format!("{} stands in {place} after `{before}`", needle.what))
        };
        self.0.iter().filter_map(one).collect()
    }
}

/// A secret as it is, percent-encoded, as hex, and as Base64 in both alphabets.
fn forms(secret: &str) -> Vec<String> {
    let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let mut forms = vec![secret.to_owned(), encoded, hex::encode(secret), hex::encode_upper(secret)];
    // Within a longer text its letters are others, depending on where it begins; the ends belong to what is beside.
    for before in 0..3 {
        let padded = [vec![b'x'; before], secret.as_bytes().to_vec()].concat();
        for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
            let text = engine.encode(&padded);
            forms.push(text[4..text.len() - 4].to_owned());
        }
    }
    forms.sort();
    forms.dedup();
    forms
}

#[test]
fn a_secret_is_found_in_every_form() {
    const SECRET: &str = "sesame/open+the door";
    let mut needles = Needles::default();
    needles.add("a word", SECRET);
    let in_base64 = STANDARD_NO_PAD.encode(format!("Basic x:{SECRET} and more"));
    for text in [
        format!("token {SECRET}."),
        "state=sesame%2Fopen%2Bthe+door&x=1".to_owned(),
        hex::encode(format!("a{SECRET}b")),
        hex::encode_upper(SECRET),
        in_base64,
        URL_SAFE_NO_PAD.encode(format!("it is {SECRET}, he said")),
    ] {
        assert_eq!(needles.found("a text", &text).len(), 1, "{text}");
    }
    assert_eq!(needles.found("a text", "sesame/open the door"), Vec::<String>::new());
    assert_eq!(needles.count(), 1);
}

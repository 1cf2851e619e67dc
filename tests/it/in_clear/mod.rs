//! A full run of the served program, with secrets of every kind: none of them stands in anything that it wrote, said or asked.

mod course;
mod papers;
mod stage;

use erpnext_github::frappe::{encryption_key, secrets};
use secrecy::SecretString;

use self::papers::Papers;
use self::stage::{ADMIN, OWN, PASTED, SITE_TOKEN, Stage, VARIABLE};

/// What every one of these is a kind of, so that none is forgotten.
const KINDS: [&str; 15] = [
    "the site's token",
    "the token of the environment",
    "the token of the repository",
    "the token of the integration",
    "a token that nobody knows",
    "the webhook secret",
    "the webhook secret before",
    "the client secret of the OAuth App",
    "the client secret of the App",
    "the webhook secret of the App",
    "the private key of the App",
    "a state",
    "a password of the site",
    "a code or a token of people",
    "a token of an installation",
];

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_stands_in_anything_that_a_full_run_wrote() {
    let mut stage = Stage::new().await;
    stage.by_the_variable().await;
    stage.settings().await;
    stage.serve().await;
    stage.app_is_made().await;
    stage.people_connect().await;
    stage.app_is_installed().await;
    stage.deliveries().await;
    stage.integrations().await;
    stage.buttons().await;
    stage.refusals().await;
    stage.by_the_app().await;
    stage.everything_that_is_shown().await;
    stage.ends().await;
    stage.commands();

    let (needles, papers) = stage.gathered().await;
    let missing = needles.missing(&KINDS);
    assert_eq!(missing, Vec::<&str>::new(), "the run met secrets of all kinds");
    papers.are_whole();
    assert_eq!(papers.find(&needles), Vec::<String>::new());
    is_found_where_it_is_put(&stage, papers, &needles).await;
    stage.finish();
}

/// The counter-test: what is looked through would show a secret, wherever it was written.
async fn is_found_where_it_is_put(stage: &Stage, papers: Papers, needles: &papers::Named) {
    for place in papers.places() {
        let mut spoiled = papers.clone();
        spoiled.write(&place, &format!("and then {SITE_TOKEN} was said"));
        assert_eq!(spoiled.find(needles).len(), 1, "{place}");
    }
    // In a table of ours, in one of Frappe's, and in a column of bytes.
    let erp = &stage.mirror.erp;
    for sql in [
        format!("UPDATE tabRepository SET description = 'by {OWN}' WHERE name = 'octo/web'"),
        format!("INSERT INTO `tabError Log` (name, creation, modified, error) VALUES ('x', NOW(), NOW(), 'HTTP 401 {PASTED}')"),
        format!("UPDATE erpnext_github_app_key SET sealed = CONCAT(sealed, '{VARIABLE}')"),
    ] {
        erp.query(&sql).await;
    }
    let mut again = Papers::default();
    again.write("the database", &stage.dump().await);
    assert_eq!(again.find(needles).len(), 3);
}

/// Stores a secret of a document as a save in the desk does.
async fn store(stage: &Stage, (doctype, name, field): (&str, &str, &str), secret: &str) {
    let site = stage.mirror.site();
    let key = encryption_key::ensure(site.config()).expect("a key");
    let mut conn = site.db().conn().await.expect("a connection");
    secrets::store(&mut conn, &key, doctype, name, field, &SecretString::from(secret))
        .await
        .expect("stored");
}

/// The session's id of whoever is logged in.
fn session(user: &str) -> &str {
    user.split('@').next().unwrap_or(ADMIN)
}

//! Tokens that nobody is to use any more are ended on GitHub, and nobody waits for it.

use erpnext_github::github::Client;
use erpnext_github::github::app::Narrowing;
use erpnext_github::sim::github::{Effect, Fault};

use super::Stage;
use crate::github_client::web;

impl Stage {
    /// Tokens of installations that work.
    fn living(&self) -> usize {
        self.fake.world().tokens.iter().filter(|token| token.grant.is_some()).count()
    }

    /// How often a token ended itself, answered or not.
    fn ends(&self) -> usize {
        let requests = self.fake.requests();
        let ends = requests
            .iter()
            .filter(|one| one.method == "DELETE" && one.path == "/installation/token");
        ends.count()
    }
}

async fn until(is_so: impl Fn() -> bool) {
    while !is_so() {
        tokio::task::yield_now().await;
    }
}

async fn ask(client: &Client) {
    client.repository(&web()).await.expect("a repository");
}

#[tokio::test]
async fn tokens_of_a_site_end_on_github_and_those_of_others_stay() {
    let stage = Stage::new(|_| {}).await;
    let acme = stage.acme().await;
    let of = |site: &str| stage.client(&stage.credential(site, &acme, Narrowing::default()));
    let (one, other) = (of("one"), of("other"));
    ask(&one).await;
    ask(&other).await;
    assert_eq!(stage.living(), 2);
    stage.tokens.end("one", Some(&stage.identity().fingerprint()));
    stage.tokens.end("nobody", None);
    assert_eq!(stage.ends(), 0, "it is the App that the site has");
    stage.tokens.end("one", Some("another App"));
    until(|| stage.living() == 1).await;
    ask(&other).await;
    assert_eq!((stage.asked_for_tokens().len(), stage.ends()), (2, 1));
    // Whoever still holds the credential asks for another one, and nothing is ended twice.
    ask(&of("one")).await;
    assert_eq!(stage.asked_for_tokens().len(), 3);
    stage.tokens.end("one", None);
    stage.tokens.end("one", None);
    until(|| stage.living() == 1).await;
    assert_eq!(stage.ends(), 2);
    stage.done();
}

#[tokio::test]
async fn that_github_cannot_be_told_is_no_failure() {
    let stage = Stage::new(|_| {}).await;
    let client = stage.installed().await;
    ask(&client).await;
    let refused = Fault::on("/installation/token", Effect::Refused);
    stage.fake.world().faults.push(refused);
    stage.tokens.end("site", None);
    until(|| stage.ends() == 1).await;
    assert_eq!(stage.living(), 1, "it ends by itself");
    ask(&stage.installed().await).await;
    assert_eq!(stage.asked_for_tokens().len(), 2, "nobody here uses it all the same");
    // One that GitHub does not know any more has ended.
    stage.fake.world().tokens.retain(|token| token.grant.is_none());
    stage.tokens.end("site", None);
    until(|| stage.ends() >= 2).await;
    stage.done();
}

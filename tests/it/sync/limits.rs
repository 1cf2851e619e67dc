//! An outage that concerns everything ends the run over a site: GitHub is not asked again for each repository.

use chrono::TimeDelta;
use erpnext_github::sim::github::Resource;
use erpnext_github::sync::Selection;

use crate::support::mirror::Mirror;

async fn many() -> Mirror {
    let mirror = Mirror::new(|world| {
        for name in ["octo/a", "octo/b", "octo/c", "octo/d"] {
            world.repository(name).with_issues(1);
        }
    })
    .await;
    let owners = vec!["octo".to_owned()];
    let selection = Selection {
        repositories: Vec::new(),
        owners,
    };
    mirror.run(&selection, false).await;
    mirror.github.forget_requests();
    mirror
}

#[tokio::test]
async fn s3_a_token_that_is_refused_is_sent_once_a_run_not_once_a_repository() {
    let mirror = many().await;
    mirror.github.world().tokens.clear();
    let report = mirror.run(&Selection::default(), false).await;
    assert!(report.has_failures());
    let asked = mirror.github.requests().len();
    assert_eq!(asked, 1, "{report:?}");
    let told = report.errors.join(" ");
    assert!(
        told.contains("3 further repositories"),
        "what was not tried is said: {report:?}"
    );
    mirror.finish_with_errors(1).await;
}

#[tokio::test]
async fn s3_a_limit_that_is_used_up_ends_the_run_over_the_site() {
    let mirror = many().await;
    let until = crate::support::noon() + TimeDelta::hours(2);
    mirror.github.world().limits.exhaust(Resource::Core, until);
    let report = mirror.run(&Selection::default(), false).await;
    assert!(report.has_failures());
    assert_eq!(mirror.github.requests().len(), 1, "{report:?}");
    mirror.finish_with_errors(1).await;
}

//! An outage that concerns everything ends the run over a site: GitHub is not asked again for each repository.

use chrono::TimeDelta;
use erpnext_github::sim::github::{Effect, Fault, Resource};
use erpnext_github::sync::{Selection, sync_due};

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

/// A run of the schedule; gives the repositories that it asked GitHub for, in their order.
async fn scheduled(mirror: &Mirror) -> Vec<String> {
    mirror.github.forget_requests();
    let context = mirror.context().await;
    // Nothing is taken to be in step.
    sync_due(&context, 60, crate::support::noon() + TimeDelta::days(9))
        .await
        .expect("a run");
    let requests = mirror.github.requests();
    let asked = requests.iter().filter_map(|one| one.path.strip_prefix("/repos/octo/"));
    asked.filter(|rest| !rest.contains('/')).map(str::to_owned).collect()
}

#[tokio::test]
async fn s2_those_that_were_left_for_want_of_points_have_their_turn_before_others_have_a_second_one() {
    let mirror = many().await;
    mirror.erp.clock().advance(TimeDelta::hours(2));
    let all = scheduled(&mirror).await;
    assert_eq!(all.len(), 4, "{all:?}");
    mirror.erp.clock().advance(TimeDelta::hours(2));
    // The hour ends with the second one.
    let limit = Fault::on(
        &format!("/repos/octo/{}", all[1]),
        Effect::SecondaryLimit {
            status: 429,
            retry_after: Some(600),
        },
    );
    mirror.github.world().faults.push(limit);
    let first = scheduled(&mirror).await;
    assert_eq!(first, all[..2], "the others were left");
    mirror.erp.clock().advance(TimeDelta::hours(2));
    let mut second = scheduled(&mirror).await;
    assert_eq!(second[..2], all[2..], "they are first now");
    second.sort();
    assert_eq!(second, ["a", "b", "c", "d"]);
    mirror.finish_with_errors(1).await;
}

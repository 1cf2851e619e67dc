//! Invariant 1: whichever way a change came in, the rows are the same.

use chrono::TimeDelta;
use erpnext_github::sim::github::{Collaborator, Delivery, Permission, World};
use erpnext_github::sim::site::FrappeMajor;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::Value;

use super::Hooked;
use crate::support::TestSite;
use crate::support::mirror::Mirror;

/// How deliveries get lost on their way.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Post {
    /// Each comes once, in order.
    Good,
    /// They come in any order, late, and some twice.
    Bad,
}

/// A history of `octo/web`, told by webhooks alone.
async fn told(seed: u64, post: Post) {
    let mut dice = StdRng::seed_from_u64(seed);
    let hooked = Hooked::new(|world| {
        world
            .repository("octo/web")
            .with_issues(12)
            .with_pull_requests(8)
            .with_branches(3)
            .with_members(3);
    })
    .await;
    let mirror = &hooked.mirror;
    let (mut passed, mut late, mut number) = (TimeDelta::zero(), Vec::new(), 0_u64);
    for step in 0..40 {
        // Several changes of one second are the rule, not the exception.
        let by = TimeDelta::milliseconds(dice.random_range(0..3_000));
        passed += by;
        mirror.erp.clock().advance(by);
        let before = mirror.github.world().clone();
        change(&mut mirror.github.world(), seed.wrapping_mul(1_000) + step, step);
        let mut sent = mirror.github.deliveries_since(&before);
        if post == Post::Bad {
            late.append(&mut sent);
            while !late.is_empty() && dice.random_bool(0.6) {
                let at = dice.random_range(0..late.len());
                sent.push(if dice.random_bool(0.2) {
                    late[at].clone()
                } else {
                    late.swap_remove(at)
                });
            }
        }
        for delivery in sent {
            number += 1;
            deliver(&hooked, number, &delivery).await;
        }
    }
    for delivery in late {
        number += 1;
        deliver(&hooked, number, &delivery).await;
    }
    let left = hooked.count("erpnext_github_refresh").await;
    assert_eq!(left, "0", "seed {seed}: all that was told of is read");

    let world = mirror.github.world().clone();
    let erp = TestSite::new(FrappeMajor::V15).await;
    erp.clock().advance(passed);
    let clock = erp.site().clock().clone();
    let fresh = Mirror::on(erp, |new| *new = world.with_clock(clock)).await;
    fresh.sync("octo/web").await;
    let (told, read) = (told_of(mirror).await, told_of(&fresh).await);
    for (told, read) in told.iter().zip(&read) {
        assert_eq!(told, read, "seed {seed}, {post:?}");
    }
    assert_eq!(told.len(), read.len(), "seed {seed}, {post:?}");
}

/// What GitHub owns, but for the parts of a repository that no delivery tells of yet.
pub(super) async fn told_of(mirror: &Mirror) -> Vec<String> {
    let untold = [
        "Comment",
        "Commit",
        "Label",
        "Milestone",
        "Release",
        "Release Asset",
        "Review",
    ];
    let mut rows = mirror.owned().await;
    rows.retain(|row| !untold.iter().any(|part| row.starts_with(&format!("Repository {part}:"))));
    rows
}

fn change(world: &mut World, dice: u64, step: u64) {
    world.evolve(dice);
    let web = world.repository("octo/web");
    match step {
        10 => {
            web.with_member(Collaborator::new("newcomer", Permission::Maintain));
        }
        15 => {
            web.remove_member("member-001");
        }
        20 => web.delete_branch("feature/branch-0001"),
        25 => web.delete_item(3),
        30 => {
            web.push("another/branch");
        }
        _ => {}
    }
}

async fn deliver(hooked: &Hooked, number: u64, delivery: &Delivery) {
    let payload: Value = serde_json::from_str(&delivery.payload).expect("JSON");
    let id = format!("delivery-{number}");
    let status = hooked.deliver(&id, delivery.event, &payload).await;
    assert_eq!(status, 202, "{delivery:?}");
    let (status, reason) = hooked.event(&id).await;
    assert_eq!(status, "processed", "{reason} {delivery:?}");
}

#[tokio::test]
async fn invariant1_webhooks_alone_end_in_the_rows_of_a_sync() {
    for seed in 1..=2 {
        told(seed, Post::Good).await;
    }
}

#[tokio::test]
async fn invariant3_in_any_order_and_twice_they_end_in_the_same_rows() {
    for seed in 11..=13 {
        told(seed, Post::Bad).await;
    }
}

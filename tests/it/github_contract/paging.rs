//! Paging through lists, by number and by cursor.

use erpnext_github::sim::github::{Paging, World};

use super::probe::Probe;

#[tokio::test]
async fn link_leads_through_all_pages_of_all_lists() {
    let mut world = World::reference(230, 120, 205, 101);
    for number in 0..130 {
        world.repository(&format!("acme/more-{number}"));
    }
    for number in 0..40 {
        world.team("acme", &format!("team-{number}"));
        let home = world.repository("acme/reference").with_commits(number + 1);
        home.add_hook(&format!("https://erp.example.com/{number}"));
    }
    let probe = Probe::new(world).await;
    for (target, pages, total) in [
        ("/repos/acme/reference/issues?state=all&per_page=100", 4, 350),
        ("/repos/acme/reference/pulls?state=all&per_page=50", 3, 120),
        ("/repos/acme/reference/branches?per_page=100", 3, 205),
        ("/repos/acme/reference/collaborators?per_page=100", 2, 101),
        ("/orgs/acme/repos?per_page=100", 2, 131),
        ("/user/repos", 5, 131),
        ("/repos/acme/reference/commits", 2, 40),
        ("/repos/acme/reference/hooks?per_page=10", 4, 40),
        ("/orgs/acme/teams", 2, 40),
    ] {
        let all = probe.pages(target).await;
        let sum: usize = all.iter().map(|page| page.json().as_array().map_or(0, Vec::len)).sum();
        assert_eq!((all.len(), sum), (pages, total), "{target}");
        let last = all[0].link("last").expect("a last page");
        assert!(last.contains(&format!("page={pages}")), "{last}");
        assert_eq!(all.last().and_then(|page| page.link("next")), None);
    }
    probe.done();
}

#[tokio::test]
async fn link_names_things_by_id_and_keeps_what_was_asked() {
    let mut world = World::default();
    let id = world.repository("acme/web").with_issues(25).id;
    let probe = Probe::new(world).await;
    let next = probe
        .ok("/repos/acme/web/issues?state=all&per_page=10")
        .await
        .link("next")
        .expect("more");
    assert_eq!(
        next,
        format!(
            "{}/repositories/{id}/issues?state=all&per_page=10&page=2",
            probe.fake.base_url()
        )
    );
    probe.done();
}

#[tokio::test]
async fn cursors_have_no_last_page_and_do_not_lose_anything() {
    let mut world = World::default();
    world.paging = Paging::Cursors;
    world.repository("acme/web").with_issues(250);
    let probe = Probe::new(world).await;
    let first = probe.ok("/repos/acme/web/issues?state=all&direction=asc&per_page=100").await;
    assert_eq!(first.link("last"), None);
    let next = first.link("next").expect("more");
    assert!(next.contains("after="), "{next}");
    // Something that was on the first page goes; by number, the second page would now skip one.
    probe.fake.world().repository("acme/web").delete_item(1);
    let pages = probe.pages(&next).await;
    let mut seen = first.numbers();
    seen.extend(pages.iter().flat_map(super::probe::Reply::numbers));
    assert_eq!(seen, (1..=250).collect::<Vec<_>>());
    let back = probe.ok(&pages[0].link("prev").expect("a way back")).await;
    assert_eq!(back.numbers(), (2..=100).collect::<Vec<_>>());
    probe.done();
}

#[tokio::test]
async fn numbered_pages_shift_when_something_is_deleted_meanwhile() {
    let mut world = World::default();
    world.repository("acme/web").with_issues(200);
    let probe = Probe::new(world).await;
    let first = probe.ok("/repos/acme/web/issues?state=all&direction=asc&per_page=100").await;
    probe.fake.world().repository("acme/web").delete_item(1);
    let second = probe.ok(&first.link("next").expect("more")).await;
    assert_eq!(
        second.numbers()[0],
        102,
        "number 101 was missed: that is what GitHub does, and a client has to live with it"
    );
    probe.done();
}

#[tokio::test]
async fn far_pages_of_large_lists_are_refused_by_number() {
    let mut world = World::default();
    world.last_numbered_page = Some(2);
    world.repository("acme/web").with_issues(50);
    let probe = Probe::new(world).await;
    probe.ok("/repos/acme/web/issues?per_page=10&page=2").await;
    let refused = probe.get("/repos/acme/web/issues?per_page=10&page=3").await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("cursor based pagination"));
    probe.done();
}

//! `uninstall` where people are connected with GitHub, as the built program.

use super::hooks::run;
use crate::support::mirror::Mirror;

#[tokio::test(flavor = "multi_thread")]
async fn g3_12_uninstall_tells_which_connections_stay_on_github_and_where_they_end() {
    let mirror = Mirror::new(|world| {
        world.repository("octo/web");
    })
    .await;
    let row = "INSERT INTO erpnext_github_grant (user, github_id, login, avatar_url, client_id, host, status, since, pair, scopes) \
               VALUES ('ann@x.com', 7, 'ann-hub', '', 'Iv23gone', 'https://api.github.com', 'active', '2026-03-01', 1, '')";
    mirror.erp.scratch().execute(row).await.expect("a row");
    // What is kept is taken up again by a later installation.
    let kept = run(&mirror, &["uninstall", "--keep-data", "--yes"]).await;
    assert_eq!(kept.code, 0, "{kept:?}");
    assert!(!kept.stdout.contains("authorised"), "{kept:?}");
    assert_eq!(run(&mirror, &["install"]).await.code, 0);
    let ended = run(&mirror, &["uninstall", "--yes"]).await;
    assert_eq!(ended.code, 0, "what cannot be ended stops nothing: {ended:?}");
    for part in [
        "1 people are connected with GitHub: what they authorised is taken back there",
        "what 1 people authorised (ann-hub) was not taken back on GitHub",
        "each revokes it on https://github.com/settings/connections/applications/Iv23gone",
    ] {
        assert!(ended.stdout.contains(part), "{part}: {ended:?}");
    }
}

//! Two Projects become one in ERPNext, and both were connected with a repository: Frappe moves the links of one to the other, so that two rows say
//! the same. A unique key would have refused that, and with it the whole merge; so the rows are joined here.

use super::WHAT;
use super::write::Writing;
use crate::frappe::db::DbError;

impl Writing<'_> {
    /// Leaves the oldest of rows that say the same. What any of them lets through it lets through, and it is somebody's own where one of them was.
    /// It goes with an installation where an installation made them all.
    pub(super) async fn join_doubles(&mut self, project: &str, repository: &str) -> Result<(), DbError> {
        let sql = "UPDATE `tabGitHub Project Repository` c JOIN (SELECT MAX(following) AS following, MAX(service_issues) AS issues, \
                   MAX(service_pull_requests) AS pull_requests, MAX(service_releases) AS releases, MIN(_of_link) AS of_link, \
                   IF(COUNT(_installation) = COUNT(*), MAX(_installation), NULL) AS installation \
                   FROM `tabGitHub Project Repository` WHERE project = ? AND repository = ?) a \
                   SET c.following = a.following, c.service_issues = a.issues, c.service_pull_requests = a.pull_requests, \
                   c.service_releases = a.releases, c._of_link = a.of_link, c._installation = a.installation \
                   WHERE c.project = ? AND c.repository = ?";
        self.conn.exec(WHAT, sql, (project, repository, project, repository)).await?;
        let sql = "DELETE c FROM `tabGitHub Project Repository` c JOIN `tabGitHub Project Repository` o ON o.project = c.project \
                   AND o.repository = c.repository AND (o.creation < c.creation OR (o.creation = c.creation AND o.name < c.name)) \
                   WHERE c.project = ? AND c.repository = ?";
        self.conn.exec(WHAT, sql, (project, repository)).await.map(drop)
    }
}

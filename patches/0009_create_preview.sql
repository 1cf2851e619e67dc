-- Where commits can be seen at work, by deployment and as the newest of its statuses says: what the column `preview_url` of pull requests and
-- releases is made from, in whatever order deliveries come. `told_at` is GitHub's time, seconds of the epoch.
CREATE TABLE IF NOT EXISTS `erpnext_github_preview` (
  `repository_id` bigint(20) NOT NULL,
  `deployment_id` bigint(20) NOT NULL,
  `sha` varchar(64) NOT NULL,
  `git_ref` varchar(255) NOT NULL,
  `url` varchar(500) NULL,
  `told_at` bigint(20) NOT NULL,
  `status_id` bigint(20) NOT NULL,
  PRIMARY KEY (`repository_id`, `deployment_id`),
  KEY `repository_sha` (`repository_id`, `sha`),
  KEY `repository_ref` (`repository_id`, `git_ref`)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

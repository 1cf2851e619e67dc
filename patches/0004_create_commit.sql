-- When the commits were made that branches point to, in UTC, so that each is asked for once, held by a form or not.
CREATE TABLE IF NOT EXISTS `erpnext_github_commit` (
  `repository_id` bigint(20) NOT NULL,
  `sha` varchar(64) NOT NULL,
  `committed_at` datetime(6) NOT NULL,
  PRIMARY KEY (`repository_id`, `sha`)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- How far a complete walk through a feed has come that was cut off: the next page, the numbers that were seen, a bit each, and up to which one earlier walks
-- have settled what there is, and whether all that came until then was stored. The next run goes on there.
CREATE TABLE IF NOT EXISTS `erpnext_github_walk` (
  `repository_id` bigint(20) NOT NULL,
  `feed` varchar(40) NOT NULL,
  `began_at` datetime(6) NOT NULL,
  `next_page` text NOT NULL,
  `settled` bigint(20) unsigned NOT NULL DEFAULT 0,
  `is_whole` tinyint(1) NOT NULL DEFAULT 1,
  `issues` longblob NOT NULL,
  `pull_requests` longblob NOT NULL,
  PRIMARY KEY (`repository_id`, `feed`)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

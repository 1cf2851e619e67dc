-- Which repositories an installation of the App reaches that somebody picked, by GitHub's numbers. `followed` is 1 where the installation is why the
-- repository is followed here: then it is not any more once the installation does not reach it. `joined` is 1 once it was connected with the Project of
-- the installation: who takes that back is not overruled.
CREATE TABLE IF NOT EXISTS `erpnext_github_installation_repository` (
  `installation_id` bigint(20) unsigned NOT NULL,
  `repository_id` bigint(20) unsigned NOT NULL,
  `followed` tinyint(4) NOT NULL DEFAULT 0,
  `joined` tinyint(4) NOT NULL DEFAULT 0,
  PRIMARY KEY (`installation_id`, `repository_id`),
  KEY `repository_id` (`repository_id`)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

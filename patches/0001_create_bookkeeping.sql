-- What setup remembers of itself: every thing that it made (first of all, because the others are recorded in it), the patches
-- that ran, and what this site is.

CREATE TABLE IF NOT EXISTS `erpnext_github_installed` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `kind` varchar(20) NOT NULL,
  `tbl` varchar(140) NOT NULL,
  `item` varchar(255) NOT NULL,
  `extra` longtext NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `thing` (`kind`, `tbl`, `item`)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `erpnext_github_patch` (
  `name` varchar(140) NOT NULL,
  `applied_at` datetime(6) NOT NULL,
  PRIMARY KEY (`name`)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `erpnext_github_site` (
  `k` varchar(64) NOT NULL,
  `v` text NOT NULL,
  PRIMARY KEY (`k`)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Documents that we wrote and Frappe may still have cached as they were; written in the row's own transaction.
CREATE TABLE IF NOT EXISTS `erpnext_github_cache_drop` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `doctype` varchar(140) NOT NULL,
  `name` varchar(255) NOT NULL,
  `made_at` datetime(6) NOT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- The host that each credential was entered for; it is sent nowhere else.
CREATE TABLE IF NOT EXISTS `erpnext_github_credential` (
  `purpose` varchar(60) NOT NULL,
  `fingerprint` char(64) NOT NULL,
  `host` varchar(255) NOT NULL,
  `bound_at` datetime(6) NOT NULL,
  PRIMARY KEY (`purpose`)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

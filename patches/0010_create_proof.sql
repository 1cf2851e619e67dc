-- When a repository was last proven to be in step with GitHub, and what GitHub said of it then: as long as it says the same, nothing was
-- missed. `due_at` is set where a difference was met whose deliveries may still be on their way; `put_off` counts how often.
CREATE TABLE IF NOT EXISTS `erpnext_github_proof` (
  `repository_id` bigint(20) NOT NULL,
  `seen` text NULL,
  `proven_at` datetime(6) NULL,
  `due_at` datetime(6) NULL,
  `put_off` int(11) NOT NULL DEFAULT 0,
  PRIMARY KEY (`repository_id`),
  KEY `due_at` (`due_at`)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

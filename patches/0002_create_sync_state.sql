-- What a sync remembers between runs. All times are UTC.

-- How far each kind of thing of a repository was read.
CREATE TABLE IF NOT EXISTS `erpnext_github_cursor` (
  `repository_id` bigint(20) NOT NULL,
  `entity` varchar(40) NOT NULL,
  `cursor_at` datetime(6) NULL,
  `walked_at` datetime(6) NULL,
  `attempted_at` datetime(6) NULL,
  `etag` varchar(255) NULL,
  PRIMARY KEY (`repository_id`, `entity`)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Who is doing what just now.
CREATE TABLE IF NOT EXISTS `erpnext_github_lease` (
  `name` varchar(190) NOT NULL,
  `owner` varchar(190) NOT NULL,
  `fencing` bigint(20) NOT NULL,
  `lease_until` datetime(6) NOT NULL,
  `heartbeat` datetime(6) NOT NULL,
  PRIMARY KEY (`name`)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- What is gone on GitHub, and in which version, so that a late delivery does not bring it back.
CREATE TABLE IF NOT EXISTS `erpnext_github_tombstone` (
  `repository_id` bigint(20) NOT NULL,
  `entity` varchar(20) NOT NULL,
  `number` bigint(20) NOT NULL,
  `version` bigint(20) NOT NULL,
  PRIMARY KEY (`repository_id`, `entity`, `number`)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Public e-mail addresses of logins, and that there is none, remembered for a day.
CREATE TABLE IF NOT EXISTS `erpnext_github_login` (
  `login` varchar(100) NOT NULL,
  `github_id` bigint(20) NULL,
  `email` varchar(320) NULL,
  `looked_up_at` datetime(6) NOT NULL,
  PRIMARY KEY (`login`)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Renames of documents that are still to be carried to what links to them.
CREATE TABLE IF NOT EXISTS `erpnext_github_rename` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `doctype` varchar(140) NOT NULL,
  `old_name` varchar(140) NOT NULL,
  `new_name` varchar(140) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `old` (`doctype`, `old_name`)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

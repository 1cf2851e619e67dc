-- Webhooks of ours on GitHub: what they belong to (`repository:ID` or `organization:LOGIN`), what was set last, and when they are looked
-- at next. GitHub never shows a secret, so that a keyed digest of the one that was set is kept. `swept_until` is GitHub's time: what was
-- delivered before it has been looked through.
CREATE TABLE IF NOT EXISTS `erpnext_github_hook` (
  `home` varchar(80) NOT NULL,
  `repository_id` bigint(20) NOT NULL DEFAULT 0,
  `name` varchar(255) NOT NULL,
  `hook_id` bigint(20) NOT NULL DEFAULT 0,
  `is_leaving` tinyint(1) NOT NULL DEFAULT 0,
  `given_address` varchar(500) NULL,
  `given_events` text NULL,
  `address` varchar(500) NOT NULL DEFAULT '',
  `events` text NULL,
  `secret_mark` varchar(64) NOT NULL DEFAULT '',
  `last_status` int(11) NULL,
  `problem` text NULL,
  `attempts` int(11) NOT NULL DEFAULT 0,
  `suspect` tinyint(1) NOT NULL DEFAULT 1,
  `checked_at` datetime(6) NULL,
  `due_at` datetime(6) NOT NULL,
  `urgent` tinyint(1) NOT NULL DEFAULT 0,
  `swept_at` datetime(6) NULL,
  `swept_until` datetime(6) NULL,
  `sweep_due_at` datetime(6) NOT NULL,
  PRIMARY KEY (`home`),
  KEY `repository_id` (`repository_id`),
  KEY `due_at` (`due_at`),
  KEY `sweep_due_at` (`sweep_due_at`)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- How often GitHub was asked to deliver something again, by GitHub's id of what it delivered.
CREATE TABLE IF NOT EXISTS `erpnext_github_redelivery` (
  `guid` varchar(140) NOT NULL,
  `home` varchar(80) NOT NULL,
  `attempts` int(11) NOT NULL DEFAULT 1,
  `asked_at` datetime(6) NOT NULL,
  PRIMARY KEY (`guid`),
  KEY `asked_at` (`asked_at`)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- What ERPNext is to be told once its bench answers again. `wanted` is what is wanted, while it is open, so that the same thing
-- waits once. Nothing that shows who asked is kept: his session is looked up anew.
CREATE TABLE IF NOT EXISTS `erpnext_github_waiting_write` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `wanted` varchar(190) NULL,
  `user` varchar(140) NOT NULL,
  `by_key` tinyint(4) NOT NULL DEFAULT 0,
  `request` longtext NOT NULL,
  `status` varchar(20) NOT NULL,
  `reason` text NULL,
  `attempts` int(11) NOT NULL DEFAULT 0,
  `made_at` datetime(6) NOT NULL,
  `due_at` datetime(6) NOT NULL,
  `settled_at` datetime(6) NULL,
  `result` varchar(140) NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `wanted` (`wanted`),
  KEY `status_due_at` (`status`, `due_at`)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Columns that we wrote on rows which Frappe caches whole: looked at again for a while, in case an old copy comes back over them.
CREATE TABLE IF NOT EXISTS `erpnext_github_watched_row` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `doctype` varchar(140) NOT NULL,
  `name` varchar(140) NOT NULL,
  `written` longtext NOT NULL,
  `looks` int(11) NOT NULL DEFAULT 0,
  `due_at` datetime(6) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `row` (`doctype`, `name`),
  KEY `due_at` (`due_at`)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

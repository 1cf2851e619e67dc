-- How far the saves of each DocType in the desk were looked at: from which `modified` on (in the site's own time, as Frappe writes
-- it; none where that column has no index), and what stood there then.
CREATE TABLE IF NOT EXISTS `erpnext_github_watch` (
  `doctype` varchar(140) NOT NULL,
  `since` datetime(6) NULL,
  `signature` varchar(140) NOT NULL,
  `settled_at` datetime(6) NOT NULL,
  PRIMARY KEY (`doctype`)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- The link of each Project and of each Repository as it was when both sides were last in step, and the `modified` of a document
-- whose link we wrote ourselves.
CREATE TABLE IF NOT EXISTS `erpnext_github_project_link` (
  `doctype` varchar(40) NOT NULL,
  `name` varchar(140) NOT NULL,
  `target` varchar(140) NOT NULL,
  `written` datetime(6) NULL,
  PRIMARY KEY (`doctype`, `name`)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

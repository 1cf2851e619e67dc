-- What Projects are called that rows name by text: GitHub Event keeps a name, no Link, or a Project with a history could never be deleted. A rename leaves
-- creation and owner of a Project as they are, by which its new name is found.
CREATE TABLE IF NOT EXISTS `erpnext_github_project_name` (
  `name` varchar(140) NOT NULL,
  `creation` datetime(6) NOT NULL,
  `owner` varchar(140) NOT NULL DEFAULT '',
  PRIMARY KEY (`name`)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

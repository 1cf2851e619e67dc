-- The private key of the site's GitHub App, sealed for this site and for the GitHub that it was entered for. It is never sent anywhere: what is
-- signed with it is. `fingerprint` is of its public half.
CREATE TABLE IF NOT EXISTS `erpnext_github_app_key` (
  `host` varchar(255) NOT NULL,
  `fingerprint` char(32) NOT NULL,
  `sealed` blob NOT NULL,
  `entered_at` datetime(6) NOT NULL,
  PRIMARY KEY (`host`)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

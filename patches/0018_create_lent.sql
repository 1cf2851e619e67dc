-- Who lends his connection with GitHub to an integration: he said so himself, by a call of his own. What the integration's document names besides is
-- anybody's word, and nothing is asked by it.
CREATE TABLE IF NOT EXISTS `erpnext_github_lent` (
  `integration` varchar(140) NOT NULL,
  `user` varchar(140) NOT NULL,
  `lent_at` datetime(6) NOT NULL,
  PRIMARY KEY (`integration`),
  KEY `user` (`user`)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

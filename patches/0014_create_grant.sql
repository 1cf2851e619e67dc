-- Ways to GitHub and back that are under way: what somebody who comes back must show. Of the state, and of the session, only a hash is kept; the
-- verifier is sealed. A row is good for one use, by its user in his session, until it ends.
CREATE TABLE IF NOT EXISTS `erpnext_github_oauth_state` (
  `state_hash` char(64) NOT NULL,
  `user` varchar(140) COLLATE utf8mb4_bin NOT NULL,
  `session_hash` char(64) NOT NULL,
  `purpose` varchar(20) NOT NULL,
  `back_to` text NOT NULL,
  `redirect_uri` text NOT NULL,
  `verifier` blob NOT NULL,
  `ends_at` datetime(6) NOT NULL,
  PRIMARY KEY (`state_hash`),
  KEY `ends_at` (`ends_at`)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
-- With which account on GitHub a user is connected. Tokens are sealed for just this row. `pair` is a random number of the tokens that it holds:
-- whoever renews them names it, so that nothing older is written over something newer. `rotating_since` stands while GitHub is asked for new ones.
CREATE TABLE IF NOT EXISTS `erpnext_github_grant` (
  `user` varchar(140) COLLATE utf8mb4_bin NOT NULL,
  `github_id` bigint(20) unsigned NOT NULL,
  `login` varchar(140) NOT NULL,
  `avatar_url` text NOT NULL,
  `client_id` varchar(140) COLLATE utf8mb4_bin NOT NULL,
  `host` varchar(255) NOT NULL,
  `status` varchar(20) NOT NULL,
  `since` datetime(6) NOT NULL,
  `pair` bigint(20) unsigned NOT NULL,
  `access_token` blob NULL,
  `access_ends_at` datetime(6) NULL,
  `refresh_token` blob NULL,
  `refresh_ends_at` datetime(6) NULL,
  `scopes` text NOT NULL,
  `rotating_since` datetime(6) NULL,
  PRIMARY KEY (`user`),
  UNIQUE KEY `github_id` (`github_id`)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

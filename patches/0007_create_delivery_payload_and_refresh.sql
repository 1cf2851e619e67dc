-- What GitHub sent with a delivery: compressed, in pieces that fit one statement each. It goes when the delivery was processed some
-- days ago; the delivery's row in GitHub Event stays longer.
CREATE TABLE IF NOT EXISTS `erpnext_github_payload` (
  `delivery_id` varchar(140) NOT NULL,
  `piece` int(11) NOT NULL,
  `bytes` mediumblob NOT NULL,
  PRIMARY KEY (`delivery_id`, `piece`)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- What a delivery told of without saying all of it: to be read from GitHub, once for all deliveries that told of it meanwhile. `since` is
-- GitHub's time (seconds of the epoch) from which on issues and pull requests are read; 0 for what is read whole. `marks` grows with
-- every delivery, so that what comes during a read is read again.
CREATE TABLE IF NOT EXISTS `erpnext_github_refresh` (
  `repository_id` bigint(20) NOT NULL,
  `entity` varchar(40) NOT NULL,
  `since` bigint(20) NOT NULL DEFAULT 0,
  `marks` bigint(20) NOT NULL DEFAULT 1,
  `attempts` int(11) NOT NULL DEFAULT 0,
  `marked_at` datetime(6) NOT NULL,
  `due_at` datetime(6) NOT NULL,
  `reason` text NULL,
  PRIMARY KEY (`repository_id`, `entity`),
  KEY `due_at` (`due_at`)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- What a credential may still ask of GitHub, shared by all processes that use it: slices of points that are out, requests under way, writes of
-- the last hour, what was spent within a day, as JSON. `credential` is a keyed digest of it and where it is sent. An empty row is a fresh start.
CREATE TABLE IF NOT EXISTS `erpnext_github_budget` (
  `credential` varchar(190) NOT NULL,
  `state` longtext NOT NULL,
  `modified` datetime(6) NULL,
  PRIMARY KEY (`credential`)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

INSERT INTO `erpnext_github_installed` (kind, tbl, item, extra) VALUES ('table', 'tabRepository', '', NULL), ('row', 'tabRole', 'GitHub Admin', '{"wrote": {}}');
INSERT INTO `erpnext_github_patch` (name, applied_at) VALUES ('0001_create_bookkeeping', '2026-01-01 00:00:00.000000');
INSERT INTO `erpnext_github_site` (k, v) VALUES ('schema_version', '1'), ('instance_id', '0123456789abcdef0123456789abcdef');

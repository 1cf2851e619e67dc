INSERT INTO `erpnext_github_cursor` (repository_id, entity, cursor_at, etag) VALUES (1, 'Issue', '2026-01-01 00:00:00.000000', NULL), (1, 'Branch', NULL, 'W/"1"');
INSERT INTO `erpnext_github_lease` (name, owner, fencing, lease_until, heartbeat) VALUES ('repository/1', 'host/1', 7, '2026-01-01 00:01:00.000000', '2026-01-01 00:00:00.000000');
INSERT INTO `erpnext_github_tombstone` (repository_id, entity, number, version) VALUES (1, 'Issue', 12, 1767225600);
INSERT INTO `erpnext_github_login` (login, github_id, email, looked_up_at) VALUES ('octocat', 583231, NULL, '2026-01-01 00:00:00.000000');
INSERT INTO `erpnext_github_rename` (doctype, old_name, new_name) VALUES ('Repository', 'acme/web', 'acme/site');

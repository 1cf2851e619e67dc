INSERT INTO `erpnext_github_cache_drop` (doctype, name, made_at) VALUES ('Task', 'TASK-2026-00001', '2026-01-01 00:00:00.000000');
INSERT INTO `erpnext_github_credential` (purpose, fingerprint, host, bound_at) VALUES ('personal_access_token', '0000000000000000000000000000000000000000000000000000000000000000', 'api.github.com', '2026-01-01 00:00:00.000000');

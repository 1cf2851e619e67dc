INSERT INTO `erpnext_github_commit` (repository_id, sha, committed_at) VALUES (1, '0000000000000000000000000000000000000000', '2026-01-01 00:00:00.000000');

INSERT INTO `erpnext_github_login` (login, github_id, email, looked_up_at)
VALUES ('hubot', 480938, 'hubot@example.com', '2026-03-01 12:00:00.000000'), ('ghost', NULL, NULL, '2026-03-01 12:00:00.000000');
INSERT INTO `erpnext_github_preview` (repository_id, deployment_id, sha, git_ref, url, told_at, status_id)
VALUES (1, 12, '0f0f852bd8fca8fcc58a9a2d6c842781e32a215e', 'v1.1', 'https://pr-2.example.com/', 1772366460, 12);

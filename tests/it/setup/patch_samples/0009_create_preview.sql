INSERT INTO `erpnext_github_preview` (repository_id, deployment_id, sha, git_ref, url, told_at, status_id)
VALUES (1, 7, '6113728f27ae82c7b1a177c8d03f9e96e0adf246', 'topic', 'https://pr-1.example.com/', 1772366400, 9),
  (1, 8, 'f95f852bd8fca8fcc58a9a2d6c842781e32a215e', 'v1.0', NULL, 1772366400, 10);

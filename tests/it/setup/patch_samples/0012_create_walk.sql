INSERT INTO `erpnext_github_walk` (repository_id, feed, began_at, next_page, settled, issues, pull_requests)
VALUES (1, 'items', '2026-03-01 12:00:00', 'https://api.github.com/repositories/1/issues?state=all&page=57', 12, X'00', X'');

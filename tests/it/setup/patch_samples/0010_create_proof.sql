INSERT INTO `erpnext_github_proof` (repository_id, seen, proven_at, due_at, put_off)
VALUES (1, 'octo/web main@0123', '2026-03-01 12:00:00', NULL, 0),
  (2, NULL, NULL, '2026-03-01 12:01:00', 2);

INSERT INTO `erpnext_github_proof` (repository_id, seen, proven_at, due_at, put_off, drift, drift_at)
VALUES (1, 'octo/web main@0123', '2026-03-01 12:00:00', NULL, 0, 3, '2026-02-28 04:00:00'),
  (2, NULL, NULL, '2026-03-01 12:01:00', 2, 0, NULL);

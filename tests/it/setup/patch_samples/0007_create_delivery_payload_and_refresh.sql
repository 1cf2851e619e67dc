INSERT INTO `erpnext_github_payload` (delivery_id, piece, bytes)
VALUES ('72d3162e-cc78-11e3-81ab-4c9367dc0958', 0, x'28b52ffd'), ('72d3162e-cc78-11e3-81ab-4c9367dc0958', 1, x'00');
INSERT INTO `erpnext_github_refresh` (repository_id, entity, since, marks, attempts, marked_at, due_at, reason)
VALUES (1, 'items', 1772366400, 3, 0, '2026-03-01 12:00:00', '2026-03-01 12:00:00', NULL),
  (1, 'branches', 0, 1, 2, '2026-03-01 12:00:00', '2026-03-01 12:01:00', 'GitHub cannot be reached');

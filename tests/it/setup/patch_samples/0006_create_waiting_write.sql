INSERT INTO `erpnext_github_waiting_write` (wanted, user, by_key, request, status, made_at, due_at)
VALUES ('task:acme/web#1', 'jane@x.com', 0, '{"kind":"task","issue":"acme/web-#1"}', 'waiting', '2026-03-01 12:00:00', '2026-03-01 12:00:15');
INSERT INTO `erpnext_github_waiting_write` (wanted, user, by_key, request, status, reason, made_at, due_at, settled_at, result)
VALUES (NULL, 'jane@x.com', 1, '{"kind":"project","repository":"acme/web"}', 'done', NULL, '2026-03-01 12:00:00', '2026-03-01 12:00:15', '2026-03-01 12:01:00', 'PROJ-0001');
INSERT INTO `erpnext_github_watched_row` (doctype, name, written, looks, due_at)
VALUES ('Project', 'PROJ-0001', '{"modified":"2026-03-01 07:00:00.000000","columns":{"repository":"acme/web"}}', 1, '2026-03-01 12:00:20');

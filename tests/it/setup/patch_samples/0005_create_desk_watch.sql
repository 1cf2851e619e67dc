INSERT INTO erpnext_github_watch (doctype, since, signature, settled_at) VALUES ('Task', '2026-03-01 05:00:00', '2|4711|2026-03-01 06:00:00', '2026-03-01 12:00:00');
INSERT INTO erpnext_github_project_link (doctype, name, target, written) VALUES ('Project', 'PROJ-0001', 'octo/web', NULL);

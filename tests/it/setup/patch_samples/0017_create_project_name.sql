INSERT INTO `erpnext_github_project_name` (name, creation, owner) VALUES ('PROJ-0001', '2026-01-01 09:00:00.000001', 'jane@example.com');

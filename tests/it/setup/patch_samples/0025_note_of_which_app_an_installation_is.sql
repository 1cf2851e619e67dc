INSERT INTO `erpnext_github_installation_repository` (installation_id, repository_id, followed, app_id) VALUES (1, 4, 1, 77);

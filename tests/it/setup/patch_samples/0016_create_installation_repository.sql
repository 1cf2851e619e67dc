INSERT INTO `erpnext_github_installation_repository` (installation_id, repository_id, followed) VALUES (1, 2, 1);

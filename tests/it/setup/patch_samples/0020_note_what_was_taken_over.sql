INSERT INTO `erpnext_github_installation_repository` (installation_id, repository_id, followed, taken) VALUES (1, 3, 1, 1);

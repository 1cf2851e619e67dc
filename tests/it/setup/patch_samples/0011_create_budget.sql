INSERT INTO `erpnext_github_budget` (credential, state, modified)
VALUES ('3f2a@https://api.github.com/', '{"latest":1772366400000}', '2026-03-01 12:00:00');

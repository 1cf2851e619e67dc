INSERT INTO `erpnext_github_lent` (integration, user, lent_at, made_at, account) VALUES ('Octo', 'ann@x.com', '2026-11-01 09:00:00', '2026-11-01 08:00:00', 'id 7');

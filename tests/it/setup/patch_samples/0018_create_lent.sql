INSERT INTO `erpnext_github_lent` (integration, user, lent_at) VALUES ('Acme', 'ann@x.com', '2026-11-01 09:00:00');

INSERT INTO `erpnext_github_lent` (integration, user, lent_at, integration_creation) VALUES ('Umbrella', 'ann@x.com', '2026-11-01 09:00:00', '2026-10-31 12:00:00.000001');

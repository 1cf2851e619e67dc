INSERT INTO `erpnext_github_redelivery` (guid, home, attempts, asked_at, delivered_at) VALUES ('g-22', 'application:7', 1, '2026-11-01 09:00:00', '2026-10-31 09:00:00');

INSERT INTO `erpnext_github_app_key` (host, fingerprint, sealed, entered_at)
VALUES ('https://api.github.com', 'e3b0c44298fc1c149afbf4c8996fb924', X'0100', '2026-03-01 12:00:00');

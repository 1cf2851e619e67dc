INSERT INTO `erpnext_github_oauth_state` (state_hash, user, session_hash, purpose, back_to, redirect_uri, verifier, ends_at)
VALUES ('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', 'jane@x.com', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  'connect', '/app/user/jane@x.com', 'https://erp.example.com/integrations/github/callback', X'0100', '2026-03-01 12:10:00');
INSERT INTO `erpnext_github_grant` (user, github_id, login, avatar_url, client_id, host, status, since, pair, access_token, access_ends_at, refresh_token, refresh_ends_at, scopes)
VALUES ('jane@x.com', 583231, 'octocat', '', 'Iv23abc', 'https://api.github.com', 'active', '2026-03-01 12:00:00', 4711, X'0100', '2026-03-01 20:00:00', X'0100', '2026-09-01 12:00:00', ''),
  ('joe@x.com', 480938, 'hubot', '', 'Iv23abc', 'https://api.github.com', 'revoked', '2026-03-01 12:00:00', 4712, NULL, NULL, NULL, NULL, '');

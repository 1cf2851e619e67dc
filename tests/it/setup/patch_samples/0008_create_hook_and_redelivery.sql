INSERT INTO `erpnext_github_hook` (home, repository_id, name, hook_id, address, events, secret_mark, suspect, checked_at, due_at, sweep_due_at)
VALUES ('repository:1', 1, 'acme/web', 7, 'https://erp.example.com/hook', 'issues,push', 'ab', 0, '2026-03-01 12:00:00', '2026-03-02 12:00:00', '2026-03-02 12:00:00'),
  ('organization:acme', 0, 'acme', 0, '', NULL, '', 1, NULL, '2026-03-01 12:00:00', '2026-03-01 12:00:00');
INSERT INTO `erpnext_github_redelivery` (guid, home, attempts, asked_at) VALUES ('72d3162e-cc78-11e3-81ab-4c9367dc0958', 'repository:1', 2, '2026-03-01 12:00:00');

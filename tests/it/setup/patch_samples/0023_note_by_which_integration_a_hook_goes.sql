UPDATE `erpnext_github_hook` SET `left_integration` = 'Acme';

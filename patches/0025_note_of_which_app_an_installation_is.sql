-- Of which App the installation is, by GitHub's number: its document may be deleted, and another App can say nothing of it.
ALTER TABLE `erpnext_github_installation_repository` ADD COLUMN IF NOT EXISTS `app_id` bigint(20) unsigned NULL;

-- `taken` is 1 once the integration of the account had the repository: who lets it go there is not overruled.
ALTER TABLE `erpnext_github_installation_repository` ADD COLUMN IF NOT EXISTS `taken` tinyint(4) NOT NULL DEFAULT 0;

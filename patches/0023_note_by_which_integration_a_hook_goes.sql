-- A repository that is let go belongs to no integration any more; its webhook was made by the one that it had, and only that one may be able to remove it.
ALTER TABLE `erpnext_github_hook` ADD COLUMN IF NOT EXISTS `left_integration` varchar(140) NULL;

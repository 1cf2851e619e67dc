-- What is lent belongs to one document: one that is made under the name of a deleted one has another creation.
ALTER TABLE `erpnext_github_lent` ADD COLUMN IF NOT EXISTS `integration_creation` datetime(6);

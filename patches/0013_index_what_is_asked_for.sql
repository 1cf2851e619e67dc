-- What is looked for by a moment, or because it is there at all, is found without reading everything.
ALTER TABLE `erpnext_github_login`
  ADD INDEX IF NOT EXISTS `looked_up_at` (`looked_up_at`),
  ADD INDEX IF NOT EXISTS `email` (`email`(100));
ALTER TABLE `erpnext_github_preview` ADD INDEX IF NOT EXISTS `told_at` (`told_at`);

-- What GitHub is asked to deliver again was delivered first at `delivered_at`, by GitHub's clock: what it tells is about that time, however late it comes.
ALTER TABLE `erpnext_github_redelivery` ADD COLUMN IF NOT EXISTS `delivered_at` datetime(6) NULL;

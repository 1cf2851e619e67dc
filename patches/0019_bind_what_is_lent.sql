-- What somebody lends is lent to one document, which may be made anew under its name, and for one account. What was lent before this was known says
-- neither, and is to be lent again.
ALTER TABLE `erpnext_github_lent` ADD COLUMN IF NOT EXISTS `made_at` datetime(6) NULL,
  ADD COLUMN IF NOT EXISTS `account` varchar(150) NOT NULL DEFAULT '';

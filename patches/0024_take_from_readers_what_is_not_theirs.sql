-- What somebody owns, Frappe lists to him in any case. Child rows that earlier versions wrote belong to whoever pressed the button: from now on all are
-- nobody's who is confined to some repositories, as those that are written today. A site without these tables has nothing to change, and where nothing is
-- to be changed each table is read once, without a lock. Else some thousand rows are written at a time, so that nobody waits for all of them.
-- The `;` of the statements within stand before them, as one at the end of a line would end the whole.
BEGIN NOT ATOMIC
  FOR child IN (
    SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME IN (
      'tabGitHub Event Project', 'tabGitHub Sync Run Entity', 'tabRepository Branch', 'tabRepository Issue Assignee', 'tabRepository Member',
      'tabRepository PR Assignee', 'tabRepository PR Reviewer', 'tabRepository Release Asset'
    )
  ) DO
    SET @after = '', @upto = ''
    ; WHILE @upto IS NOT NULL DO
      EXECUTE IMMEDIATE CONCAT(
        'SELECT MAX(name) INTO @upto FROM (SELECT name FROM `', child.name,
        '` WHERE name > ? AND NOT owner <=> ''Administrator'' ORDER BY name LIMIT 5000) some'
      ) USING @after
      ; EXECUTE IMMEDIATE CONCAT(
        'UPDATE `', child.name, '` SET owner = ''Administrator'' WHERE name > ? AND name <= ? AND NOT owner <=> ''Administrator'''
      ) USING @after, @upto
      ; SET @after = @upto
    ; END WHILE
  ; END FOR
; END;
-- A rule names the Project of a repository's releases, which is not for everybody who reads the repository: admins alone see rules.
DELETE FROM `tabDocPerm` WHERE parent = 'GitHub Release Rule' AND parenttype = 'DocType' AND role = 'GitHub User';

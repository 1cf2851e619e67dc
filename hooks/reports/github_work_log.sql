SELECT
  w.day AS "Date:Date:110",
  COALESCE(MAX(ui.full_name), MAX(ul.full_name), NULLIF(CONCAT(MAX(w.login), MAX(w.named)), ''), 'ghost') AS "Person:Data:170",
  COALESCE(MAX(ui.login), MAX(w.login)) AS "GitHub Login:Data:140",
  w.repository AS "Repository:Link/Repository:200",
  CAST(SUM(w.commits) AS SIGNED) AS "Commits:Int:90",
  CAST(SUM(w.pull_requests) AS SIGNED) AS "Pull Requests:Int:110",
  CAST(SUM(w.reviews) AS SIGNED) AS "Reviews:Int:90",
  CAST(SUM(w.issues) AS SIGNED) AS "Issues:Int:90",
  CAST(SUM(w.comments) AS SIGNED) AS "Comments:Int:100"
FROM (
  SELECT DATE(x.committed_at) AS day, IFNULL(x.author, '') AS login, IFNULL(x.author_id, '') AS account, IF(IFNULL(x.author, '') = '', IFNULL(x.author_name, ''), '') AS named, x.repository, 1 AS commits, 0 AS pull_requests, 0 AS reviews, 0 AS issues, 0 AS comments
  FROM `tabRepository` r
  JOIN `tabRepository Commit` x ON x.repository = r.name
  WHERE x.committed_at >= %(from_date)s AND x.committed_at < DATE_ADD(%(to_date)s, INTERVAL 1 DAY) AND x.deleted_on_github = 0
    AND (IFNULL(%(project)s, '') IN ('', CHAR(37)) OR r.name IN (SELECT repository FROM `tabGitHub Project Repository` WHERE project = %(project)s))
  UNION ALL
  SELECT DATE(x.created_at) AS day, IFNULL(x.author, '') AS login, IFNULL(x.author_id, '') AS account, '' AS named, x.repository, 0 AS commits, 1 AS pull_requests, 0 AS reviews, 0 AS issues, 0 AS comments
  FROM `tabRepository` r
  JOIN `tabRepository Pull Request` x ON x.repository = r.name
  WHERE x.created_at >= %(from_date)s AND x.created_at < DATE_ADD(%(to_date)s, INTERVAL 1 DAY) AND x.deleted_on_github = 0
    AND (IFNULL(%(project)s, '') IN ('', CHAR(37)) OR r.name IN (SELECT repository FROM `tabGitHub Project Repository` WHERE project = %(project)s))
  UNION ALL
  SELECT DATE(x.submitted_at) AS day, IFNULL(x.reviewer, '') AS login, IFNULL(x.reviewer_id, '') AS account, '' AS named, x.repository, 0 AS commits, 0 AS pull_requests, 1 AS reviews, 0 AS issues, 0 AS comments
  FROM `tabRepository` r
  JOIN `tabRepository Review` x ON x.repository = r.name
  WHERE x.submitted_at >= %(from_date)s AND x.submitted_at < DATE_ADD(%(to_date)s, INTERVAL 1 DAY) AND x.deleted_on_github = 0
    AND (IFNULL(%(project)s, '') IN ('', CHAR(37)) OR r.name IN (SELECT repository FROM `tabGitHub Project Repository` WHERE project = %(project)s))
  UNION ALL
  SELECT DATE(x.created_at) AS day, IFNULL(x.author, '') AS login, IFNULL(x.author_id, '') AS account, '' AS named, x.repository, 0 AS commits, 0 AS pull_requests, 0 AS reviews, 1 AS issues, 0 AS comments
  FROM `tabRepository` r
  JOIN `tabRepository Issue` x ON x.repository = r.name
  WHERE x.created_at >= %(from_date)s AND x.created_at < DATE_ADD(%(to_date)s, INTERVAL 1 DAY) AND x.deleted_on_github = 0
    AND (IFNULL(%(project)s, '') IN ('', CHAR(37)) OR r.name IN (SELECT repository FROM `tabGitHub Project Repository` WHERE project = %(project)s))
  UNION ALL
  SELECT DATE(x.created_at) AS day, IFNULL(x.author, '') AS login, IFNULL(x.author_id, '') AS account, '' AS named, x.repository, 0 AS commits, 0 AS pull_requests, 0 AS reviews, 0 AS issues, 1 AS comments
  FROM `tabRepository` r
  JOIN `tabRepository Comment` x ON x.repository = r.name
  WHERE x.created_at >= %(from_date)s AND x.created_at < DATE_ADD(%(to_date)s, INTERVAL 1 DAY) AND x.deleted_on_github = 0
    AND (IFNULL(%(project)s, '') IN ('', CHAR(37)) OR r.name IN (SELECT repository FROM `tabGitHub Project Repository` WHERE project = %(project)s))
) w
LEFT JOIN (
  SELECT github_user_id AS account, COALESCE(MAX(IF(enabled = 1, name, NULL)), MIN(name)) AS name,
    COALESCE(MAX(IF(enabled = 1, full_name, NULL)), MIN(full_name)) AS full_name, MAX(github_username) AS login
  FROM `tabUser` WHERE github_user_id > ''
  GROUP BY github_user_id HAVING COUNT(*) = 1 OR SUM(enabled) = 1
) ui ON ui.account = w.account
LEFT JOIN (
  SELECT github_username AS login, COALESCE(MAX(IF(enabled = 1, name, NULL)), MIN(name)) AS name,
    COALESCE(MAX(IF(enabled = 1, full_name, NULL)), MIN(full_name)) AS full_name, MAX(IFNULL(github_user_id, '')) AS account
  FROM `tabUser` WHERE github_username > ''
  GROUP BY github_username HAVING COUNT(*) = 1 OR SUM(enabled) = 1
) ul ON ui.name IS NULL AND ul.login = w.login AND (w.account = '' OR ul.account = '')
WHERE IFNULL(%(person)s, '') IN ('', CHAR(37))
  OR %(person)s IN (CONCAT(w.login, w.named), ui.name, ui.full_name, ui.login, ul.name, ul.full_name)
GROUP BY w.day, w.repository, IFNULL(ui.name, ul.name),
  IF(IFNULL(ui.name, ul.name) IS NOT NULL, '', IF(w.account = '', CONCAT(w.login, w.named), w.account))
ORDER BY 1 DESC, 3, 2, 4

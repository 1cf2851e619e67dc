-- Whoever reads a repository does not see which Projects it is connected with, only the connections that he made: `install` writes that row, and this one,
-- which showed him all of them, goes.
DELETE FROM `tabDocPerm` WHERE parent = 'GitHub Project Repository' AND parenttype = 'DocType' AND role = 'GitHub User' AND permlevel = 0 AND if_owner = 0;

INSERT INTO `tabDocPerm` (name, parent, parenttype, parentfield, role, permlevel, `read`, if_owner) VALUES ('own row', 'Repository Branch', 'DocType', 'permissions', 'All', 0, 1, 1);
INSERT INTO `tabDocPerm` (name, parent, parenttype, parentfield, role, permlevel, `read`, if_owner) VALUES ('of admins', 'GitHub Release Rule', 'DocType', 'permissions', 'GitHub Admin', 0, 1, 0);

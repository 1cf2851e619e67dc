INSERT INTO `tabDocPerm` (name, parent, parenttype, parentfield, role, permlevel, `read`, if_owner) VALUES ('own', 'GitHub Project Repository', 'DocType', 'permissions', 'GitHub User', 0, 1, 1);

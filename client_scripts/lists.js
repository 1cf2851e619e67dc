// What our lists have in common.

// Adds to what a list does. The desk runs a script again with each new copy of the DocType: a second time replaces the first.
function listing(doctype, ours) {
	const before = frappe.listview_settings[doctype] || {};
	const theirs = before.of_github || before;
	frappe.listview_settings[doctype] = {
		...theirs,
		...ours,
		add_fields: [...(theirs.add_fields || []), ...(ours.add_fields || [])],
		onload(listview) {
			if (theirs.onload) theirs.onload(listview);
			if (ours.onload) ours.onload(listview);
		},
		of_github: theirs,
	};
}

// Asks whose rows are to be shown, and filters by the people in a child table: by the user, or by a login that no user has.
function ask_for_person(listview, title, table) {
	ask({
		title,
		fields: [
			{
				fieldname: "user",
				label: __("User"),
				fieldtype: "Link",
				options: "User",
				default: frappe.session.user,
			},
			{
				fieldname: "login",
				label: __("GitHub Login"),
				fieldtype: "Data",
				description: __("For somebody who is no user here."),
			},
		],
		label: __("Filter"),
		async submit({ user, login }) {
			const filters = listview.filter_area;
			await filters.remove("user");
			await filters.remove("github_username");
			if (login) await filters.add([[table, "github_username", "=", login.trim()]]);
			else if (user) await filters.add([[table, "user", "=", user]]);
		},
	});
}

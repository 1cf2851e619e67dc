// The list of Repository Issues.

listing("Repository Issue", {
	add_fields: ["state", "state_reason", "deleted_on_github"],
	get_indicator(doc) {
		if (doc.deleted_on_github) return [__("Gone"), "gray", "deleted_on_github,=,1"];
		if (doc.state === "open") return [__("Open"), "green", "state,=,open"];
		return doc.state_reason === "not_planned"
			? [__("Not Planned"), "gray", "state_reason,=,not_planned"]
			: [__("Closed"), "purple", "state,=,closed"];
	},
	onload(listview) {
		button(listview, __("Filter by Assignee"), null, () =>
			ask_for_person(listview, __("Issues Assigned To"), "Repository Issue Assignee")
		);
	},
});

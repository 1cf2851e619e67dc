// The list of Repository Pull Requests.

listing("Repository Pull Request", {
	add_fields: ["state", "draft", "review_decision", "deleted_on_github"],
	get_indicator(doc) {
		if (doc.deleted_on_github) return [__("Gone"), "gray", "deleted_on_github,=,1"];
		if (doc.state === "merged") return [__("Merged"), "purple", "state,=,merged"];
		if (doc.state === "closed") return [__("Closed"), "red", "state,=,closed"];
		if (doc.draft) return [__("Draft"), "gray", "draft,=,1|state,=,open"];
		if (doc.review_decision === "changes_requested") {
			return [__("Changes Requested"), "orange", "review_decision,=,changes_requested|state,=,open"];
		}
		return doc.review_decision === "approved"
			? [__("Approved"), "blue", "review_decision,=,approved|state,=,open"]
			: [__("Open"), "green", "state,=,open"];
	},
	onload(listview) {
		button(listview, __("Filter by Reviewer"), null, () =>
			ask_for_person(listview, __("Pull Requests Waiting For"), "Repository PR Reviewer")
		);
		button(listview, __("Filter by Assignee"), null, () =>
			ask_for_person(listview, __("Pull Requests Assigned To"), "Repository PR Assignee")
		);
	},
});

// The list of Repositories.

listing("Repository", {
	add_fields: ["enabled", "is_synced", "archived", "deleted_on_github", "last_sync_error"],
	get_indicator(doc) {
		if (doc.deleted_on_github) return [__("Gone"), "red", "deleted_on_github,=,1"];
		if (!doc.enabled) return [__("Disabled"), "gray", "enabled,=,0"];
		if (doc.archived) return [__("Archived"), "gray", "archived,=,1"];
		if (doc.last_sync_error) return [__("Sync Failed"), "orange", "last_sync_error,is,set"];
		return doc.is_synced
			? [__("Synced"), "green", "is_synced,=,1"]
			: [__("Not Synced"), "blue", "is_synced,=,0"];
	},
	onload(listview) {
		if (!is_admin()) return;
		const group = __("GitHub");
		button(listview, __("Fetch All Repositories"), group, () => ask_to_fetch(() => listview.refresh()));
		button(listview, __("Sync All Repositories"), group, () => confirm_sync_all());
		button(listview, __("Bulk Import"), group, () => ask_to_import());
	},
});

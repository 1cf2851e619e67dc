// The list of GitHub Integrations.

listing("GitHub Integration", {
	add_fields: ["enabled", "health", "account_login"],
	get_indicator(doc) {
		if (!doc.enabled) return [__("Disabled"), "gray", "enabled,=,0"];
		const words = { ok: [__("Works"), "green"], attention: [__("Needs Attention"), "orange"], failing: [__("Failing"), "red"] };
		const [label, colour] = words[doc.health] || [__("Not Checked"), "blue"];
		return [label, colour, `health,=,${doc.health || ""}`];
	},
	onload(listview) {
		if (!is_admin()) return;
		button(listview, __("Connect GitHub"), "", () => {
			connect_wizard();
		});
	},
});

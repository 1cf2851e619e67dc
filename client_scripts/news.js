// What is new in a repository: its latest release, and what GitHub delivered last.

const release_html = (release) => {
	if (!release) return "";
	const name = link(release.url, release.tag_name || release.title);
	const kind = release.prerelease ? ` ${pill(__("Pre-release"), "orange")}` : "";
	return `${name} ${ago(release.published_at)}${kind}`;
};

const DELIVERY_COLOURS = { processed: "green", processing: "blue", unprocessed: "orange", errored: "red" };

// One line, folded; none where GitHub delivered nothing yet.
function deliveries_html(deliveries) {
	if (!deliveries || !deliveries.length) return [];
	// Others than admins may not open a GitHub Event.
	const named = (one) => {
		const what = [one.event, one.action].filter(Boolean).join(" ");
		return is_admin() ? doc_link("GitHub Event", one.name, what) : esc(what);
	};
	const lines = deliveries.map(
		(one) => `${named(one)} ${pill(__(one.status), DELIVERY_COLOURS[one.status] || "gray")} ${ago(one.received_at)}`
	);
	const latest = __("Last delivery from GitHub: {0}", [ago(deliveries[0].received_at)]);
	return [`<details><summary>${latest}</summary>${list(lines)}</details>`];
}

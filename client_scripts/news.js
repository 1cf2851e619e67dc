// What is new in a repository: its latest release, and what GitHub delivered last; what reached a Project; and the releases of a Project or a Task.

const release_html = (release) => {
	if (!release) return "";
	const name = link(release.url, release.tag_name || release.title);
	const kind = release.prerelease ? ` ${pill(__("Pre-release"), "orange")}` : "";
	return `${name} ${ago(release.published_at)}${kind}`;
};

const DELIVERY_COLOURS = { processed: "green", processing: "blue", unprocessed: "orange", errored: "red" };

// Why GitHub's word changed nothing here.
const reason_html = (one) => (one.reason ? ` <span class="text-muted">${esc(one.reason)}</span>` : "");

// One line, folded; none where GitHub delivered nothing yet.
function deliveries_html(deliveries) {
	if (!deliveries || !deliveries.length) return [];
	// Others than admins may not open a GitHub Event.
	const named = (one) => {
		const what = [one.event, one.action].filter(Boolean).join(" ");
		return is_admin() ? doc_link("GitHub Event", one.name, what) : esc(what);
	};
	const lines = deliveries.map(
		(one) => `${named(one)} ${pill(__(one.status), DELIVERY_COLOURS[one.status] || "gray")} ${ago(one.received_at)}${reason_html(one)}`
	);
	const latest = __("Last delivery from GitHub: {0}", [ago(deliveries[0].received_at)]);
	return [`<details><summary>${latest}</summary>${list(lines)}</details>`];
}

// What reached a Project, folded.
function reached_html(reached) {
	if (!reached || !reached.length) return "";
	const named = (one) => {
		const what = [one.event, one.action].filter(Boolean).join(" ");
		return is_admin() ? doc_link("GitHub Event", one.name, what) : esc(what);
	};
	const lines = reached.map((one) => `${named(one)} ${esc(one.repository)} ${esc(one.sender)} ${ago(one.received_at)}`);
	const latest = __("Last news of the repositories: {0}", [ago(reached[0].received_at)]);
	return `<details class="mt-2"><summary>${latest}</summary>${list(lines)}</details>`;
}

// Releases that belong to a Project or a Task.
function releases_html(releases, here) {
	if (!releases || !releases.length) return "";
	const lines = releases.map((one) => {
		const preview = one.preview_url ? link(one.preview_url, __("Preview")) : "";
		return `${doc_link("Repository Release", one.name, one.title || one.tag_name)} ${release_html(one)} ${preview} ${
			one.task && one.task !== here ? doc_link("Task", one.task) : ""
		}`;
	});
	return `<div class="mt-2">${__("Releases:")}${list(lines)}</div>`;
}

const PROJECT_NEWS = "github_project_news";
// So long news are gathered, in milliseconds.
const GATHER = 1000;

// Listens for news of the Project that the form shows; whoever listened before for this form stops.
function on_project_news(frm, hear) {
	if (frm.github_news) frappe.realtime.off(PROJECT_NEWS, frm.github_news);
	let waits = null;
	frm.github_news = (event) => {
		if (!event || event.project !== frm.docname || waits) return;
		// What comes within a second of the first is read with it.
		waits = setTimeout(() => {
			waits = null;
			if (event.project === frm.docname && !frm.is_new()) hear();
		}, GATHER);
	};
	frappe.realtime.on(PROJECT_NEWS, frm.github_news);
}

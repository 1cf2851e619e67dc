// What was done lately: commits, pull requests and comments, counted and listed, the newest first.

const FEED_KINDS = {
	commit: [__("Commit"), "Repository Commit"],
	pull_request: [__("Pull Request"), "Repository Pull Request"],
	comment: [__("Comment"), "Repository Comment"],
};

// Puts the feed under an overview that is shown, unless the form shows something else by then. Without an answer there is none.
async function feed_into(frm, body, args) {
	if (!body) return;
	const turn = frm.github_turn;
	let page = null;
	try {
		page = await peek("desk.activity_feed", { ...args, limit: 5 });
	} catch {
		return;
	}
	if (frm.github_turn !== turn) return;
	body.append(feed_section_html(page, args));
	body.find(".github-feed button").on("click", () => show_feed(args).catch(told));
}

function feed_section_html(page, args) {
	const { commits = 0, pull_requests = 0, comments = 0 } = page.counts || {};
	const counted = __("Activity of {0} days: {1} commits, {2} pull requests, {3} comments", [
		esc(page.period_days),
		esc(commits),
		esc(pull_requests),
		esc(comments),
	]);
	const entries = page.entries || [];
	const more = page.next ? `<button class="btn btn-xs btn-default">${__("All Activity")}</button>` : "";
	return (
		`<details class="github-feed mt-2"><summary>${counted}</summary>` +
		(entries.length ? list(entries.map((entry) => feed_entry_html(entry, args))) : __("Nothing yet.")) +
		`${more}</details>`
	);
}

function feed_entry_html(entry, args) {
	const [kind, doctype] = FEED_KINDS[entry.kind] || [entry.kind, ""];
	const title = doc_link(doctype, entry.name, entry.title || entry.name);
	const what = entry.number ? link(entry.url, `#${entry.number}`) : link(entry.url, __("GitHub"));
	const state = entry.state ? pill(entry.state, "gray") : "";
	const where = args.project ? `<span class="text-muted">${esc(entry.repository)}</span>` : "";
	return `<span class="text-muted">${esc(kind)}</span> ${what} ${title} ${state} ${esc(entry.author)} ${where} ${ago(entry.at)}`;
}

// All of it, a page after the other.
async function show_feed(args) {
	const dialog = show(__("Activity in {0}", [esc(args.repository || args.project)]), "");
	const box = dialog.fields_dict.content.$wrapper;
	const entries = [];
	let next = null;
	let busy = false;
	const read = async () => {
		if (busy) return;
		busy = true;
		try {
			const page = await call("desk.activity_feed", { ...args, before: next });
			entries.push(...(page.entries || []));
			next = page.next;
			const more = next ? `<button class="btn btn-sm btn-default">${__("More")}</button>` : "";
			box.html(list(entries.map((entry) => feed_entry_html(entry, args))) + more);
			box.find("button").on("click", () => read().catch(told));
		} finally {
			busy = false;
		}
	};
	await read();
}

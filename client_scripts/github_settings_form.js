// The form of GitHub Settings.

on("GitHub Settings", {
	refresh(frm) {
		section(frm, null);
		settings_buttons(frm);
		with_overview(frm, "desk.settings_overview", {}, (overview, error) => {
			if (overview) show_state(frm, overview);
			else if (error && error.unreachable) unreachable_section(frm);
		});
	},
});

function settings_buttons(frm) {
	const [ACTIONS_GROUP, SYNC, STATISTICS] = [__("Actions"), __("Sync"), __("Statistics")];
	const add = (label, group, action) =>
		button(frm, label, group, async () => {
			// What was typed into the form counts: a token, a secret, an organization.
			if (await saved(frm)) await action();
		});
	add(__("Test Connection"), ACTIONS_GROUP, () => test_connection(frm));
	button(frm, __("Connect GitHub"), ACTIONS_GROUP, () => {
		// It may have made the App, of which this form tells.
		connect_wizard(() => app_changed(frm));
	});
	add(__("Bulk Update Github Username"), ACTIONS_GROUP, () => confirm_link_users());
	add(__("Bulk Create Issues"), ACTIONS_GROUP, () => ask_for_issues());
	add(__("Manage Repository Access"), ACTIONS_GROUP, () => ask_for_access());
	app_buttons(frm);
	add(__("Fetch All Repositories"), SYNC, () => ask_to_fetch(() => frappe.set_route("List", "Repository")));
	add(__("List Repositories"), SYNC, () => list_repositories(frm));
	add(__("Sync All Repositories"), SYNC, () => confirm_sync_all());
	add(__("Sync Repository Members"), SYNC, () => ask_to_sync_members());
	add(__("Show Sync Statistics"), STATISTICS, () => show_sync_statistics());
}

// --- State and next step ----------------------------------------------------------------------------------------------

function show_state(frm, overview) {
	const steps = overview.steps || [];
	const next = steps.find((step) => !step.done);
	const body = section(frm, settings_html(overview) + app_html(frm, overview.app) + (next ? steps_html(steps, next) : ""));
	if (!body) return;
	app_clicks(frm, body);
	body.find("[data-github-step]").on("click", () => {
		Promise.resolve()
			.then(() => take_step(frm, next.key))
			.catch(told);
	});
}

function settings_html(overview) {
	const token = overview.token || {};
	const budget = overview.budget;
	const lines = [];
	if (overview.passive) lines.push(`${pill(__("Passive"), "red")} ${esc(overview.passive)}`);
	if (overview.enabled === false) {
		lines.push(`${pill(__("Disabled"), "orange")} ${__("Nothing is synced, and no button speaks to GitHub.")}`);
	}
	lines.push(
		facts([
			[__("Works By"), esc((overview.credential || {}).text)],
			[__("Token"), token_html(token)],
			[__("Scopes"), token.scopes ? esc(token.scopes.join(", ")) || __("none") : ""],
			[
				__("Requests Left"),
				budget ? __("{0} of {1}, all again at {2}", [esc(budget.remaining), esc(budget.limit), at(budget.reset)]) : "",
			],
			[__("Spent in 24 Hours"), spent_html(overview.spent)],
			[__("Version"), esc(overview.version)],
		])
	);
	const runs = (overview.last_runs || []).map((run) => [
		doc_link("GitHub Sync Run", run.name),
		doc_link("Repository", run.repository),
		esc(__(run.status || "")),
		ago(run.started_at),
	]);
	if (runs.length) lines.push(table([__("Run"), __("Repository"), __("Status"), __("Started")], runs));
	return lines.map((line) => `<div class="mb-2">${line}</div>`).join("");
}

function token_html(token) {
	if (token.error) return `${pill(__("Not Valid"), "red")} ${esc(token.error)}`;
	return token.login ? __("valid for {0}", [esc(token.login)]) : __("none");
}

// Points of GitHub's limits by kind of work, the dearest first.
function spent_html(spent) {
	const kinds = {
		sync: __("syncing"),
		full_sync: __("complete syncs"),
		webhooks: __("webhooks"),
		reconciliation: __("comparing"),
		hooks: __("keeping webhooks"),
		desk: __("buttons"),
		other: __("other"),
	};
	return Object.entries(spent || {})
		.filter(([, cost]) => cost.requests)
		.sort(([, one], [, other]) => other.points - one.points)
		.map(([work, cost]) => __("{0} points ({1} requests) for {2}", [esc(cost.points), esc(cost.requests), esc(kinds[work] || work)]))
		.join(", ");
}

function steps_html(steps, next) {
	const items = steps.map((step) => {
		const text = esc(__(step.text));
		if (step.done) return `<span class="text-muted">✓ ${text}</span>`;
		return step === next
			? `<b>${text}</b> <button class="btn btn-xs btn-primary" data-github-step="${esc(step.key)}">${__("Next Step")}</button>`
			: text;
	});
	return `<div class="mb-2"><div>${__("First Run")}</div>${list(items)}</div>`;
}

async function take_step(frm, key) {
	const to_field = { token: frm.doc.auth_type === "GitHub App" ? "app_id" : "personal_access_token", secret: "webhook_secret" }[key];
	if (to_field) {
		if (frm.scroll_to_field) frm.scroll_to_field(to_field);
		return;
	}
	if (!(await saved(frm))) return;
	if (key === "repositories") await ask_to_fetch(() => frm.reload_doc());
	if (key === "first_sync") await confirm_sync_all();
	if (key === "webhook") ask_for_webhook();
}

const ask_for_webhook = () =>
	ask({
		title: __("Manage Webhooks"),
		fields: [repository_field()],
		label: __("Show"),
		submit: async ({ repository }) => {
			const answer = await frappe.db.get_value("Repository", repository, "url");
			await show_webhooks(repository, answer && answer.message && answer.message.url);
		},
	});

// --- Buttons of this form alone ---------------------------------------------------------------------------------------

async function test_connection(frm) {
	const answer = await call("github_api.test_connection", {}, { freeze: __("Asking GitHub") });
	show(__("Test Connection"), tested_html(answer));
	if (!frm.is_dirty()) await frm.reload_doc();
}

const confirm_link_users = () =>
	new Promise((resolve, reject) => {
		frappe.confirm(
			__(
				"Look for the GitHub login of every user who has none, by his e-mail address? Where exactly one account shows the address, it is linked; where several do, they are named for you to choose from."
			),
			() => link_users().then(resolve, reject),
			() => resolve()
		);
	});

async function link_users() {
	const answer = await long_work("api.bulk_link_github_users", {}, __("Logins of users"));
	show(__("GitHub Logins"), linked_users_html(answer));
}

function linked_users_html(answer) {
	const rows = (items) => (Array.isArray(items) ? items : []);
	const user = (one) => doc_link("User", one.user || one);
	const parts = [
		[
			__("Linked"),
			rows(answer.linked).map((one) => `${user(one)}: ${esc(one.github_username)}`),
		],
		[
			__("To be chosen by you, in the form of the user"),
			rows(answer.ambiguous).map((one) => `${user(one)}: ${esc((one.candidates || []).join(", "))}`),
		],
		[__("Nobody shows this address"), rows(answer.not_found).map(user)],
		[__("Failed"), rows(answer.failed).map((one) => esc(failure_text(one)))],
	];
	const told_parts = parts.filter(([, items]) => items.length);
	return told_parts.length
		? told_parts.map(([title, items]) => `<h5>${esc(title)}: ${items.length}</h5>${list(items)}`).join("")
		: `<p>${__("There is no user without a login whose address could be looked for.")}</p>`;
}

function ask_for_issues() {
	ask({
		title: __("Bulk Create Issues"),
		size: "large",
		fields: [
			repository_field(),
			{
				fieldname: "issues_data",
				label: __("Issues JSON Data"),
				fieldtype: "Code",
				options: "JSON",
				reqd: 1,
				description: __("A list, for example {0}", [
					`<code>${esc('[{"title": "A title", "body": "A text", "labels": ["bug"], "assignees": ["octocat"]}]')}</code>`,
				]),
			},
		],
		label: __("Create Issues"),
		submit({ repository, issues_data }, dialog) {
			const issues = issues_in(issues_data);
			if (!issues) return false;
			return create_issues(repository, issues, dialog);
		},
	});
}

// The list that was typed, or none, after the person was told what is wrong with it.
function issues_in(text) {
	let issues = null;
	try {
		issues = JSON.parse(text);
	} catch (error) {
		say(__("This is not JSON: {0}", [esc(error.message)]), "orange");
		return null;
	}
	const list_of_issues = Array.isArray(issues) ? issues : [issues];
	const wrong = list_of_issues.findIndex((one) => !one || typeof one !== "object" || !String(one.title || "").trim());
	if (!list_of_issues.length || wrong >= 0) {
		say(__("Each issue must be an object with a title; number {0} is not.", [wrong + 1]), "orange");
		return null;
	}
	return list_of_issues;
}

async function create_issues(repository, issues, dialog) {
	dialog.hide();
	const answer = await long_work(
		"github_api.bulk_create_issues",
		{ repository, issues: JSON.stringify(issues) },
		__("Issues in {0}", [repository])
	);
	const created = answer.created ?? 0;
	const lines = [__("{0} of {1} issues were created in {2}.", [esc(created), issues.length, esc(repository)])];
	if (answer.status === "waiting") {
		lines.push(__("The others wait: they are created or looked for without a further press."));
	}
	const failures = failures_html([...(answer.failures || []), ...(answer.unknown || [])]);
	say(lines.join("<br>") + failures, created === issues.length ? "green" : "orange");
}

function ask_to_sync_members() {
	ask({
		title: __("Sync Repository Members"),
		fields: [repository_field({ label: __("Select Repository") })],
		label: __("Sync"),
		submit({ repository }, dialog) {
			dialog.hide();
			return sync_members(repository);
		},
	});
}

async function show_sync_statistics() {
	const counts = await call("github_api.get_sync_statistics");
	show(
		__("Sync Statistics"),
		table(
			[__("Repositories"), __("Issues"), __("Pull Requests"), __("Members"), __("Branches")],
			[[counts.repositories, counts.issues, counts.pull_requests, counts.members, counts.branches].map(esc)]
		)
	);
}

// --- Repositories on GitHub -------------------------------------------------------------------------------------------

async function list_repositories(frm) {
	const repositories = await call(
		"github_api.list_repositories",
		{ organization: frm.doc.default_organization },
		{ freeze: __("Asking GitHub") }
	);
	const all = Array.isArray(repositories) ? repositories : [];
	const dialog = show(
		__("{0} Repositories on GitHub", [all.length]),
		`<input class="form-control mb-3" type="search" placeholder="${esc(__("Search"))}"><div class="github-found"></div>`
	);
	const box = dialog.fields_dict.content.$wrapper;
	const draw = () => {
		const words = String(box.find("input").val() || "").toLowerCase();
		const found = all.filter((one) => String(one.full_name).toLowerCase().includes(words));
		box.find(".github-found").html(repositories_html(found));
	};
	box.find("input").on("input", draw);
	box.on("click", "[data-github-sync]", (event) => {
		event.preventDefault();
		sync_repository(event.currentTarget.getAttribute("data-github-sync")).catch(told);
	});
	draw();
}

// So many rows a person looks through; the search finds the others.
const MOST_ROWS = 200;

function repositories_html(found) {
	const rows = found.slice(0, MOST_ROWS).map((one) => [
		link(one.html_url, one.full_name),
		esc(one.visibility || (one.private ? "private" : "public")),
		`<button class="btn btn-xs btn-default" data-github-sync="${esc(one.full_name)}">${__("Sync")}</button>`,
	]);
	const rest = found.length - rows.length;
	return (
		table([__("Repository"), __("Visibility"), ""], rows) +
		(rest > 0 ? `<p class="text-muted">${__("{0} more: search for them.", [rest])}</p>` : "")
	);
}

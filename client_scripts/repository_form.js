// The form of a Repository.

const WELL_FORMED = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})\/[A-Za-z0-9._-]{1,100}$/;

on("Repository", {
	refresh(frm) {
		section(frm, null);
		if (frm.is_new()) return;
		show_rows(frm);
		with_overview(frm, "desk.repository_overview", { repository: frm.docname }, (overview, error) => {
			if (error && error.unreachable) unreachable_section(frm);
			// Without an overview every button is there: pressing one says what is wrong.
			const may = overview ? overview.may || {} : { work: true, admin: is_admin(), create_project: true };
			repository_buttons(frm, may, (overview && overview.lacking) || {});
			if (overview) feed_into(frm, section(frm, repository_html(overview)), { repository: frm.docname });
			if (may.work) own_connection(frm);
		});
	},
	full_name(frm) {
		if (!frm.is_new()) return;
		const typed_name = String(frm.doc.full_name || "").trim();
		const name = typed_name.replace(/^https?:\/\/[^/]+\//i, "").replace(/(\.git)?\/?$/i, "");
		const well_formed = WELL_FORMED.test(name);
		if (well_formed && name !== frm.doc.full_name) frm.set_value("full_name", name);
		const [repo_owner, repo_name] = well_formed ? name.split("/") : ["", ""];
		frm.set_value({ repo_owner, repo_name });
	},
	validate(frm) {
		if (frm.is_new() && !WELL_FORMED.test(frm.doc.full_name || "")) {
			frappe.throw(__("Full Name must be the owner and the name as on GitHub, for example frappe/erpnext."));
		}
	},
});

function repository_buttons(frm, may, lacking) {
	const [GITHUB, ACTIONS_GROUP, VIEW] = [__("GitHub"), __("Actions"), __("View")];
	const name = frm.docname;
	const add = (label, group, action, lack) => work_button(frm, label, group, action, lack);
	if (may.work) {
		add(__("Sync Repository Data"), GITHUB, () => sync_repository(name, frm));
		add(__("Sync Members"), GITHUB, () => sync_members(name, frm));
		const issue = () => ask_for_issue({ repository: name, after: () => take_over(frm) });
		const pull_request = async () => {
			const doc = await with_rows(frm, call);
			return ask_for_pull_request({
				repository: name,
				base: frm.doc.default_branch || "main",
				branches: (doc.branches_table || []).map((row) => row.branch_name),
				after: () => take_over(frm),
			});
		};
		add(__("Create Issue"), ACTIONS_GROUP, issue, lacking.issues);
		add(__("Create Pull Request"), ACTIONS_GROUP, pull_request, lacking.pull_requests);
	}
	if (may.admin) {
		add(__("Manage Access"), ACTIONS_GROUP, () => ask_for_access(name), lacking.access);
		const webhooks = () => show_webhooks(name, frm.doc.url, () => take_over(frm));
		add(__("Manage Webhooks"), ACTIONS_GROUP, webhooks, lacking.webhooks);
		add(__("Bulk Import"), ACTIONS_GROUP, () => ask_to_import(name, frm));
	}
	if (may.create_project) {
		add(__("Create Project"), ACTIONS_GROUP, () => ask_for_project(frm));
	}
	add(__("Statistics"), VIEW, () => show_statistics(name));
	add(__("Show Activity"), VIEW, () => show_activity(name));
	if (frm.doc.url) {
		add(__("Open in GitHub"), VIEW, () => {
			window.open(frm.doc.url, "_blank", "noopener");
		});
	}
}

function repository_html(overview) {
	const last = overview.last_run;
	const lines = [
		facts([
			[__("Default Branch"), esc(overview.default_branch)],
			[__("Visibility"), esc(__(overview.visibility || ""))],
			[__("Open Issues"), esc(overview.open_issues ?? 0)],
			[__("Open Pull Requests"), esc(overview.open_pull_requests ?? 0)],
			[__("Last Push"), ago(overview.pushed_at)],
			[__("Last Sync"), ago(overview.last_synced)],
			[__("Last Comparison"), ago(overview.last_compared)],
			[__("Latest Release"), release_html(overview.latest_release)],
		]),
	];
	if (overview.archived) lines.push(pill(__("Archived on GitHub"), "orange"));
	if (overview.deleted_on_github) lines.push(pill(__("GitHub no longer has it, or no longer shows it to us"), "red"));
	if (overview.running) {
		lines.push(__("A sync is under way: {0}", [doc_link("GitHub Sync Run", overview.running)]));
	}
	if (last && last.status && last.status !== "Completed" && last.status !== "Running") {
		const status = __("The last sync: {0}", [doc_link("GitHub Sync Run", last.name, __(last.status))]);
		lines.push(`${status} ${esc(last.error)}${failures_html(last.failed)}`);
	}
	lines.push(...deliveries_html(overview.deliveries));
	return lines.map((line) => `<div class="mb-2">${line}</div>`).join("");
}

// --- Buttons of this form alone ---------------------------------------------------------------------------------------

function ask_for_project(frm) {
	const short = String(frm.docname).split("/").pop();
	ask({
		title: __("Create Project"),
		fields: [
			{
				fieldname: "project_name",
				label: __("Project Name"),
				fieldtype: "Data",
				reqd: 1,
				default: __("{0} Project", [short]),
			},
			{
				fieldname: "company",
				label: __("Company"),
				fieldtype: "Link",
				options: "Company",
				reqd: 1,
				default: frappe.defaults.get_user_default("Company"),
			},
		],
		label: __("Create Project"),
		async submit(values) {
			const answer = await call(
				"api.create_project_from_repository",
				{ repo_full_name: frm.docname, ...values },
				{ freeze: __("Creating the project") }
			);
			return say_created("Project", answer.project, answer, () => take_over(frm));
		},
	});
}

async function show_statistics(repository) {
	const counts = await call("api.get_repository_statistics", { repo_full_name: repository });
	const { issues = {}, pull_requests: pulls = {} } = counts;
	const row = (label, of) => [esc(label), of.total, of.open, of.closed, of.merged].map((cell) => esc(cell));
	show(
		__("Statistics of {0}", [esc(repository)]),
		table(
			["", __("Total"), __("Open"), __("Closed"), __("Merged")],
			[row(__("Issues"), issues), row(__("Pull Requests"), pulls)]
		) +
			facts([
				[__("Branches"), esc(counts.branches)],
				[__("Members"), esc(counts.members)],
			])
	);
}

function show_activity(repository) {
	const dialog = show(__("Activity in {0}", [esc(repository)]), "");
	const box = dialog.fields_dict.content.$wrapper;
	const read = async (days) => {
		box.html(`<div class="text-muted">${__("Asking GitHub")}</div>`);
		const activity = await call("github_api.get_repository_activity", { repository, days });
		box.html(activity.error ? esc(activity.error) : activity_html(activity));
	};
	[7, 30, 90].forEach((days) =>
		dialog.add_custom_action(__("{0} Days", [days]), () => read(days).catch(told))
	);
	return read(30).catch((error) => {
		dialog.hide();
		throw error;
	});
}

function activity_html(activity) {
	const { details = {}, more = {} } = activity;
	const first_line = (text) => String(text || "").split("\n")[0];
	const part = (title, count, goes_on, items) =>
		`<h5>${esc(title)}: ${esc(count)}${goes_on ? "+" : ""}</h5>${items.length ? list(items) : ""}`;
	const item = (one) => `${link(one.html_url, `#${one.number}`)} ${esc(one.title)} ${pill(one.state, "gray")}`;
	const commit = (one) =>
		`${link(one.html_url, String(one.sha || "").slice(0, 7))} ${esc(first_line(one.commit && one.commit.message))}`;
	return (
		`<p class="text-muted">${__("The last {0} days.", [esc(activity.period_days)])}</p>` +
		part(__("Commits"), activity.commits, more.commits, (details.commits || []).map(commit)) +
		part(__("Issues"), activity.issues, more.issues, (details.issues || []).map(item)) +
		part(__("Pull Requests"), activity.pulls, more.pulls, (details.pulls || []).map(item))
	);
}

// Work on whole repositories: syncs, members, imports, fetching, access.

async function sync_repository(repository, frm) {
	const answer = await long_work("github_api.sync_repo", { repository }, __("Sync of {0}", [repository]));
	const counts = __("{0} branches, {1} issues, {2} pull requests, {3} members", [
		answer.branches ?? 0,
		answer.issues ?? 0,
		answer.pulls ?? 0,
		answer.members ?? 0,
	]);
	const failures = failures_html(answer.failures);
	const sentence = __("{0} is synced: {1}.", [esc(repository), counts]);
	if (failures) {
		say(`${sentence}<br>${__("Some of it could not be synced:")}${failures}`, "orange");
	} else {
		say_done(sentence, answer);
	}
	if (frm) await take_over(frm);
}

async function sync_members(repository, frm) {
	const answer = await long_work(
		"github_api.sync_repo_members",
		{ repo_full_name: repository },
		__("Members of {0}", [repository])
	);
	say(members_html(repository, answer), (answer.unmatched || []).length ? "blue" : "green");
	if (frm) await take_over(frm);
}

const names_of = (people) =>
	(people || []).map((one) => (typeof one === "object" && one ? one.user || one.login || one.name : one)).join(", ");

function members_html(repository, answer) {
	const lines = [__("{0} has {1} members on GitHub.", [esc(repository), answer.members ?? 0])];
	if (Array.isArray(answer.added) && answer.added.length) {
		lines.push(__("Added to the project: {0}", [esc(names_of(answer.added))]));
	}
	if (Array.isArray(answer.present) && answer.present.length) {
		lines.push(__("There already: {0}", [esc(names_of(answer.present))]));
	}
	if (Array.isArray(answer.unmatched) && answer.unmatched.length) {
		lines.push(__("Without a user here: {0}", [esc(names_of(answer.unmatched))]));
	}
	if (answer.warning) lines.push(esc(answer.warning));
	return lines.join("<br>");
}

async function sync_all() {
	const answer = await long_work("github_api.sync_all_repositories", {}, __("Sync of all repositories"));
	const failures = failures_html(answer.errors);
	const sentence = __("{0} repositories are synced, {1} failed.", [answer.success ?? 0, answer.failed ?? 0]);
	say(`${sentence}${failures}`, answer.failed || failures ? "orange" : "green");
}

const confirm_sync_all = () =>
	new Promise((resolve) => {
		frappe.confirm(
			__("Sync all repositories that are enabled? This goes on in the background."),
			() => resolve(sync_all()),
			() => resolve()
		);
	});

async function ask_to_fetch(after) {
	const organization = await frappe.db.get_single_value("GitHub Settings", "default_organization");
	ask({
		title: __("Fetch All Repositories"),
		fields: [
			{
				fieldname: "organization",
				label: __("Organization"),
				fieldtype: "Data",
				default: organization,
				description: __(
					"Login of an organization on GitHub. Empty: the default organization of GitHub Settings, and where there is none, everything that the token reaches."
				),
			},
		],
		label: __("Fetch"),
		async submit(values, dialog) {
			dialog.hide();
			const answer = await long_work(
				"github_api.fetch_all_repositories",
				{ organization: values.organization },
				__("Fetch All Repositories")
			);
			const failures = failures_html(answer.failures);
			// Going elsewhere closes what is shown: the sentence comes last.
			if (answer.success && after) await after();
			say(`${esc(answer.message)}${failures}`, answer.success ? (failures ? "orange" : "green") : "red");
		},
	});
}

function ask_to_import(repository, frm) {
	ask({
		title: __("Bulk Import"),
		fields: [
			repository_field({ default: repository, read_only: repository ? 1 : 0 }),
			{
				fieldname: "import_type",
				label: __("Import"),
				fieldtype: "Select",
				options: [
					{ value: "issues", label: __("Issues") },
					{ value: "pull_requests", label: __("Pull Requests") },
				],
				default: "issues",
				reqd: 1,
			},
			{
				fieldname: "force_update",
				label: __("Force Update"),
				fieldtype: "Check",
				description: __("Write again what is here already, even where GitHub says that it has not changed."),
			},
		],
		label: __("Import"),
		submit(values, dialog) {
			dialog.hide();
			return import_into(values, frm);
		},
	});
}

async function import_into({ repository, import_type, force_update }, frm) {
	const answer = await long_work(
		"api.bulk_import_github_data",
		{ repo_full_name: repository, import_type, force_update: force_update ? 1 : 0 },
		__("Import into {0}", [repository])
	);
	const counts = table(
		[__("Imported"), __("Updated"), __("Skipped"), __("Errors")],
		[[answer.imported ?? 0, answer.updated ?? 0, answer.skipped ?? 0, answer.errors ?? 0].map(esc)]
	);
	const failures = failures_html(answer.failures);
	show(
		__("Import into {0}", [esc(repository)]),
		counts + (failures ? `<p>${__("What could not be imported:")}</p>${failures}` : "")
	);
	if (frm) await take_over(frm);
}

// --- Access -----------------------------------------------------------------------------------------------------------

const ACTIONS = () => [
	{ value: "add_collaborator", label: __("Add Collaborator") },
	{ value: "remove_collaborator", label: __("Remove Collaborator") },
	{ value: "add_team", label: __("Add Team") },
	{ value: "remove_team", label: __("Remove Team") },
];
const PERMISSIONS = () => [
	{ value: "pull", label: __("Read") },
	{ value: "triage", label: __("Triage") },
	{ value: "push", label: __("Write") },
	{ value: "maintain", label: __("Maintain") },
	{ value: "admin", label: __("Admin") },
];

// `repository` is given on its own form; elsewhere it is asked for.
function ask_for_access(repository) {
	const for_team = "eval:(doc.action || '').endsWith('_team')";
	const for_person = "eval:!(doc.action || '').endsWith('_team')";
	// A field's default changes it before there is a dialog.
	let dialog = null;
	dialog = ask({
		title: __("Manage Repository Access"),
		fields: [
			repository_field({ default: repository, read_only: repository ? 1 : 0, onchange: () => offer_teams(dialog) }),
			{
				fieldname: "action",
				label: __("Action"),
				fieldtype: "Select",
				options: ACTIONS(),
				default: "add_collaborator",
				reqd: 1,
				onchange: () => offer_teams(dialog),
			},
			{
				fieldname: "user",
				label: __("User"),
				fieldtype: "Link",
				options: "User",
				depends_on: for_person,
				get_query: () => ({ filters: { github_username: ["is", "set"], enabled: 1 } }),
				description: __("Somebody of this site whose login on GitHub is known; or type the login below."),
				onchange: () => fill_login(dialog),
			},
			{
				fieldname: "login",
				label: __("GitHub Login"),
				fieldtype: "Data",
				depends_on: for_person,
				mandatory_depends_on: for_person,
			},
			typed("team", __("Team"), [], {
				depends_on: for_team,
				mandatory_depends_on: for_team,
				description: __("Slug of the team, as in its address on GitHub."),
			}),
			{
				fieldname: "permission",
				label: __("Permission"),
				fieldtype: "Select",
				options: PERMISSIONS(),
				default: "push",
				depends_on: "eval:(doc.action || '').startsWith('add_')",
			},
		],
		label: __("Execute"),
		submit: (values) => change_access(values),
	});
	return dialog;
}

async function fill_login(dialog) {
	const user = dialog && dialog.get_value("user");
	if (!user) return;
	const answer = await frappe.db.get_value("User", user, "github_username");
	await dialog.set_value("login", (answer && answer.message && answer.message.github_username) || "");
}

async function offer_teams(dialog) {
	if (!dialog) return;
	const repository = dialog.get_value("repository");
	const owner = String(repository || "").split("/")[0];
	if (!owner || !String(dialog.get_value("action") || "").endsWith("_team") || dialog.github_teams_of === owner) return;
	dialog.github_teams_of = owner;
	// Where they cannot be listed (the owner is a person), the slug is typed.
	const teams = await peek("github_api.list_teams", { org_name: owner }).catch(() => []);
	const items = Array.isArray(teams) ? teams.map((one) => ({ value: one.slug, description: one.name })) : [];
	dialog.fields_dict.team.set_data(offers(items));
}

async function change_access({ repository, action, login, team, permission }) {
	const identifier = String((action.endsWith("_team") ? team : login) || "").trim();
	if (!identifier) {
		say(action.endsWith("_team") ? __("Name the team.") : __("Name the login on GitHub."), "orange");
		return false;
	}
	const answer = await call(
		"github_api.manage_repo_access",
		{ repo_full_name: repository, action, identifier, permission: action.startsWith("add_") ? permission : undefined },
		{ freeze: __("Changing the access on GitHub") }
	);
	const level = PERMISSIONS().find((one) => one.value === permission);
	const values = [esc(identifier), esc(repository), esc(level && level.label)];
	// GitHub answers with an invitation where somebody has to accept it first.
	const invited = action === "add_collaborator" && answer.id && answer.invitee;
	const sentence = {
		add_collaborator: invited
			? __("{0} is invited to {1}. The permission {2} begins when the invitation is accepted.", values)
			: __("{0} has the permission {2} on {1} now.", values),
		remove_collaborator: __("{0} is no collaborator of {1} any more.", values),
		add_team: __("The team {0} has the permission {2} on {1} now.", values),
		remove_team: __("The team {0} has no access to {1} by itself any more.", values),
	}[action];
	say_done(sentence, answer);
	return true;
}

// The form of a Task.

on("Task", {
	refresh(frm) {
		section(frm, null);
		frm.set_query("github_issue_doc", () => ({
			filters: frm.doc.github_repo ? { repository: frm.doc.github_repo } : {},
		}));
		if (frm.is_new() || !frm.doc.github_repo) {
			task_buttons(frm, { work: may_write(frm) }, {});
			show_releases(frm);
			return;
		}
		with_overview(frm, "desk.task_overview", { task: frm.docname }, (overview, error) => {
			if (error && error.unreachable) unreachable_section(frm);
			// Without an overview every button is there: pressing one says what is wrong.
			const may = overview ? overview.may || {} : { work: may_write(frm) };
			task_buttons(frm, may, overview || {});
			if (overview) section(frm, task_html(overview));
			if (may.work) own_connection(frm);
		});
	},
	github_repo(frm) {
		if (frm.doc.github_repo) return;
		section(frm, null);
		show_releases(frm);
	},
	github_issue_doc: (frm) => take_issue(frm).catch(told),
});

// Releases belong to a Task by a rule, which asks for no repository of it. Where there are none, or nothing can be asked, the form says nothing.
function show_releases(frm) {
	if (frm.is_new()) return;
	with_overview(frm, "desk.task_overview", { task: frm.docname }, (overview) => {
		if (overview && !frm.doc.github_repo) section(frm, releases_html(overview.releases, overview.task));
	});
}

// Which issue is chosen says its number and its repository; choosing none takes the number away.
async function take_issue(frm) {
	const chosen = frm.doc.github_issue_doc;
	if (!chosen) {
		await frm.set_value("github_issue_number", null);
		return;
	}
	const answer = await frappe.db.get_value("Repository Issue", chosen, ["repository", "issue_number"]);
	const issue = (answer && answer.message) || {};
	if (!issue.repository || frm.doc.github_issue_doc !== chosen) return;
	await frm.set_value({ github_repo: issue.repository, github_issue_number: issue.issue_number });
}

const may_write = (frm) => Boolean(frm.perm && frm.perm[0] && frm.perm[0].write);

function task_buttons(frm, may, overview) {
	const group = __("GitHub");
	const { issue, pull_request: pull, lacking = {} } = overview;
	if (may.work) {
		if (!frm.doc.github_issue_number) {
			work_button(frm, __("Create GitHub Issue"), group, () => create_issue_of_task(frm), lacking.issues);
		} else {
			work_button(frm, __("Assign Issue"), group, () => assign_issue_of_task(frm, issue), lacking.issues);
		}
		if (!frm.doc.github_pr_number) {
			work_button(frm, __("Create Pull Request"), group, () => create_pull_request_of_task(frm), lacking.pull_requests);
		} else {
			work_button(frm, __("Assign PR Reviewer"), group, () => assign_reviewer_of_task(frm, pull), lacking.pull_requests);
		}
	}
	view_button(frm, __("View GitHub Issue"), group, issue && issue.url);
	view_button(frm, __("View GitHub PR"), group, pull && pull.url);
}

function view_button(frm, label, group, url) {
	if (!url) return;
	button(frm, label, group, () => {
		window.open(url, "_blank", "noopener");
	});
}

// What is written to GitHub hangs on the stored Task: an unsaved one is saved first, or it says why it cannot be.
async function ready(frm) {
	if (!frm.doc.github_repo) {
		say(__("Choose the GitHub Repository of this task first."), "orange");
		if (frm.scroll_to_field) frm.scroll_to_field("github_repo");
		return false;
	}
	return saved(frm);
}

const overview_of = (frm) => call("desk.task_overview", { task: frm.docname });

async function create_issue_of_task(frm) {
	if (!(await ready(frm))) return;
	await ask_for_issue({
		repository: frm.doc.github_repo,
		title: String(frm.doc.subject || "").slice(0, TITLE_LENGTH),
		body: markdown_of(frm.doc.description),
		task: frm.docname,
		after: (answer) =>
			take_over(
				frm,
				{ github_issue_doc: answer.local_doc, github_issue_number: answer.issue && answer.issue.number },
				answer.task_modified
			),
	});
}

async function create_pull_request_of_task(frm) {
	if (!(await ready(frm))) return;
	const overview = await overview_of(frm);
	const number = overview.issue && overview.issue.number;
	ask_for_pull_request({
		repository: frm.doc.github_repo,
		title: String(frm.doc.subject || "").slice(0, TITLE_LENGTH),
		head: likely_branch(overview),
		base: overview.default_branch,
		// GitHub closes the issue when the pull request is merged.
		body: [markdown_of(frm.doc.description), number ? `Closes #${number}` : ""].filter(Boolean).join("\n\n"),
		branches: overview.branches,
		task: frm.docname,
		after: (answer) =>
			take_over(
				frm,
				{ github_pr_number: answer.pull_request && answer.pull_request.number },
				answer.task_modified
			),
	});
}

// A branch that is there and begins as the Task is called; else the name that it might have.
function likely_branch(overview) {
	const start = String(overview.task || "").toLowerCase();
	const there = (overview.branches || []).find((name) => start && name.toLowerCase().includes(start));
	return there || overview.suggested_branch;
}

async function assign_issue_of_task(frm, known) {
	if (!(await ready(frm))) return;
	const issue = known || (await overview_of(frm)).issue || {};
	await ask_for_assignees({
		repository: frm.doc.github_repo,
		number: frm.doc.github_issue_number,
		present: logins(issue.assignees),
		after: () => take_over(frm),
	});
}

async function assign_reviewer_of_task(frm, known) {
	if (!(await ready(frm))) return;
	const pull = known || (await overview_of(frm)).pull_request || {};
	await ask_for_reviewers({
		repository: frm.doc.github_repo,
		number: frm.doc.github_pr_number,
		present: people_of(pull.reviewers),
		author: pull.author,
		after: () => take_over(frm),
	});
}

// --- The panel --------------------------------------------------------------------------------------------------------

const people_of = (people) =>
	(people || []).map((one) => (typeof one === "object" && one ? one.login || one.user : one)).filter(Boolean);

const STATE_COLOURS = { open: "green", closed: "red", merged: "purple" };

function task_html({ task, issue, pull_request: pull, releases }) {
	const lines = [];
	if (issue) {
		lines.push(
			facts([
				[__("Issue"), `${link(issue.url, `#${issue.number}`)} ${doc_link("Repository Issue", issue.name, issue.title)}`],
				[__("State"), pill(__(issue.state), STATE_COLOURS[issue.state] || "gray")],
				[__("Reason"), esc(issue.state_reason)],
				[__("Assignees"), esc(people_of(issue.assignees).join(", "))],
			])
		);
	}
	if (pull) {
		const title = doc_link("Repository Pull Request", pull.name, pull.title);
		const draft = pull.draft ? pill(__("Draft"), "gray") : "";
		lines.push(
			facts([
				[__("Pull Request"), `${link(pull.url, `#${pull.number}`)} ${title}`],
				[__("State"), `${pill(__(pull.state), STATE_COLOURS[pull.state] || "gray")} ${draft}`],
				[__("Branches"), esc(`${pull.head_branch || "?"} → ${pull.base_branch || "?"}`)],
				[__("Merge State"), esc(pull.mergeable_state)],
				[__("Review"), esc(pull.review_decision)],
				[__("Reviewers"), esc([...people_of(pull.reviewers), ...people_of(teams_of(pull))].join(", "))],
			])
		);
	}
	return lines.map((line) => `<div class="mb-2">${line}</div>`).join("") + releases_html(releases, task);
}

const teams_of = (pull) =>
	Array.isArray(pull.team_reviewers)
		? pull.team_reviewers
		: String(pull.team_reviewers || "").split(",").map((name) => name.trim());

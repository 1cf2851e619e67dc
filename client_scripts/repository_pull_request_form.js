// The form of a Repository Pull Request.

const SUBJECT_LENGTH = 140;

on("Repository Pull Request", {
	refresh(frm) {
		if (frm.is_new()) return;
		show_rows(frm);
		const open = (address) => () => window.open(address, "_blank", "noopener");
		if (frm.doc.url) button(frm, __("Open in GitHub"), null, open(frm.doc.url));
		if (frm.doc.preview_url) button(frm, __("Open Preview"), null, open(frm.doc.preview_url));
		with_overview(frm, "desk.repository_overview", { repository: frm.doc.repository }, (overview) => {
			// Without an overview every button is there: pressing one says what is wrong.
			const may = overview ? overview.may || {} : { work: true };
			const { lacking = {} } = overview || {};
			const group = __("GitHub");
			if (!frm.doc.task && frappe.model.can_create("Task")) {
				button(frm, __("Create Task"), group, () => begin_task(frm));
			}
			if (may.work) {
				work_button(frm, __("Assign"), group, () => assign_pull_request(frm), lacking.pull_requests);
				if (frm.doc.state === "open") {
					work_button(frm, __("Assign PR Reviewer"), group, () => assign_reviewer(frm), lacking.pull_requests);
				}
			}
		});
	},
});

const login_of = (row) => row.github_username || row.user;

// GitHub assigns a pull request as it does an issue.
async function assign_pull_request(frm) {
	const doc = await with_rows(frm, call);
	return ask_for_assignees({
		repository: frm.doc.repository,
		number: frm.doc.pr_number,
		present: (doc.assignees_table || []).map(login_of).filter(Boolean),
		after: () => take_over(frm),
	});
}

async function assign_reviewer(frm) {
	const doc = await with_rows(frm, call);
	return ask_for_reviewers({
		repository: frm.doc.repository,
		number: frm.doc.pr_number,
		present: (doc.reviewers_table || []).map(login_of).filter(Boolean),
		author: frm.doc.author,
		after: () => take_over(frm),
	});
}

// A new Task with what is known, for the person to look at and save.
async function begin_task(frm) {
	const { title, repository, pr_number, body } = frm.doc;
	const connected = await frappe.db.get_value("Repository", repository, "project");
	const full = String(title || "");
	const lines = full.length > SUBJECT_LENGTH ? [full, "", body] : [body];
	await frappe.new_doc("Task", {
		subject: full.slice(0, SUBJECT_LENGTH),
		description: esc(lines.filter((line) => line !== undefined && line !== null).join("\n")).replace(/\n/g, "<br>"),
		project: (connected && connected.message && connected.message.project) || undefined,
		github_repo: repository,
		github_pr_number: pr_number,
	});
}

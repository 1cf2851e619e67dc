// The form of a Repository Issue.

on("Repository Issue", {
	refresh(frm) {
		if (frm.is_new()) return;
		show_rows(frm);
		if (frm.doc.url) {
			button(frm, __("Open in GitHub"), null, () => {
				window.open(frm.doc.url, "_blank", "noopener");
			});
		}
		with_overview(frm, "desk.repository_overview", { repository: frm.doc.repository }, (overview) => {
			// Without an overview every button is there: pressing one says what is wrong.
			const may = overview ? overview.may || {} : { work: true, create_task: true };
			const group = __("GitHub");
			if (may.create_task && !frm.doc.task) {
				const project = overview && (overview.project || (overview.projects || [])[0]);
				button(frm, __("Create Task"), group, () => ask_for_task(frm, project));
			}
			const { lacking = {} } = overview || {};
			if (may.work) work_button(frm, __("Assign"), group, () => assign_issue_itself(frm), lacking.issues);
		});
	},
});

// Users by their e-mail where no login is known any more.
const assigned_logins = (rows) => (rows || []).map((row) => row.github_username || row.user).filter(Boolean);

async function assign_issue_itself(frm) {
	const doc = await with_rows(frm, call);
	return ask_for_assignees({
		repository: frm.doc.repository,
		number: frm.doc.issue_number,
		present: assigned_logins(doc.assignees_table),
		after: () => take_over(frm),
	});
}

function ask_for_task(frm, project) {
	ask({
		title: __("Create Task"),
		fields: [
			{
				fieldname: "task_title",
				label: __("Subject"),
				fieldtype: "Data",
				reqd: 1,
				default: frm.doc.title,
				length: 1024,
				description: __("A subject has at most 140 letters: what is longer stands in full in the description."),
			},
			{ fieldname: "project", label: __("Project"), fieldtype: "Link", options: "Project", default: project },
		],
		label: __("Create Task"),
		async submit({ task_title, project: chosen }) {
			const answer = await call(
				"api.create_task_from_github_issue",
				// The title of the issue needs not be said: the service knows it in full.
				{
					issue_name: frm.docname,
					task_title: task_title === frm.doc.title ? undefined : task_title,
					project: chosen,
				},
				{ freeze: __("Creating the task") }
			);
			return say_created("Task", answer.task, answer, () => take_over(frm, { task: answer.task }));
		},
	});
}

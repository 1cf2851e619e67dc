// The form of a Repository Release: where it is on GitHub, and where it can be seen at work.

on("Repository Release", {
	refresh(frm) {
		if (frm.is_new()) return;
		show_rows(frm);
		const { url, preview_url } = frm.doc;
		const open = (address) => () => window.open(address, "_blank", "noopener");
		if (url) button(frm, __("Open in GitHub"), __("View"), open(url));
		if (preview_url) button(frm, __("Open Preview"), __("View"), open(preview_url));
		show_release(frm, frm.doc);
		show_whose(frm);
	},
	validate: (frm) => check_target(frm),
});

function show_release(frm, { project, task }) {
	const { url, preview_url, tag_name, title } = frm.doc;
	section(
		frm,
		facts([
			[__("Release"), link(url, tag_name || title)],
			[__("Preview"), preview_url ? link(preview_url, preview_url) : ""],
			[__("Project"), doc_link("Project", project)],
			[__("Task"), doc_link("Task", task)],
		])
	);
}

// Project and Task stand at a level of admins. Everybody else is told what he may know of them.
async function show_whose(frm) {
	if (is_admin()) return;
	const { docname: name } = frm;
	const whose = await peek("desk.release_belongs", { repository: frm.doc.repository, name }).catch(() => null);
	if (whose && frm.docname === name && (whose.project || whose.task)) show_release(frm, whose);
}

// Frappe holds text against nothing. Without the service it is saved as it is, and looked at later.
async function check_target(frm) {
	const { project, task } = frm.doc;
	if (!project && !task) return;
	try {
		await call("desk.release_target", { project, task });
	} catch (error) {
		if (!error.unreachable) frappe.validated = false;
	}
}

// The form of a Repository Release: where it is on GitHub, and where it can be seen at work.

on("Repository Release", {
	refresh(frm) {
		if (frm.is_new()) return;
		show_rows(frm);
		const { url, preview_url, project, task } = frm.doc;
		const open = (address) => () => window.open(address, "_blank", "noopener");
		if (url) button(frm, __("Open in GitHub"), __("View"), open(url));
		if (preview_url) button(frm, __("Open Preview"), __("View"), open(preview_url));
		section(
			frm,
			facts([
				[__("Release"), link(url, frm.doc.tag_name || frm.doc.title)],
				[__("Preview"), preview_url ? link(preview_url, preview_url) : ""],
				[__("Project"), doc_link("Project", project)],
				[__("Task"), doc_link("Task", task)],
			])
		);
	},
});

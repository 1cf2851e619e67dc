// The form of a GitHub Release Rule: whether the Project that it names has anything else of the repository.

on("GitHub Release Rule", {
	refresh: (frm) => show_whether_connected(frm),
	repository: (frm) => show_whether_connected(frm),
	project: (frm) => show_whether_connected(frm),
});

// A rule holds for a Project that is not connected with the repository, too. Whoever forgot to connect it learns that here.
async function show_whether_connected(frm) {
	const { repository, project } = frm.doc;
	const turn = (frm.github_turn || 0) + 1;
	frm.github_turn = turn;
	section(frm, null);
	if (!repository || !project) return;
	const overview = await peek("desk.project_overview", { project }).catch(() => null);
	if (!overview || frm.github_turn !== turn) return;
	if (overview.repositories.some((one) => one.repository === repository)) return;
	const sentence = __(
		"{0} is not connected with {1}: these releases are shown there to those who read the repository, and nothing else of it reaches the project. Whoever leads the project connects it on its form.",
		[doc_link("Project", project), doc_link("Repository", repository)]
	);
	section(frm, `<div class="text-warning">${sentence}</div>`);
}

// The form of a Project.

on("Project", {
	refresh(frm) {
		section(frm, null);
		frm.github_account = "";
		if (frm.is_new()) return;
		frm.github_buttons_due = true;
		show_project(frm);
		// What happens in its repositories changes nothing in the Project itself: edits that nobody saved yet stay as they are.
		on_project_news(frm, () => show_project(frm));
	},
});

// News may come before the overview that the form began with, which is not shown then: the buttons are drawn with the first that is.
function show_project(frm) {
	return with_overview(frm, "desk.project_overview", { project: frm.docname }, (overview, error) => {
		const linked = Boolean(frm.doc.repository);
		if (error && error.unreachable && linked) unreachable_section(frm);
		const repositories = overview ? overview.repositories || [] : [];
		const own = repositories.find((one) => one.repository === frm.doc.repository);
		if (frm.github_buttons_due) {
			frm.github_buttons_due = false;
			const may = (overview && overview.may) || {};
			project_buttons(frm, {
				// Without an overview every button is there: pressing one says what is wrong.
				work: overview ? Boolean(own && own.may && own.may.work) : linked && !is_refusal(error),
				link: Boolean(may.link),
				connect: Boolean(may.connect),
				url: own && own.url,
			});
			if (may.link || may.connect) offer_connection(frm, Boolean(may.connect));
		}
		if (overview) {
			// A rule may give it releases of a repository that it is not connected with.
			const shown =
				repositories.map(project_repository_html).join("<hr>") +
				releases_html(overview.releases) +
				reached_html(overview.reached);
			const body = section(frm, shown);
			if (repositories.length) feed_into(frm, body, { project: frm.docname });
		}
		show_account(frm);
	});
}

const is_refusal = (error) => Boolean(error && !error.unreachable);

function project_buttons(frm, { work, link: may_link, connect, url }) {
	const group = __("GitHub");
	if (work) {
		button(frm, __("Sync Members from Repository"), group, () => with_repository(frm, sync_members));
		button(frm, __("Sync Repository Data"), group, () => with_repository(frm, sync_repository));
	}
	if (url) {
		button(frm, __("View in GitHub"), group, () => {
			window.open(url, "_blank", "noopener");
		});
	}
	if (may_link) button(frm, __("Link Repository"), group, () => ask_to_link(frm));
	if (connect) {
		const after = after_connecting(frm);
		button(frm, __("Connect Repository"), group, () => ask_to_connect_repository(frm, after));
		button(frm, __("Repositories"), group, () => show_project_repositories(frm, after));
	}
}

// Takes over what the connections are by now.
const after_connecting = (frm) => (answer) => {
	if (!answer.main) {
		frm.doc.repository = "";
		frm.refresh_field("repository");
	}
	return take_over(frm, { repository: answer.main }, answer.modified);
};

// Connecting one's account; and for whoever leads the Project, what is installed where, and installing the App for it.
async function offer_connection(frm, leads) {
	const project = frm.docname;
	const mine = await own_connection(frm);
	if (!mine || !leads || !mine.connected || !mine.can_install) return;
	const group = __("GitHub");
	const again = () => draw_anew(frm);
	button(frm, __("GitHub Installations"), group, () => show_installations(frm, after_installing(frm), again));
	if (mine.off) return;
	button(frm, __("Add GitHub Integration"), group, () => at_github("desk.install_app", { project }, again));
}

// An installation that is finished tells what it connected, and not what the Project is like by now.
const after_installing = (frm) => (answer) => (answer.modified ? after_connecting(frm)(answer) : take_over(frm));

async function with_repository(frm, work) {
	if (!(await saved(frm))) return;
	if (!frm.doc.repository) {
		say(__("Choose the Repository of this project first."), "orange");
		return;
	}
	await work(frm.doc.repository, frm);
}

function project_repository_html(one) {
	const waiting = (one.waiting_for_review || []).map(
		(pull) =>
			`${link(pull.url, `#${pull.pr_number}`)} ${doc_link("Repository Pull Request", pull.name, pull.title)} ` +
			`<span class="text-muted">${esc(pull.author)}</span>`
	);
	return (
		facts([
			[__("Repository"), doc_link("Repository", one.repository)],
			[__("Open Issues"), esc(one.open_issues ?? 0)],
			[__("Open Pull Requests"), esc(one.open_pull_requests ?? 0)],
			[__("Last Sync"), ago(one.last_synced)],
			[__("Latest Release"), release_html(one.latest_release)],
			[__("Following"), following_html(one.connection)],
		]) +
		deliveries_html(one.deliveries).join("") +
		(waiting.length ? `<div class="mt-2">${__("Waiting for review:")}${list(waiting)}</div>` : "")
	);
}

async function ask_to_link(frm) {
	if (!(await saved(frm))) return;
	ask({
		title: __("Link Repository"),
		fields: [
			repository_field({
				default: frm.doc.repository,
				description: __("The repository that this project works on."),
			}),
		],
		label: __("Link"),
		async submit({ repository }) {
			const answer = await call(
				"api.link_repository_to_project",
				{ repo_full_name: repository, project: frm.docname },
				{ freeze: __("Linking the repository") }
			);
			say_done(__("{0} is linked with this project.", [esc(answer.repository)]), answer);
			await take_over(frm, { repository: answer.repository }, answer.modified);
		},
	});
}

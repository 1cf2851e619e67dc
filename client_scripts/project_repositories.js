// The repositories of a Project: which it is connected with, and what of them reaches it. For those who lead the Project.

const REPOSITORY_SERVICES = [
	["service_issues", __("Issues")],
	["service_pull_requests", __("Pull Requests")],
	["service_releases", __("Releases")],
];

// What of a repository reaches the Project, in a word.
function following_html(connection) {
	if (!connection) return "";
	if (!connection.mirrored) return pill(__("Not mirrored"), "orange");
	if (!connection.following) return pill(__("Not followed"), "gray");
	const named = REPOSITORY_SERVICES.filter(([service]) => connection[service]).map(([, label]) => label);
	const what = named.length === REPOSITORY_SERVICES.length ? __("Followed") : __("Followed: {0}", [named.join(", ") || __("code")]);
	return pill(what, "green");
}

const service_fields = (values) => [
	{
		fieldname: "following",
		label: __("Follow"),
		fieldtype: "Check",
		default: values.following ? 1 : 0,
		description: __("What happens in the repository reaches this project."),
	},
	...REPOSITORY_SERVICES.map(([fieldname, label]) => ({
		fieldname,
		label,
		fieldtype: "Check",
		default: values[fieldname] ? 1 : 0,
		depends_on: "following",
	})),
];

const ALL_SERVICES = { following: true, service_issues: true, service_pull_requests: true, service_releases: true };
// A box that is not ticked says so, too.
const flags_of = (values) => Object.fromEntries(Object.keys(ALL_SERVICES).map((flag) => [flag, values[flag] ? 1 : 0]));
// What a service is while nothing is followed at all is kept.
const told_flags = (values) => (values.following ? flags_of(values) : { following: 0 });

async function ask_to_connect_repository(frm, after) {
	if (!(await saved(frm))) return;
	ask({
		title: __("Connect Repository"),
		fields: [
			repository_field({ description: __("The people of this project will read it.") }),
			...service_fields(ALL_SERVICES),
		],
		label: __("Connect"),
		async submit({ repository, ...values }) {
			const answer = await call(
				"desk.connect_repository",
				{ project: frm.docname, repository, ...told_flags(values) },
				{ freeze: __("Connecting the repository") }
			);
			await after(answer);
			if (answer.not_mirrored) await offer_to_mirror(frm.docname, answer.repository, answer.may_mirror, after);
			else say_done(__("{0} is connected with this project.", [esc(answer.repository)]), answer);
		},
	});
}

// Somebody switched a repository off: nothing of it comes, whatever is followed.
async function offer_to_mirror(project, repository, may_mirror, after) {
	const sentence = __("{0} is connected with this project, and is not mirrored: nothing of it reaches the project.", [esc(repository)]);
	if (!may_mirror) {
		say(`${sentence} ${__("A GitHub Admin can switch that on.")}`, "orange");
		return;
	}
	const agreed = await new Promise((answer) => {
		frappe.confirm(`${sentence} ${__("Have it mirrored from now on?")}`, () => answer(true), () => answer(false));
	});
	if (agreed) await mirror_repository(project, repository, after);
}

async function mirror_repository(project, repository, after) {
	const answer = await call("desk.connect_repository", { project, repository, mirror: 1 });
	say_done(__("{0} is mirrored from now on; the first sync begins by itself.", [esc(repository)]), answer);
	await after(answer);
}

function ask_to_follow(project, connection, after) {
	ask({
		title: __("What Reaches the Project from {0}", [esc(connection.repository)]),
		fields: service_fields(connection),
		label: __("Save"),
		async submit(values) {
			const answer = await call("desk.follow_repository", {
				project,
				repository: connection.repository,
				...told_flags(values),
			});
			say_done(__("What reaches this project from {0} is saved.", [esc(connection.repository)]), answer);
			await after(answer);
		},
	});
}

async function ask_to_disconnect(project, repository, after) {
	const agreed = await new Promise((answer) => {
		frappe.confirm(
			__("Disconnect {0} from this project? Whoever reads it by this project alone will not read it any more.", [esc(repository)]),
			() => answer(true),
			() => answer(false)
		);
	});
	if (!agreed) return;
	const answer = await call("desk.disconnect_repository", { project, repository });
	say_done(__("{0} is no longer connected with this project.", [esc(repository)]), answer);
	await after(answer);
}

// The list, with what can be done about each.
async function show_project_repositories(frm, after) {
	if (!(await saved(frm))) return;
	const project = frm.docname;
	const dialog = show(__("Repositories of {0}", [esc(project)]), "");
	const box = dialog.fields_dict.content.$wrapper;
	const draw = async () => {
		const { repositories = [], may_mirror } = await call("desk.project_repositories", { project });
		box.html(project_repositories_html(repositories, may_mirror));
		const changed = async (answer) => {
			await after(answer);
			await draw();
		};
		box.find("button[data-act]").on("click", (event) => {
			const { act, repository } = event.currentTarget.dataset;
			const connection = repositories.find((one) => one.repository === repository);
			if (act === "follow") ask_to_follow(project, connection, changed);
			else if (act === "mirror") mirror_repository(project, repository, changed).catch(told);
			else ask_to_disconnect(project, repository, changed).catch(told);
		});
	};
	dialog.set_primary_action(__("Connect Repository"), () =>
		ask_to_connect_repository(frm, async (answer) => {
			await after(answer);
			await draw();
		}).catch(told)
	);
	await draw();
}

function project_repositories_html(repositories, may_mirror) {
	if (!repositories.length) return `<p>${__("This project is connected with no repository.")}</p>`;
	const act = (name, repository, label) =>
		`<button class="btn btn-xs btn-default mr-1" data-act="${esc(name)}" data-repository="${esc(repository)}">${esc(label)}</button>`;
	const rows = repositories.map((one) => [
		one.may_read ? doc_link("Repository", one.repository) : esc(one.repository),
		one.main ? pill(__("Main"), "blue") : "",
		following_html(one),
		`${esc(one.connected_by)} ${one.connected_at ? ago(one.connected_at) : ""}`,
		(may_mirror && !one.mirrored ? act("mirror", one.repository, __("Mirror")) : "") +
			act("follow", one.repository, __("Follow")) + act("disconnect", one.repository, __("Disconnect")),
	]);
	return table([__("Repository"), "", __("Following"), __("Connected"), ""], rows);
}

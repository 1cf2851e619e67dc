// The installations of the App that the person sees on GitHub, beside a Project: which of them it is connected with, what hinders one, another one,
// and the repositories that are chosen from one.

// More repositories than so many go on by themselves.
const WAITED_FOR = 20;

const INSTALLATION_STAGES = () => ({
	waits_for_github: [__("Pending"), "orange"],
	is_read: [__("Being Read"), "blue"],
	waits_for_user: [__("Nobody's Yet"), "orange"],
	waits_for_project: [__("Waits for a Project"), "orange"],
	failed: [__("Not Readable"), "red"],
});

// Shows the list. `after` follows when something was connected; `again` when the person came back from GitHub.
async function show_installations(frm, after, again) {
	if (!(await saved(frm))) return;
	const project = frm.docname;
	const dialog = show(__("GitHub Installations for {0}", [esc(project)]), `<p class="text-muted">${__("GitHub is asked which ones you see.")}</p>`);
	const box = dialog.fields_dict.content.$wrapper;
	const draw = async () => {
		const mine = await call("desk.my_connection", { installations: 1, project });
		box.html(installations_html(mine));
		box.find("[data-connect]").on("click", () => ask_to_connect(mine.problem, again));
		box.find("button[data-act]").on("click", (event) => {
			const { act, at: place } = event.currentTarget.dataset;
			const one = mine.installations[Number(place)];
			const changed = async (answer) => {
				await after(answer);
				await draw();
			};
			const works = {
				check: () => check_installation(one && one.id, draw),
				choose: () => choose_repositories(project, one, changed),
				finish: () => finish_for_project(project, one, changed),
			};
			works[act]().catch(told);
		});
		return mine;
	};
	const mine = await draw();
	if (mine.can_install && !mine.off) {
		dialog.set_primary_action(__("Install in Another Account"), () => {
			at_github("desk.install_app", { project }, async () => {
				await again();
				await draw();
			}).catch(told);
		});
	}
}

function installations_html(mine) {
	const all = mine.installations || [];
	const hints = [];
	if (mine.off) hints.push(esc(mine.off));
	if (mine.problem) hints.push(esc(mine.problem));
	if (mine.cut) hints.push(__("GitHub has more than {0}: only the first ones are shown here.", [esc(mine.cut)]));
	const connect =
		mine.configured && !mine.connected && !mine.off
			? `<button class="btn btn-default btn-sm" data-connect="1">${__("Connect GitHub")}</button>`
			: "";
	const rows = all.map((one, place) => [
		account_html(one),
		one.connected ? pill(__("Connected"), "green") : pill(__("Not Connected"), "gray"),
		one.connected_repositories ? esc(one.connected_repositories) : "",
		state_html(one),
		act_html(one, place),
	]);
	const waits = mine.waits
		? `<p>${__("GitHub has not told of an installation that you began.")} <button class="btn btn-xs btn-default" data-act="check">${__("Check Again")}</button></p>`
		: "";
	const none = mine.connected && !mine.problem && !mine.off ? `<p>${__("You see no installation of the App on GitHub yet.")}</p>` : "";
	return (
		hints.map((hint) => `<p class="text-warning">${hint}</p>`).join("") +
		connect +
		waits +
		(rows.length ? table([__("Account"), __("This Project"), __("Repositories"), __("State"), ""], rows) : none)
	);
}

function account_html(one) {
	const picture = /^https:\/\//i.test(one.avatar_url || "")
		? `<img src="${esc(one.avatar_url)}" alt="" width="20" height="20" loading="lazy" referrerpolicy="no-referrer" class="mr-1"> `
		: "";
	const kind = { Organization: __("organization"), User: __("personal account") }[one.account_type];
	const name = one.account ? link(one.url, one.account) : esc(__("not known yet"));
	return `${picture}${name} ${kind ? `<span class="text-muted">${esc(kind)}</span>` : ""}`;
}

function state_html(one) {
	const [label, colour] = one.suspended
		? [__("Suspended"), "red"]
		: one.mend
			? [__("Permissions Pending"), "orange"]
			: INSTALLATION_STAGES()[one.stage] || (one.visible ? [__("Installed"), "green"] : [__("Not Visible"), "gray"]);
	const mend = one.mend ? ` ${link(one.mend, __("Mend it on GitHub"))}` : "";
	return `${pill(label, colour)}${one.note ? `<div class="small text-muted">${esc(one.note)}${mend}</div>` : ""}`;
}

function act_html(one, place) {
	const act = (name, label) =>
		`<button class="btn btn-xs btn-default mr-1" data-act="${esc(name)}" data-at="${esc(place)}">${esc(label)}</button>`;
	const finish = one.may_finish ? act("finish", __("Use for This Project")) : "";
	const check = one.visible && (!one.document || one.nobodys) ? act("check", __("Check Again")) : "";
	return finish + check + (one.visible && !one.suspended ? act("choose", __("Choose Repositories")) : "");
}

// Asks GitHub what it did not tell.
async function check_installation(id, after) {
	const answer = await call("desk.check_installation", id ? { installation_id: id } : {}, { freeze: __("Asking GitHub") });
	if (answer.is_yours === false) {
		say(__("Nobody here is the account that installed it, and GitHub does not show that you may install the App there."), "orange");
	} else if (answer.found) {
		frappe.show_alert({ message: __("The installation in {0} was read.", [esc(answer.account)]), indicator: "green" }, 10);
	} else {
		say(esc(answer.message), "orange");
	}
	await after(answer);
}

// What was picked on GitHub belongs to this Project.
async function finish_for_project(project, one, after) {
	const answer = await call("desk.finish_installation", { installation: one.document, project }, { freeze: __("Connecting") });
	say_done(__("The installation in {0} belongs to this project.", [esc(one.account)]), answer);
	await after(answer);
}

// The repositories that the person sees in an installation; those that are not connected yet can be chosen.
async function choose_repositories(project, one, after) {
	const mine = await call("desk.my_connection", { installation: one.id, project });
	if (!mine.repositories) {
		say(esc(mine.problem || mine.off || __("GitHub shows none of its repositories.")), "orange");
		return;
	}
	const dialog = ask({
		title: __("Repositories in {0}", [esc(one.account)]),
		size: "large",
		fields: [
			{ fieldtype: "HTML", fieldname: "content" },
			{
				fieldtype: "Data",
				fieldname: "other",
				label: __("Another Repository"),
				hidden: mine.cut ? 0 : 1,
				description: __("One that is not in the list, written as owner/name."),
			},
		],
		label: __("Connect"),
		async submit({ other }) {
			const chosen = dialog.fields_dict.content.$wrapper
				.find("input[name=repository]:checked:not(:disabled)")
				.map((_place, input) => input.value)
				.get();
			const typed_name = String(other || "").trim();
			if (typed_name) chosen.push(typed_name);
			if (!chosen.length) {
				say(__("Choose a repository first."), "orange");
				return false;
			}
			const wanted = { project, installation: one.id, repositories: JSON.stringify(chosen) };
			const answer =
				chosen.length > WAITED_FOR
					? await long_work("desk.connect_visible_repositories", wanted, __("Repositories of {0}", [project]))
					: await call("desk.connect_visible_repositories", wanted, { freeze: __("Connecting the repositories") });
			const wrong = failures_html((answer.failures || []).concat((answer.not_mirrored || []).map(not_mirrored)));
			const names = (answer.repositories || []).slice(0, WAITED_FOR).map(esc).join(", ");
			if (wrong) say(wrong, "orange");
			if (answer.done > WAITED_FOR) say_done(__("{0} repositories: connected with this project.", [esc(answer.done)]), answer);
			else if (names) say_done(__("{0}: connected with this project.", [names]), answer);
			await after(answer);
			return !(answer.failures || []).length;
		},
	});
	dialog.fields_dict.content.$wrapper.html(choosable_html(mine));
}

const not_mirrored = (repository) => ({
	repository,
	reason: __("it is not mirrored, because somebody switched that off: nothing of it reaches this project until a GitHub Admin switches it on"),
});

function choosable_html(mine) {
	const cut = mine.cut
		? `<p class="text-warning">${__("GitHub has more than {0}: only the first ones are shown here. Name another one below.", [esc(mine.cut)])}</p>`
		: "";
	const rows = mine.repositories.map(
		(one) =>
			`<div class="checkbox"><label><input type="checkbox" name="repository" value="${esc(one.full_name)}"${one.connected ? " checked disabled" : ""}>
			${esc(one.full_name)} <span class="text-muted">${esc(one.visibility)}</span>${one.connected ? ` ${pill(__("connected"), "green")}` : ""}</label></div>`
	);
	return cut + (rows.join("") || `<p>${__("GitHub shows none of its repositories.")}</p>`);
}

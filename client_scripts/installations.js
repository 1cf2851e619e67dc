// The installations of the App that a person sees, beside the repositories of a Project: which belong to it, and what can be done about each.

// Draws the list into `box`. GitHub is asked, which takes a moment; `after` follows when something was connected.
async function installations_into(box, frm, after) {
	const project = frm.docname;
	const draw = () => installations_into(box, frm, after);
	box.html(`<p class="text-muted">${__("GitHub is asked where the App is installed.")}</p>`);
	let mine;
	try {
		mine = await peek("desk.my_connection", { installations: 1, project });
	} catch (error) {
		box.html(`<p class="text-muted">${esc(error.message)}</p>`);
		return;
	}
	box.html(installations_html(mine));
	box.find("button[data-install]").on("click", (event) => {
		const one = (mine.installations || []).find((other) => String(other.id) === event.currentTarget.dataset.id);
		act_on_installation(event.currentTarget.dataset.install, one, { project, after, draw });
	});
}

function act_on_installation(act, one, { project, after, draw }) {
	const again = async (answer) => {
		await after(answer);
		await draw();
	};
	if (act === "connect") ask_to_connect("", draw);
	else if (act === "more") at_github("desk.install_app", { project }, draw).catch(told);
	else if (act === "choose") choose_of_installation(one, project, again).catch(told);
	else if (act === "use") use_installation(one, project, again).catch(told);
	else check_installation(one && one.id, draw).catch(told);
}

function installations_html(mine) {
	const act = (name, label, one) =>
		`<button class="btn btn-xs btn-default mr-1" data-install="${esc(name)}" data-id="${esc(one ? one.id : "")}">${esc(label)}</button>`;
	if (!mine.configured) return "";
	if (!mine.connected) {
		return `<p>${esc(mine.problem || __("Connect your GitHub account to see where the App is installed."))}</p><p>${act("connect", __("Connect GitHub"))}</p>`;
	}
	const rows = (mine.installations || []).map((one) => {
		const state = one.suspended
			? pill(__("suspended"), "red")
			: one.connected
				? pill(__("connected"), "green")
				: pill(__("not connected"), "gray");
		const acts = [];
		if (!one.document) acts.push(act("check", __("Check Again"), one));
		else if (!one.suspended && !one.connected && one.mine) acts.push(act("use", __("Use for This Project"), one));
		if (one.document && !one.suspended && one.mine) acts.push(act("choose", __("Choose Repositories"), one));
		return [
			esc(one.account),
			state,
			one.all_repositories ? __("all repositories") : __("chosen repositories"),
			acts.join("") + link(one.url, __("Change on GitHub")),
		];
	});
	const last = [
		mine.can_install ? act("more", __("Install in Another Account")) : "",
		mine.waits ? act("check", __("Check Again")) : "",
	].join("");
	const waits = mine.waits ? `<p>${__("GitHub has not told of an installation that you began.")}</p>` : "";
	const none = `<p>${__("GitHub shows no installation of the App to you.")}</p>`;
	const head = [__("Account"), "", __("Reaches"), ""];
	return `${mine.problem ? `<p>${esc(mine.problem)}</p>` : ""}${rows.length ? table(head, rows) : none}${waits}<p>${last}</p>`;
}

// Asks GitHub what it did not tell.
async function check_installation(id, after) {
	const answer = await call("desk.check_installation", id ? { installation_id: id } : {}, { freeze: __("Asking GitHub") });
	if (answer.found) {
		frappe.show_alert({ message: __("The installation in {0} was read.", [esc(answer.account)]), indicator: "green" }, 10);
	} else {
		say(esc(answer.message), "orange");
	}
	await after(answer);
}

async function use_installation(one, project, after) {
	const answer = await call("desk.finish_installation", { installation: one.document, project }, { freeze: __("Connecting") });
	const names = answer.repositories || [];
	say_done(
		names.length
			? __("{0} belongs to this project, with {1}.", [esc(one.account), esc(names.join(", "))])
			: __("{0} belongs to this project. Choose its repositories now.", [esc(one.account)]),
		answer
	);
	await after(answer);
}

// Which of the repositories that the person sees there this Project is about.
async function choose_of_installation(one, project, after) {
	const { repositories } = await call("desk.installation_repositories", { installation: one.document }, { freeze: __("Asking GitHub") });
	if (!repositories.length) {
		say(__("GitHub shows no repository of {0} to you.", [esc(one.account)]), "orange");
		return;
	}
	const dialog = show(
		__("Repositories of {0}", [esc(one.account)]),
		`<p>${__("The people of this project will read what you choose.")}</p>` +
			repositories
				.map(
					(repository) =>
						`<div><label><input type="checkbox" name="repository" value="${esc(repository.id)}"${
							repository.chosen ? " checked" : ""
						}> ${esc(repository.full_name)}</label> ${repository.private ? __("private") : ""}</div>`
				)
				.join("")
	);
	dialog.set_primary_action(__("Follow"), () => {
		const chosen = dialog.$wrapper.find("input[name=repository]:checked").toArray().map((box) => box.value);
		if (!chosen.length) {
			say(__("Choose a repository first."), "orange");
			return;
		}
		call(
			"desk.choose_repositories",
			{ installation: one.document, project, repositories: JSON.stringify(chosen) },
			{ freeze: __("Connecting the repositories") }
		)
			.then(async (answer) => {
				dialog.hide();
				say_done(__("{0} belong to this project now.", [esc(answer.repositories.join(", "))]), answer);
				await after(answer);
			})
			.catch(told);
	});
}

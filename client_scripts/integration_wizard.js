// The wizard that connects GitHub: method, connect, organizations, services, done. One dialog, drawn anew at each step.

const APP = "GitHub App";
const OAUTH = "OAuth";
const TOKEN = "Personal Access Token";

const METHODS = () => [
	[
		APP,
		__("GitHub App"),
		__("Recommended. The App is installed in each organization, has permissions of its own and its own webhook; one integration for each organization."),
	],
	[
		OAUTH,
		__("OAuth"),
		__("You lend your own connection with GitHub: what you may read there is read by it, also while you are away."),
	],
	[
		TOKEN,
		__("Personal Access Token"),
		__("A token that you paste. Give it no more than it needs: the next step says what it has and lacks."),
	],
];

const SERVICES = () => [
	["repositories", __("Repositories"), __("branches, commits, releases, labels and milestones; members are read as long as anything is")],
	["pull_requests", __("Pull Requests"), __("with reviews and comments")],
	["issues", __("Issues"), __("with comments")],
	["webhooks", __("Webhooks"), __("changes are told at once; needs an owner of the organization and one followed repository")],
];

// Opens it; whoever makes something lands on its details. `closed` follows, whatever came of it.
function connect_wizard(closed) {
	const wizard = { method: APP, token: "", name: "", chosen: new Set(), services: new Set(SERVICES().map(([key]) => key)) };
	wizard.dialog = new frappe.ui.Dialog({
		title: __("Connect GitHub"),
		size: "large",
		fields: [{ fieldtype: "HTML", fieldname: "content" }],
		primary_action_label: __("Continue"),
		primary_action() {},
	});
	wizard.dialog.onhide = () => {
		forget(wizard);
		if (closed) closed();
	};
	wizard.dialog.show();
	choose_method(wizard);
	return wizard;
}

// A token that was pasted lives no longer than the dialog.
function forget(wizard) {
	wizard.token = "";
	wizard.is_over = true;
	wizard.dialog.fields_dict.content.$wrapper.html("");
}

// Draws a step. Its button is off while it works, and what fails is told; `next` may be none.
function step(wizard, html, label, next) {
	const box = wizard.dialog.fields_dict.content.$wrapper;
	wizard.is_choosing_services = false;
	box.html(`<div class="github-wizard">${html}</div>`);
	const button_of_step = wizard.dialog.get_primary_btn();
	button_of_step.toggleClass("hide", !next);
	if (!next) return box;
	let busy = false;
	wizard.dialog.set_primary_action(label, () => {
		if (busy) return;
		busy = true;
		wizard.dialog.disable_primary_action();
		Promise.resolve()
			.then(next)
			.catch(told)
			.finally(() => {
				busy = false;
				wizard.dialog.enable_primary_action();
			});
	});
	return box;
}

const choice = (kind, name, value, { label, text, checked, disabled }) =>
	`<div class="github-choice mb-2${disabled ? " text-muted" : ""}"><label>
		<input type="${kind}" name="${esc(name)}" value="${esc(value)}"${checked ? " checked" : ""}${disabled ? " disabled" : ""}>
		<b>${label}</b></label>${text ? `<div class="text-muted small">${text}</div>` : ""}</div>`;

const values_of = (box, name) =>
	box
		.find(`input[name=${name}]:checked`)
		.toArray()
		.map((one) => one.value);

// Goes back by a link in the step.
const back_link = () => `<p><a href="#" class="github-back">${__("Back")}</a></p>`;

function on_back(box, back) {
	box.find(".github-back").on("click", (event) => {
		event.preventDefault();
		back();
	});
}

// --- 1. Method --------------------------------------------------------------------------------------------------------

function choose_method(wizard) {
	const choices = METHODS().map(([value, label, text]) =>
		choice("radio", "method", value, { label: esc(label), text: esc(text), checked: value === wizard.method })
	);
	const box = step(
		wizard,
		`<p>${__("How should this site prove itself to GitHub?")}</p>${choices.join("")}
		<p class="text-muted">${__("Use a service account where you can: an account of the organization's own, which stays when people leave. An owner can use all services; a member all but webhooks.")}</p>`,
		__("Continue"),
		() => {
			wizard.method = values_of(box, "method")[0] || APP;
			return wizard.method === TOKEN ? enter_token(wizard) : load(wizard);
		}
	);
}

// --- 2. Connect -------------------------------------------------------------------------------------------------------

function enter_token(wizard) {
	const box = step(
		wizard,
		`${back_link()}<div class="form-group"><label>${__("Personal Access Token")}</label>
		<input type="password" class="form-control github-token" autocomplete="off" spellcheck="false"></div>
		<p class="text-muted small">${__("Scopes of a classic token: {0}. Where an organization has single sign-on, authorize the token for it, again each time it was made anew.", [
			"<code>repo, read:org, admin:repo_hook, admin:org_hook, admin:org, read:user, user</code>",
		])}</p>
		<button class="btn btn-default btn-sm github-test">${__("Test connection")}</button>
		<div class="github-tested mt-2"></div>`,
		__("Continue"),
		async () => {
			wizard.token = String(box.find(".github-token").val() || "").trim();
			if (!wizard.token) {
				say(__("Paste a token first."), "orange");
				return;
			}
			await load(wizard);
		}
	);
	on_back(box, () => choose_method(wizard));
	box.find(".github-test").on("click", (event) => {
		event.preventDefault();
		wizard.token = String(box.find(".github-token").val() || "").trim();
		if (!wizard.token) return;
		box.find(".github-test").prop("disabled", true);
		look(wizard)
			.then((found) => box.find(".github-tested").html(tested_html(found.test || {})))
			.catch(told)
			.finally(() => box.find(".github-test").prop("disabled", false));
	});
}

const look = (wizard) =>
	call("desk.connectable_organizations", { method: wizard.method, token: wizard.method === TOKEN ? wizard.token : undefined });

// Reads what can be connected, and shows it, or what has to be done before.
async function load(wizard) {
	wizard.is_old = false;
	const found = await look(wizard);
	if (wizard.is_over) return;
	if (found.test && !found.test.success) {
		const tested = () => wizard.dialog.fields_dict.content.$wrapper.find(".github-tested");
		// A token that ended on the way is asked for again.
		if (!tested().length) enter_token(wizard);
		tested().html(tested_html(found.test));
		return;
	}
	if (found.needs) {
		first_do(wizard, found);
		return;
	}
	choose_organizations(wizard, found);
}

// The person came back. Who went on meanwhile is not thrown back: the list is read anew when he goes there.
const once_more = (wizard) => () => {
	if (wizard.is_over) return undefined;
	if (!wizard.is_choosing_services) return load(wizard);
	wizard.is_old = true;
	return undefined;
};

// What is missing before there is a list: the App, or the person's own connection.
function first_do(wizard, found) {
	const needs_app = found.needs === "app";
	const box = step(
		wizard,
		`${back_link()}<p>${esc(found.reason)}</p>
		<p>${
			needs_app
				? __("GitHub opens in a window of its own and makes an App for this site, with the permissions, events and addresses that are needed. It belongs to you, or to an organization:")
				: __("GitHub opens in a window of its own and asks whether this site may act for you. The page after it, and Connect GitHub on your User, say what your connection is used for.")
		}</p>
		${!needs_app && wizard.method === OAUTH ? lending_html() : ""}
		${
			needs_app
				? `<input class="form-control mb-2 github-organization" placeholder="${esc(__("Organization, or empty for yourself"))}">
		<label class="mb-2"><input type="checkbox" class="github-public"> ${__("For several accounts")}<br><span class="text-muted">${FOR_SEVERAL()}</span></label>`
				: ""
		}
		<button class="btn btn-default btn-sm github-go">${needs_app ? __("Create the App on GitHub") : __("Connect GitHub account")}</button>
		<p class="text-muted mt-2">${__("Come back to this window afterwards: it goes on by itself, or by the button below.")}</p>`,
		__("Refresh"),
		() => load(wizard)
	);
	on_back(box, () => choose_method(wizard));
	box.find(".github-go").on("click", (event) => {
		event.preventDefault();
		const organization = String(box.find(".github-organization").val() || "").trim();
		const args = needs_app ? { organization, personal: !organization, public: box.find(".github-public").prop("checked") ? 1 : 0 } : {};
		at_github(needs_app ? "desk.create_app" : "desk.connect_github", args, once_more(wizard)).catch(told);
	});
}

// --- 3. Organizations -------------------------------------------------------------------------------------------------

function choose_organizations(wizard, found) {
	const all = found.organizations || [];
	const choices = all.map((one) => {
		const more = [one.reason, one.note].filter(Boolean).map(esc).join("; ");
		return choice("checkbox", "organization", one.login, {
			label: `${esc(one.login)} ${one.type === "User" ? pill(__("personal account"), "gray") : ""}${one.connected ? pill(__("connected"), "green") : ""}`,
			text: one.link ? `${more} ${link(one.link, __("Open on GitHub"))}` : more,
			checked: one.selectable && wizard.chosen.has(one.login),
			disabled: !one.selectable,
		});
	});
	const box = step(
		wizard,
		`${back_link()}<p>${__("Which organizations should be connected? Connected as {0} on GitHub.", [esc(found.login)])}</p>
		<div class="github-organizations">${choices.join("") || `<p class="text-muted">${__("There is none yet.")}</p>`}</div>
		${(found.hints || []).length ? `<div class="text-warning">${list(found.hints.map(esc))}</div>` : ""}
		<p>${wizard.method === APP ? `<button class="btn btn-default btn-sm github-install">${__("Install the App in another organization")}</button> ` : ""}
		<button class="btn btn-default btn-sm github-refresh">${__("Refresh list")}</button></p>
		<details class="github-troubleshooting"${(found.troubleshooting || []).some((one) => one.known) ? " open" : ""}><summary>${__("An organization is missing?")}</summary>${troubles_html(found.troubleshooting)}</details>`,
		__("Continue"),
		() => {
			wizard.chosen = new Set(values_of(box, "organization"));
			if (!wizard.chosen.size) {
				say(__("Choose an organization first."), "orange");
				return;
			}
			choose_services(wizard, found);
		}
	);
	on_back(box, () => choose_method(wizard));
	const keep = () => {
		wizard.chosen = new Set(values_of(box, "organization"));
	};
	box.find(".github-refresh").on("click", (event) => {
		event.preventDefault();
		keep();
		load(wizard).catch(told);
	});
	box.find(".github-install").on("click", (event) => {
		event.preventDefault();
		keep();
		at_github("desk.install_app", {}, once_more(wizard)).catch(told);
	});
}

const troubles_html = (troubles) =>
	// What is known stands first.
	list((troubles || []).map((one) => `${one.known ? `<b>${esc(one.text)}</b>` : esc(one.text)} ${one.url ? link(one.url, __("Open on GitHub")) : ""}`));

// What it means that an integration works by the person's own connection: said before he presses Connect.
const lending_html = (login) =>
	`<div class="github-lending"><b>${login ? __("You lend your connection as {0}", [esc(login)]) : __("You lend your connection")}</b>${list([
		__("the integration reads its repositories by it, and keeps their webhooks, also while you are away: GitHub shows that as done by you"),
		__("what it reads of private repositories is shown here to whoever may read them here, and not to those alone who may on GitHub"),
		__("it ends when you disconnect GitHub on your User, when your User is disabled, or when the integration is switched off or deleted"),
	])}</div>`;

// --- 4. Services, and done --------------------------------------------------------------------------------------------

function choose_services(wizard, found) {
	const choices = SERVICES().map(([key, label, text]) =>
		choice("checkbox", "service", key, { label: esc(label), text: esc(text), checked: wizard.services.has(key) })
	);
	const names = [...wizard.chosen];
	const box = step(
		wizard,
		`${back_link()}<p>${__("To be connected: {0}", [`<b>${esc(names.join(", "))}</b>`])}</p>
		${
			wizard.method === APP
				? `<p class="text-muted">${__("One integration is made for each, called like the organization.")}</p>`
				: `<div class="form-group"><label>${__("Name of the integration")}</label>
			<input class="form-control github-name" maxlength="140" value="${esc(wizard.name || names[0])}"></div>`
		}
		${wizard.method === OAUTH ? lending_html(found.login) : ""}
		<p>${__("What should it do? Each can be switched at any time, and what is here stays.")}</p>${choices.join("")}`,
		__("Connect"),
		async () => {
			wizard.services = new Set(values_of(box, "service"));
			wizard.name = String(box.find(".github-name").val() || "").trim();
			await make(wizard, names);
		}
	);
	wizard.is_choosing_services = true;
	on_back(box, () => (wizard.is_old ? load(wizard).catch(told) : choose_organizations(wizard, found)));
}

async function make(wizard, names) {
	const answer = await call(
		"desk.create_integrations",
		{
			method: wizard.method,
			organizations: JSON.stringify(names),
			services: JSON.stringify([...wizard.services]),
			name: wizard.method === APP ? undefined : wizard.name,
			token: wizard.method === TOKEN ? wizard.token : undefined,
		},
		{ freeze: __("Connecting") }
	);
	const failures = (answer.failures || []).map((one) => `${esc(one.organization)}: ${esc(one.reason)}`);
	const made = (answer.integrations || []).map((one) => one.name);
	if (failures.length) say(list(failures), made.length ? "orange" : "red");
	if (!made.length) return;
	wizard.dialog.hide();
	frappe.show_alert({ message: __("Connected: {0}", [esc(made.join(", "))]), indicator: "green" }, 10);
	if (made.length === 1) frappe.set_route("Form", "GitHub Integration", made[0]);
	else frappe.set_route("List", "GitHub Integration");
}

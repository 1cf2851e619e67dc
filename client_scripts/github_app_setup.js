// The GitHub App of the site, on the form of GitHub Settings: how it stands, making it on GitHub, its private key.

// How the App stands, as part of the form's dashboard.
function app_html(frm, app) {
	if (!app) return "";
	const word = {
		none: () => [pill(__("None"), "gray"), __("There is no GitHub App. Create one on GitHub, or enter one that is there.")],
		no_id: () => [pill(__("Without Id"), "orange"), __("A private key is stored. Enter App ID, or App Client ID, of the App that it belongs to.")],
		no_key: () => [pill(__("Without Key"), "orange"), __("The App has no private key here: make one on its page on GitHub, and enter it.")],
		unusable: () => [pill(__("Not Usable"), "red"), esc(app.reason)],
		refused: () => [pill(__("Refused"), "red"), esc(app.reason)],
		not_asked: () => [pill(__("Set Up"), "blue"), esc(app.reason || __("GitHub was not asked how it stands."))],
		ready: () => [pill(__("Ready"), "green"), ready_words(app)],
	}[app.state];
	if (!word) return "";
	const [state, words] = word();
	return `<div class="github-app"><div><b>${__("GitHub App")}</b> ${state} ${words}</div>
		<div class="mb-1">${app_actions(app)}</div>${app.state === "ready" ? app_details(frm, app) : ""}</div>`;
}

function ready_words(app) {
	const name = link(app.html_url, app.name);
	const count = (app.installations || []).length;
	if (!count) return __("{0} is not installed anywhere yet.", [name]);
	return count === 1 ? __("{0} is installed in one account.", [name]) : __("{0} is installed in {1} accounts.", [name, count]);
}

// What can be done next, as the state has it.
function app_actions(app) {
	const press = (key, text) => `<button class="btn btn-xs btn-default" data-github-app="${key}">${text}</button>`;
	const actions = [];
	if (app.state === "none") actions.push(press("create", __("Create GitHub App")));
	if (["none", "no_key", "refused", "unusable"].includes(app.state)) actions.push(press("key", __("Enter Private Key")));
	if (app.install_url) actions.push(link(app.install_url, __("Install It in an Account")));
	if (app.settings_url) actions.push(link(app.settings_url, __("Its Settings on GitHub")));
	return actions.join(" &nbsp; ");
}

function app_details(frm, app) {
	const parts = [];
	const rows = (app.installations || []).map((one) => [
		link(one.html_url, one.account || __("an account that is gone")),
		one.selection === "all" ? __("all repositories") : __("some repositories"),
		installation_state(one),
		(one.lacking || []).length ? list(one.lacking.map(esc)) : __("nothing"),
	]);
	if (rows.length) parts.push(table([__("Account"), __("Reaches"), __("State"), __("Lacks")], rows));
	if ((app.lacking || []).length) {
		const page = app.permissions_url ? ` ${link(app.permissions_url, __("Its permissions on GitHub"))}` : "";
		parts.push(`<div class="text-warning">${__("The App does not ask for all that is used here:")}${page}${list(app.lacking.map(esc))}</div>`);
	}
	if (frm.doc.auth_type !== "GitHub App") {
		parts.push(
			`<div class="text-muted">${__("It works for integrations and for people who connect. To have the site itself work by it, choose GitHub App as Auth Type.")}</div>`
		);
	}
	return parts.join("");
}

function installation_state(one) {
	if (one.suspended) return `${pill(__("suspended"), "red")} ${link(one.html_url, __("Unsuspend"))}`;
	if (one.pending) return `${pill(__("permissions wait"), "orange")} ${link(one.html_url, __("Accept"))}`;
	return pill(__("active"), "green");
}

function app_clicks(frm, body) {
	body.find("[data-github-app]").on("click", (event) => {
		event.preventDefault();
		const key = event.currentTarget.getAttribute("data-github-app");
		if (key === "create") create_app(frm);
		else if (key === "key") enter_app_key(frm);
	});
}

function app_buttons(frm) {
	const group = __("GitHub App");
	button(frm, __("Create GitHub App"), group, () => create_app(frm));
	button(frm, __("Private Key"), group, () => enter_app_key(frm));
	if (frm.doc.app_key_fingerprint) button(frm, __("Remove Private Key"), group, () => remove_app_key(frm));
}

// What stands in the form by now was written elsewhere. What somebody types meanwhile stays.
const app_changed = (frm) => (frm.is_dirty() ? frm.refresh() : frm.reload_doc());

// --- Making it on GitHub ----------------------------------------------------------------------------------------------

function create_app(frm) {
	const dialog = new frappe.ui.Dialog({
		title: __("Create GitHub App"),
		fields: [
			{ fieldtype: "HTML", fieldname: "content" },
			{
				fieldtype: "Data",
				fieldname: "organization",
				label: __("Organization"),
				default: frm.doc.default_organization,
				description: __("Login of the organization that the App is to belong to. Empty: it belongs to you."),
			},
			{
				fieldtype: "Data",
				fieldname: "name",
				label: __("Name"),
				description: __("No other App on GitHub may have it. Empty: ERPNext and the address of this site. GitHub asks again."),
			},
			{
				fieldtype: "Check",
				fieldname: "public",
				label: __("For several accounts"),
				description: FOR_SEVERAL(),
			},
		],
		primary_action_label: __("Go on to GitHub"),
		primary_action(values) {
			// In the click itself: a browser opens no window later.
			const organization = String(values.organization || "").trim();
			const args = { organization, name: String(values.name || "").trim(), personal: !organization, public: values.public ? 1 : 0 };
			at_github("desk.create_app", args, () => app_changed(frm)).catch(told);
			dialog.hide();
		},
	});
	const there = frm.doc.app_id || frm.doc.app_client_id || frm.doc.app_key_fingerprint;
	dialog.fields_dict.content.$wrapper.html(
		`<p>${__("GitHub opens in a window of its own and makes an App for this site, with the permissions, events and addresses that are needed. Its id, secrets and private key are stored here by themselves.")}</p>` +
			(there
				? `<p class="text-warning">${__("There is an App here already: the new one takes its place. The old one stays on GitHub, with its installations.")}</p>`
				: "")
	);
	dialog.show();
}

// --- Its private key --------------------------------------------------------------------------------------------------

function enter_app_key(frm) {
	let busy = false;
	const dialog = new frappe.ui.Dialog({
		title: __("Private Key of the GitHub App"),
		fields: [{ fieldtype: "HTML", fieldname: "content" }],
		primary_action_label: __("Store"),
		primary_action() {
			const text = dialog.fields_dict.content.$wrapper.find(".github-app-key");
			const key = String(text.val() || "").trim();
			if (busy) return;
			if (!key) {
				say(__("Paste the key, or choose its file."), "orange");
				return;
			}
			busy = true;
			dialog.disable_primary_action();
			store_app_key(frm, key)
				.then(() => dialog.hide(), told)
				.finally(() => {
					busy = false;
					dialog.enable_primary_action();
				});
		},
	});
	// It lives no longer than the dialog, and is put into no field of the desk, which might keep it.
	dialog.onhide = () => dialog.fields_dict.content.$wrapper.html("");
	const box = dialog.fields_dict.content.$wrapper;
	box.html(
		`<p>${__("Make one on the App's page on GitHub, under Private keys: GitHub gives it as a file that ends in .pem. It is kept encrypted, and shown to nobody.")}</p>
		<div class="form-group"><label>${__("File")}</label><input type="file" class="form-control github-app-key-file" accept=".pem,.key,.txt"></div>
		<div class="form-group"><label>${__("or its text")}</label>
		<textarea class="form-control github-app-key" rows="8" autocomplete="off" spellcheck="false" placeholder="-----BEGIN RSA PRIVATE KEY-----"></textarea></div>`
	);
	box.find(".github-app-key-file").on("change", (event) => {
		const file = event.currentTarget.files && event.currentTarget.files[0];
		if (!file) return;
		file
			.text()
			.then((text) => box.find(".github-app-key").val(text))
			.catch(told);
	});
	dialog.show();
}

async function store_app_key(frm, key) {
	// What was typed into the form counts: the App's id.
	if (frm.is_dirty() && !(await saved(frm))) throw new Failed("not saved", false);
	const answer = await call("desk.set_app_key", { key }, { freeze: __("Asking GitHub") });
	const fingerprint = `<code>${esc(answer.fingerprint)}</code>`;
	if (answer.accepted) {
		say(__("The key is stored ({0}). GitHub accepts it for the App {1}.", [fingerprint, esc(answer.app)]));
	} else {
		say(`${__("The key is stored ({0}). Whether GitHub accepts it is not known:", [fingerprint])} ${esc(answer.reason)}`, "orange");
	}
	await app_changed(frm);
}

function remove_app_key(frm) {
	frappe.confirm(
		__("Forget the private key? Until another one is entered nothing works by the App. On GitHub the key stays until it is deleted there."),
		() => {
			call("desk.remove_app_key", {}, { freeze: true })
				.then(() => {
					frappe.show_alert({ message: __("The key is removed."), indicator: "green" }, 10);
					return app_changed(frm);
				})
				.catch(told);
		}
	);
}

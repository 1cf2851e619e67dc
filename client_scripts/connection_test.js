// What a test of the connection found, as tables: whose credential it is, what it has, what is blocked, until when, and what mends it.

const CREDENTIALS = () => ({
	classic: __("personal access token (classic)"),
	"fine-grained": __("personal access token (fine-grained)"),
	app: __("GitHub App"),
});

function tested_html(test) {
	if (!test.success) {
		const sso = test.sso_url ? ` ${link(test.sso_url, __("Authorize it for the organization"))}` : "";
		return `<div class="text-danger">${esc(test.error)}${sso}</div>`;
	}
	const parts = [
		`<h5 class="text-success">${__("Successfully connected via {0}", [esc(test.user)])}</h5>`,
		facts([
			[__("Credential"), esc(CREDENTIALS()[test.kind] || test.kind)],
			[__("Installed In"), test.account ? link(test.manage_url, test.account) : ""],
			[__("Scopes"), test.scopes ? test.scopes.map((scope) => `<code>${esc(scope)}</code>`).join(" ") || __("none") : ""],
			[__("Ends"), ends_html(test)],
		]),
		scopes_html(test.services || []),
		permissions_html(test.permissions || []),
		sso_html(test.sso || []),
		notes_html(test),
	];
	return parts
		.filter(Boolean)
		.map((part) => `<div class="mb-3">${part}</div>`)
		.join("");
}

// In the site's own time.
function ends_html(test) {
	if (test.kind === "app") return __("never: it is renewed by itself");
	return test.ends ? at(test.ends) : __("GitHub names no end");
}

const state_pill = (ok) =>
	ok === true ? pill(__("has"), "green") : ok === false ? pill(__("missing"), "red") : pill(__("GitHub does not tell"), "gray");

const scopes_html = (services) =>
	services.length
		? table(
				[__("Service"), __("Scope Needed"), __("The Token"), __("What Is Blocked")],
				services.map((one) => [esc(one.service), `<code>${esc(one.scope)}</code>`, state_pill(one.ok), esc(one.blocks || "")])
			)
		: "";

function permissions_html(permissions) {
	if (!permissions.length) return "";
	const rows = permissions.map((one) => [
		esc(one.service),
		esc(one.of_organizations ? __("{0} of the organization", [one.permission]) : one.permission),
		esc(one.level === "read" ? __("read") : __("read and write")),
		state_pill(one.ok) + (one.ok === false && one.has ? ` ${esc(__("only {0}", [one.has]))}` : ""),
	]);
	return table([__("Service"), __("Permission Needed"), __("Level"), __("Granted")], rows);
}

const sso_html = (sso) =>
	sso.length
		? `<b>${__("Left out by single sign-on")}</b>` +
			list(sso.map((one) => `${esc(one.text)} ${link(one.url, __("Authorize the token"))}`))
		: "";

// Where tables say what is missing, sentences say the rest.
function notes_html(test) {
	const said = [...(test.sso || []).map((one) => one.text)];
	const missing = (test.services || []).filter((one) => !one.ok).map((one) => `the scope ${one.scope} is missing`);
	const rest = (test.notes || []).filter((note) => !said.includes(note) && !missing.some((words) => note.startsWith(words)));
	return rest.length ? list(rest.map(esc)) : "";
}

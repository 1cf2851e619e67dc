// The form of a GitHub Integration: how it is, and what its services lack.

on("GitHub Integration", {
	refresh(frm) {
		const place = place_of(frm, "overview_html");
		place.html("");
		place_of(frm, "repositories_html").html("");
		if (frm.is_new()) {
			offer_wizard(frm, place);
			return;
		}
		button(frm, __("Check Now"), "", async () => {
			await call("desk.check_integration", { integration: frm.docname }, { freeze: __("Asking GitHub") });
			await frm.reload_doc();
		});
		button(frm, __("Connect GitHub"), "", () => {
			connect_wizard();
		});
		if (frm.doc.auth_type === "OAuth") offer_to_lend(frm);
		show_integration(frm, false);
		show_integration(frm, true);
	},
});

const place_of = (frm, field) => frm.get_field(field).$wrapper;

// A new document is made by the wizard; by hand it can be, too.
function offer_wizard(frm, place) {
	place.html(
		`<p>${__("The wizard makes integrations: it asks how, connects, and shows which organizations there are.")}</p>
		<button class="btn btn-primary btn-sm github-wizard-open">${__("Connect GitHub")}</button>`
	);
	place.find(".github-wizard-open").on("click", (event) => {
		event.preventDefault();
		connect_wizard();
	});
	if (!frm.github_offered) {
		frm.github_offered = true;
		connect_wizard();
	}
}

// Whose connection an integration reads by: each lends his own, and nobody another's.
function offer_to_lend(frm) {
	if (frm.doc.connected_user === frappe.session.user) {
		button(frm, __("Stop Using My Connection"), "", async () => {
			await call("desk.take_back_connection", { integration: frm.docname });
			await frm.reload_doc();
		});
	}
	button(frm, __("Use My Connection"), "", async () => {
		const what = frm.doc.account_login
			? __("what you see of the repositories of {0} is mirrored here for those who may read them.", [esc(frm.doc.account_login)])
			: __("whatever you see on GitHub can be mirrored here for those who may read it: this integration is for no one account.");
		const question = [
			__("{0} will read by your GitHub account, and keep its webhooks:", [esc(frm.docname)]),
			what,
			__("Nobody else writes on GitHub in your name. Stop Using My Connection ends it, and so does disconnecting your account."),
		].join(" ");
		const agreed = await new Promise((answer) => {
			frappe.confirm(question, () => answer(true), () => answer(false));
		});
		if (!agreed) return;
		await call("desk.lend_connection", { integration: frm.docname }, { freeze: __("Asking GitHub") });
		await frm.reload_doc();
	});
}

// What is known here is shown at once; what GitHub has takes a moment, and replaces it.
async function show_integration(frm, repositories) {
	const name = frm.docname;
	const turn = (frm.github_integration_turn || 0) + (repositories ? 0 : 1);
	frm.github_integration_turn = turn;
	let overview = null;
	try {
		overview = await peek("desk.integration_overview", { integration: name, repositories });
	} catch (error) {
		if (frm.docname !== name) return;
		const listing = place_of(frm, "repositories_html").find(".github-listing");
		// What was shown before stays.
		if (repositories && listing.length) listing.text(error.unreachable ? unreachable_text() : error.message);
		else if (error.unreachable) place_of(frm, "overview_html").html(`<div class="text-muted">${unreachable_text()}</div>`);
		return;
	}
	if (frm.docname !== name || frm.github_integration_turn !== turn) return;
	// The quick answer is late: what GitHub has stands there already.
	if (!repositories && frm.github_listed === turn) return;
	if (repositories) frm.github_listed = turn;
	draw_integration(frm, overview, repositories);
}

function draw_integration(frm, overview, is_whole) {
	place_of(frm, "overview_html").html(
		`<div class="github-health mb-3">${health_html(overview.health || {})}</div>
		<div class="github-services mb-3">${services_html(overview)}</div>`
	);
	const place = place_of(frm, "repositories_html");
	place.html(
		`<p class="text-muted small">${__("{0} followed", [esc(overview.followed)])}</p>
		${overview.problem ? `<div class="text-danger">${esc(overview.problem)}</div>` : ""}
		<div class="github-listing text-muted">${is_whole || overview.problem ? "" : __("GitHub is asked which repositories there are.")}</div>
		<div class="github-repositories"></div>
		${deleting_html(overview)}`
	);
	show_repositories(frm, place.find(".github-repositories"), overview, () => show_integration(frm, true));
}

// Frappe deletes nothing that a document names.
function deleting_html(overview) {
	const text = overview.belonging
		? __("{0} repositories belong to this integration. To delete it, unfollow them first: what is mirrored stays, and another integration can follow them.", [
				esc(overview.belonging),
			])
		: __("No repository belongs to this integration, so that it can be deleted.");
	return `<p class="text-muted small github-deleting">${text}</p>`;
}

function health_html(health) {
	const states = { ok: [__("Works"), "green"], attention: [__("Needs Attention"), "orange"], failing: [__("Failing"), "red"] };
	const [label, colour] = states[health.state] || [__("Not Checked"), "blue"];
	const mend = health.link ? ` ${link(health.link, __("Mend it on GitHub"))}` : "";
	return `${pill(label, colour)} ${esc(health.reason)}${mend} <span class="text-muted small">${
		health.checked ? __("checked {0}", [ago(health.checked)]) : ""
	}</span>`;
}

// The switches are fields of the form; here stands what keeps one from working.
function services_html(overview) {
	const rows = (overview.services || []).map((one) => {
		const state = one.on ? pill(__("on"), one.reason ? "orange" : "green") : pill(__("off"), "gray");
		const reason = one.reason ? `<span class="text-muted">${esc(one.reason)}</span> ${one.link ? link(one.link, __("Mend it on GitHub")) : ""}` : "";
		return `<div data-github-service="${esc(one.key)}"${one.reason ? ' class="github-greyed text-muted"' : ""}>${state} ${esc(__(one.label))} ${reason}</div>`;
	});
	return rows.join("");
}

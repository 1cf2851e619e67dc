// What all scripts stand on: calls and their failures, buttons, dialogs, long work, markup.
// Put before each script, inside one function of its own: nothing here is global.

const PREFIX = "erpnext_github_integration.";
// Answers of the service carry it; an answer without it came from somebody else on the way.
const MARK = "x-answered-by";
// What the bench answers on its own behalf, whoever it is asked for: no session, no token, too large, too many.
const OF_THE_BENCH = [400, 401, 403, 413, 429];
const ADMINS = ["GitHub Admin", "System Manager"];

// --- Texts and markup -------------------------------------------------------------------------------------------------

// Text from anywhere but this file, made fit to stand in markup.
const esc = (text) => frappe.utils.escape_html(String(text ?? ""));

const unreachable_text = () =>
	__("The GitHub service does not answer on the address of this site.") +
	"<br>" +
	__("Run {0} on the server of the bench: it says what is wrong and what to type.", [
		"<code>erpnext-github doctor</code>",
	]);

// A link that leaves the desk. What is no web address becomes plain text.
function link(url, text) {
	return /^https?:\/\//i.test(url || "")
		? `<a href="${esc(url)}" target="_blank" rel="noopener noreferrer">${esc(text)}</a>`
		: esc(text);
}

// A link to a document of this site.
const doc_link = (doctype, name, text) =>
	name ? frappe.utils.get_form_link(doctype, name, true, esc(text || name)) : "";

// A moment that may lie ahead, in the way of the person's own settings.
const at = (moment) => esc(frappe.datetime.str_to_user(moment));

const pill = (text, colour) => `<span class="indicator-pill no-indicator-dot ${colour}">${esc(text)}</span>`;

const ago = (moment) =>
	moment ? `<span title="${esc(moment)}">${esc(frappe.datetime.prettyDate(moment))}</span>` : esc(__("never"));

// A table; cells are markup already.
function table(heads, rows) {
	const cells = (row, tag) => row.map((cell) => `<${tag}>${cell ?? ""}</${tag}>`).join("");
	return `<div class="table-responsive"><table class="table table-bordered github-table">
		<thead><tr>${cells(heads.map(esc), "th")}</tr></thead>
		<tbody>${rows.map((row) => `<tr>${cells(row, "td")}</tr>`).join("")}</tbody></table></div>`;
}

const list = (items) => `<ul>${items.map((item) => `<li>${item}</li>`).join("")}</ul>`;

// Label and value, one beside the other; nothing where there is no value.
const facts = (pairs) =>
	`<div class="github-facts">${pairs
		.filter(([, value]) => value !== undefined && value !== null && value !== "")
		.map(([label, value]) => `<span class="mr-4"><span class="text-muted">${esc(label)}:</span> ${value}</span>`)
		.join(" ")}</div>`;

// --- Calls ------------------------------------------------------------------------------------------------------------

// A call that failed. What went wrong is on the screen already.
class Failed extends Error {
	constructor(sentence, unreachable, connect) {
		super(sentence);
		// `connect` says why the person has to connect his own account first.
		Object.assign(this, { unreachable, connect });
	}
}

const is_ours = (header) => header === "erpnext-github";

// Calls a method of the service as the desk does, and gives its answer. Where it fails, the person has been told.
function call(method, args = {}, options = {}) {
	return new Promise((resolve, reject) => {
		const request = frappe.call({
			method: PREFIX + method,
			args: tidy(args),
			freeze: Boolean(options.freeze),
			freeze_message: options.freeze || undefined,
		});
		request.then(
			(answer) => resolve((answer && answer.message) || {}),
			(xhr) => reject(told_failure(xhr))
		);
	});
}

// Arguments without those that say nothing.
function tidy(args) {
	return Object.fromEntries(
		Object.entries(args)
			.filter(([, value]) => value !== undefined && value !== null && value !== "")
			.map(([name, value]) => [name, value === true ? 1 : value === false ? 0 : value])
	);
}

// The desk has shown the sentence of the service. Where the service was not reached, its own words ("Not found", "Internal
// Server Error") say nothing: ours take their place.
function told_failure(xhr) {
	const status = (xhr && xhr.status) || 0;
	const ours = xhr && xhr.getResponseHeader && is_ours(xhr.getResponseHeader(MARK));
	if (ours || OF_THE_BENCH.includes(status)) {
		const body = xhr.responseJSON || {};
		return new Failed(String(status), false, body.connect_github ? first_message(body) : "");
	}
	if (frappe.error_dialog && frappe.error_dialog.hide) frappe.error_dialog.hide();
	frappe.msgprint({ clear: true, title: __("GitHub"), indicator: "red", message: unreachable_text() });
	return new Failed(String(status), true);
}

// Reads something while a form opens: a failure is no reason for a dialog.
async function peek(method, args = {}) {
	const query = new URLSearchParams(tidy(args)).toString();
	let response;
	try {
		response = await fetch(`/api/method/${PREFIX}${method}?${query}`, {
			headers: { Accept: "application/json", "X-Requested-With": "XMLHttpRequest" },
		});
	} catch {
		throw new Failed("0", true);
	}
	if (!is_ours(response.headers.get(MARK))) {
		throw new Failed(String(response.status), !OF_THE_BENCH.includes(response.status));
	}
	const body = await response.json().catch(() => ({}));
	if (!response.ok) throw new Failed(first_message(body) || String(response.status), false);
	return body.message || {};
}

// The sentence of a refusal.
function first_message(body) {
	try {
		const message = JSON.parse(JSON.parse(body._server_messages)[0]).message;
		return frappe.utils.unescape_html ? frappe.utils.unescape_html(message) : message;
	} catch {
		return "";
	}
}

// What was thrown and not told yet is told.
function told(error) {
	if (error.connect && typeof ask_to_connect === "function") ask_to_connect(error.connect);
	if (error instanceof Failed) return;
	console.error(error);
	frappe.msgprint({ title: __("GitHub"), indicator: "red", message: esc(error && error.message) });
}

// A sentence for the person. Values in it must be escaped.
const say = (message, indicator = "green") => frappe.msgprint({ title: __("GitHub"), indicator, message });

// What GitHub did, and what of it could not be written down here.
function say_done(sentence, answer) {
	if (answer && answer.warning) {
		say(`${sentence}<br><br>${esc(answer.warning)}`, "orange");
	} else {
		frappe.show_alert({ message: sentence, indicator: "green" }, 10);
	}
}

// A document that ERPNext was asked for. It may be there already, or wait until ERPNext answers again; `false` keeps the dialog.
async function say_created(doctype, name, answer, after) {
	if (answer.success) {
		say_done(__("{0} {1} was created.", [__(doctype), doc_link(doctype, name)]), answer);
	} else {
		const sentence = esc(answer.error);
		const shown = doc_link(doctype, name);
		// The name that the sentence says becomes the link.
		const linked = name && sentence.includes(esc(name)) ? sentence.replace(esc(name), () => shown) : `${sentence} ${shown}`;
		say(linked, answer.waiting ? "blue" : "orange");
		if (!answer.waiting && !name) return false;
	}
	await after();
	return true;
}

// --- Forms ------------------------------------------------------------------------------------------------------------

// Listens to events of a form. The desk runs a script again whenever it makes the form anew: what stood there before goes.
function on(doctype, events) {
	for (const [event, handler] of Object.entries(events)) {
		const handlers = frappe.ui.form.get_event_handler_list(doctype, event);
		for (let at = handlers.length - 1; at >= 0; at -= 1) {
			if (handlers[at].of_github) handlers.splice(at, 1);
		}
		frappe.ui.form.on(doctype, event, handler);
		handlers[handlers.length - 1].of_github = true;
	}
}

const is_admin = () => ADMINS.some((role) => frappe.user.has_role(role));

// A button of a form or a list's page. While its work goes on it cannot be pressed again, and what fails is told.
function button(place, label, group, action) {
	let busy = false;
	const press = () => {
		if (busy) return undefined;
		busy = true;
		return Promise.resolve()
			.then(action)
			.catch(told)
			.finally(() => {
				busy = false;
			});
	};
	if (place.add_custom_button) return place.add_custom_button(label, press, group);
	return place.page.add_inner_button(label, press, group);
}

// True once the document is stored as it stands in the form. Where it cannot be saved, the desk has said why.
async function saved(frm) {
	if (frm.is_new() || frm.is_dirty()) await save(frm);
	return !frm.is_new() && !frm.is_dirty();
}

// Saves and comes back in any case. The desk's own promise stays open where a field is missing or a script refuses, and a button
// that waits for it could never be pressed again.
function save(frm) {
	return new Promise((done) => {
		const check = frappe.ui.form.check_mandatory;
		const checked = (form) => {
			const complete = check(form);
			if (!complete) end();
			return complete;
		};
		const end = () => {
			if (frappe.ui.form.check_mandatory === checked) frappe.ui.form.check_mandatory = check;
			done();
		};
		frappe.ui.form.check_mandatory = checked;
		frm.save("Save", end, null, end);
	});
}

// Takes over what was written elsewhere. Edits that nobody saved yet stay, and can be saved: only what was written, and the
// time of it, is put in.
async function take_over(frm, values, modified) {
	if (frm.is_new()) return;
	if (!frm.is_dirty()) {
		await frm.reload_doc();
		return;
	}
	const written = tidy(values || {});
	Object.assign(frm.doc, written, modified ? { modified } : {});
	Object.keys(written).forEach((field) => frm.refresh_field(field));
}

// Reads an overview for a form and hands it on, unless the form shows something else by then. `show` gets the error where there
// is no overview.
async function with_overview(frm, method, args, show) {
	const name = frm.docname;
	const turn = (frm.github_turn || 0) + 1;
	frm.github_turn = turn;
	let overview = null;
	let error = null;
	try {
		overview = await peek(method, args);
	} catch (failure) {
		error = failure;
	}
	if (frm.github_turn !== turn || frm.docname !== name || frm.is_new()) return;
	show(overview, error);
}

// Our part of the form's dashboard. `html` is markup.
function section(frm, html) {
	frm.dashboard.parent.find(".github-overview").remove();
	if (!html) return null;
	const body = frm.dashboard.add_section(html, __("GitHub"), "custom github-overview");
	frm.dashboard.show();
	return body;
}

const unreachable_section = (frm) => section(frm, `<div class="text-muted">${unreachable_text()}</div>`);

// --- Dialogs ----------------------------------------------------------------------------------------------------------

// Asks for something and does it. What was typed stays until it went well; `submit` may give `false` to keep the dialog open.
function ask({ title, fields, label, submit, size }) {
	let busy = false;
	const dialog = new frappe.ui.Dialog({
		title,
		size,
		fields,
		primary_action_label: label,
		primary_action(values) {
			// Enter presses a button that is switched off, too.
			if (busy) return;
			busy = true;
			dialog.disable_primary_action();
			Promise.resolve()
				.then(() => submit(values, dialog))
				.then((keep) => keep !== false && dialog.hide(), told)
				.finally(() => {
					busy = false;
					dialog.enable_primary_action();
				});
		},
	});
	dialog.show();
	return dialog;
}

// Shows markup. It is not given as a field's option, which the desk would read as a template.
function show(title, html) {
	const dialog = new frappe.ui.Dialog({ title, size: "large", fields: [{ fieldtype: "HTML", fieldname: "content" }] });
	dialog.fields_dict.content.$wrapper.html(html);
	dialog.show();
	return dialog;
}

// Options for a field that offers them as they are typed. The desk writes labels into the page as they are.
const offers = (items) =>
	items.map(({ value, label, description }) => ({
		value,
		label: esc(label || value),
		description: description ? esc(description) : undefined,
	}));

// Several of what is offered.
const pills = (fieldname, label, items, more = {}) => ({
	fieldname,
	label,
	fieldtype: "MultiSelectPills",
	get_data: () => offers(items),
	...more,
});

// One of what is offered, or whatever is typed.
const typed = (fieldname, label, items, more = {}) => ({
	fieldname,
	label,
	fieldtype: "Autocomplete",
	options: offers(items),
	ignore_validation: 1,
	// A branch may have so many letters.
	length: 255,
	...more,
});

const named = (names) => (names || []).map((value) => ({ value }));

const repository_field = (more = {}) => ({
	fieldname: "repository",
	label: __("Repository"),
	fieldtype: "Link",
	options: "Repository",
	reqd: 1,
	...more,
});

// Calls as the desk makes them: form-encoded, with the session's token; and what it shows of the answers.
"use strict";

frappe.request = { ajax_count: 0 };
window.calls = [];

const STATUS_TEXTS = {
	404: "The resource you are looking for is not available",
	502: "Internal Server Error",
	504: "Request Timed Out",
};

const encoded = (args) =>
	Object.fromEntries(
		Object.entries(args || {})
			.filter(([, value]) => value !== undefined && value !== null)
			.map(([name, value]) => [name, typeof value === "object" ? JSON.stringify(value) : value])
	);

frappe.call = (options, args) => {
	const opts = typeof options === "string" ? { method: options, args } : options;
	const data = encoded(opts.args);
	if (opts.freeze) frappe.dom.freeze(opts.freeze_message);
	frappe.request.ajax_count += 1;
	window.calls.push({ method: opts.method, args: data });
	return $.ajax({
		url: `/api/method/${opts.method}`,
		type: opts.type || "POST",
		data,
		dataType: "json",
		cache: false,
		headers: { "X-Frappe-CSRF-Token": frappe.csrf_token, Accept: "application/json" },
	})
		.done((answer) => opts.callback && opts.callback(answer))
		.always((answer) => {
			frappe.request.ajax_count -= 1;
			if (opts.freeze) frappe.dom.unfreeze();
			show_messages(answer, opts);
		})
		.fail((xhr) => {
			const body = xhr.responseJSON;
			if (xhr.status === 403 && body && body._error_message) {
				frappe.msgprint({ title: "Not permitted", indicator: "red", message: body._error_message, clear: true });
			} else if (STATUS_TEXTS[xhr.status]) {
				frappe.msgprint({ title: "Desk", indicator: "red", message: STATUS_TEXTS[xhr.status] });
			}
			if (opts.error) opts.error(body);
		});
};

function show_messages(answer, opts) {
	const body = answer && answer.responseText !== undefined ? answer.responseJSON : answer;
	if (!body || !body._server_messages || opts.silent) return;
	frappe.msgprint(JSON.parse(body._server_messages));
}

const read = (method, args) => frappe.call({ method, args, type: "GET" });
frappe.db = {
	get_value: (doctype, name, fieldname) => read("frappe.client.get_value", { doctype, filters: name, fieldname }),
	get_single_value: (doctype, field) =>
		read("frappe.client.get_single_value", { doctype, field }).then((answer) => answer.message),
};

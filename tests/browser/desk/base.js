// The desk's texts, escaping, messages and realtime events, as far as our scripts use them. Where they differ from a real desk in
// what a script can see, the tests say nothing: each function gives what Frappe 15's gives, in the simplest way.
"use strict";

window.locals = { DocType: {} };
window.cur_frm = null;
window.cur_dialog = null;
window.cur_list = null;
window.opened = [];
// A window that a script fills later is a real one, unless the browser blocks it.
const open_window = window.open.bind(window);
window.blocks_windows = false;
window.open = (url) => {
	if (url !== "about:blank") return window.opened.push(url);
	return window.blocks_windows ? null : open_window(url, "_blank");
};

// Texts are shown in English; a placeholder is replaced as it stands, so that what is not escaped shows.
window.__ = (text, values) =>
	values ? String(text).replace(/\{(\d+)\}/g, (whole, at) => (at in values ? values[at] : whole)) : text;

window.frappe = {
	csrf_token: window.boot.csrf_token,
	session: { user: window.boot.user },
	boot: { sitename: window.boot.site },
	user: { has_role: (role) => [].concat(role).some((one) => window.boot.roles.includes(one)) },
	defaults: { get_user_default: (key) => window.boot.defaults[key] },
	listview_settings: {},
	ui: { form: { handlers: {} } },
	routes: [],
	// Whoever goes elsewhere sees no dialog there.
	set_route: (...parts) => {
		frappe.routes.push(parts.join("/"));
		[...frappe.ui.open_dialogs].forEach((dialog) => dialog.hide());
		return Promise.resolve();
	},
	new_doc: (doctype, values) => {
		frappe.routes.push(`new/${doctype}`);
		frappe.route_options = values;
		return Promise.resolve();
	},
	// Our own levels: tables of child rows are for admins, to whom Frappe gives them with the document.
	perm: { has_perm: (doctype, level) => level === 0 || frappe.user.has_role(["System Manager", "GitHub Admin"]) },
	meta: { get_docfield: (doctype, field) => ({ options: `Row of ${field}` }) },
	model: { can_create: (doctype) => window.boot.can_create.includes(doctype) },
	datetime: {
		prettyDate: (moment) => `at ${moment}`,
		str_to_user: (moment) => String(moment || "").split(".")[0],
	},
	dom: {
		freeze: (text) => $("<div id='freeze'>").text(text).appendTo("body"),
		unfreeze: () => $("#freeze").remove(),
	},
};

const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;", "`": "&#x60;", "=": "&#x3D;" };
frappe.utils = {
	escape_html: (text) => (text ? String(text).replace(/[&<>"'`=]/g, (letter) => ESCAPES[letter]) : ""),
	unescape_html: (text) =>
		Object.entries(ESCAPES).reduce((all, [letter, code]) => all.replaceAll(code, letter), String(text)),
	get_form_link: (doctype, name, html, shown) => {
		const route = `/app/${doctype.toLowerCase().replaceAll(" ", "-")}/${encodeURIComponent(name)}`;
		return html ? `<a href="${route}">${shown || name}</a>` : route;
	},
};

// --- Messages ---------------------------------------------------------------------------------------------------------

// One box for all messages; a second one is put below the first, unless it wants the box for itself.
frappe.msgprint = (message) => {
	const data = typeof message === "string" ? { message } : message;
	if (Array.isArray(data)) {
		data.forEach((one) => frappe.msgprint(typeof one === "string" ? JSON.parse(one) : one));
		return null;
	}
	if (!frappe.msg_dialog) {
		frappe.msg_dialog = new frappe.ui.Dialog({ title: "Message" });
		frappe.msg_dialog.$wrapper.addClass("msgprint-dialog");
		frappe.msg_dialog.area = $('<div class="msgprint">').appendTo(frappe.msg_dialog.$body);
		frappe.msg_dialog.onhide = () => frappe.msg_dialog.area.empty();
	}
	const { area } = frappe.msg_dialog;
	if (data.clear) area.empty();
	frappe.msg_dialog.set_title(data.title || "Message");
	area.append($("<div>").addClass(data.indicator).html(data.message));
	frappe.msg_dialog.show();
	return frappe.msg_dialog;
};
frappe.hide_msgprint = () => frappe.msg_dialog && frappe.msg_dialog.hide();
frappe.throw = (message) => {
	frappe.msgprint({ message, indicator: "red", title: "Error" });
	throw new Error(message);
};
frappe.show_alert = (data) =>
	$('<div class="desk-alert">')
		.addClass(data.indicator)
		.html(data.message || data)
		.appendTo("#alert-container");
frappe.confirm = (message, yes, no) => {
	let agreed = false;
	const dialog = new frappe.ui.Dialog({
		title: "Confirm",
		primary_action_label: "Yes",
		primary_action: () => {
			agreed = true;
			dialog.hide();
			if (yes) yes();
		},
	});
	dialog.$body.append($('<p class="frappe-confirm-message">').html(message));
	dialog.onhide = () => !agreed && no && no();
	dialog.show();
};

// --- Progress and realtime --------------------------------------------------------------------------------------------

// It comes in slowly, as every dialog of a real desk does, and cannot be hidden before it is there.
frappe.show_progress = (title, count, total, description) => {
	if (!frappe.cur_progress) {
		const dialog = new frappe.ui.Dialog({ title });
		dialog.$wrapper.addClass("progress-dialog");
		dialog.$body.html('<div class="progress-bar"></div><p class="description"></p>');
		const hide = () => frappe.ui.Dialog.prototype.hide.call(dialog);
		dialog.hide = () => dialog.has_arrived && hide();
		dialog.show();
		frappe.cur_progress = dialog;
		setTimeout(() => {
			dialog.has_arrived = true;
			dialog.$wrapper.trigger("shown.bs.modal");
		}, 300);
	}
	frappe.cur_progress.$body.find(".progress-bar").css("width", `${(100 * count) / total}%`);
	frappe.cur_progress.$body.find(".description").text(description || "");
	if (count >= total) setTimeout(frappe.hide_progress, 500);
};
frappe.hide_progress = () => {
	if (frappe.cur_progress) frappe.cur_progress.hide();
	frappe.cur_progress = null;
};

const listeners = {};
window.heard = [];
frappe.realtime = {
	on: (event, listener) => (listeners[event] ||= []).push(listener),
	off: (event, listener) => {
		listeners[event] = (listeners[event] || []).filter((one) => one !== listener);
	},
	listeners: (event) => (listeners[event] || []).length,
	hear: (event, data) => [...(listeners[event] || [])].forEach((listener) => listener(data)),
};
frappe.realtime.on("progress", (data) =>
	frappe.show_progress(data.title, data.percent, 100, data.description)
);
frappe.realtime.on("msgprint", (data) => (data.alert ? frappe.show_alert(data) : frappe.msgprint(data)));
frappe.realtime.on("doc_update", (data) => {
	const frm = window.cur_frm;
	if (!frm || frm.doctype !== data.doctype || frm.docname !== data.name) return;
	if (frm.doc.modified === data.modified || frm.saving) return;
	if (frm.is_dirty()) $(".form-message").text("This form has been modified after you have loaded it");
	else frm.reload_doc();
});

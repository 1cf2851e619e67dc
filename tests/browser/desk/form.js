// Forms: a document, its events, its buttons, its dashboard. Fields are not drawn; their values are set and read.
"use strict";

frappe.ui.form.get_event_handler_list = (doctype, event) => ((frappe.ui.form.handlers[doctype] ||= {})[event] ||= []);
frappe.ui.form.on = (doctype, events, handler) => {
	const all = typeof events === "string" ? { [events]: handler } : events;
	Object.entries(all).forEach(([event, one]) =>
		// The desk keeps a function of its own around each handler.
		frappe.ui.form.get_event_handler_list(doctype, event).push((...args) => one(...args))
	);
};

const MANDATORY = { Task: ["subject"] };
// Fields that hold no value but a place for markup.
// Tables at a level of permission that admins alone have: nobody else is given their rows with the document.
const TABLES = {
	Repository: ["branches_table", "members_table"],
	"Repository Issue": ["assignees_table"],
	"Repository Pull Request": ["assignees_table", "reviewers_table"],
	"Repository Release": ["assets"],
};
// Fields at the same level.
const LEVELLED = { "Repository Release": ["project", "task"] };
const PLACES = { "GitHub Event": ["payload_html"], "GitHub Integration": ["overview_html", "repositories_html"] };
frappe.ui.form.check_mandatory = (frm) => {
	const missing = (MANDATORY[frm.doctype] || []).filter((field) => !frm.doc[field]);
	if (!missing.length) return true;
	const message = `Mandatory fields required in ${frm.doctype}: ${missing.join(", ")}`;
	frappe.msgprint({ title: "Missing Fields", indicator: "red", message });
	return false;
};

class Page {
	constructor() {
		this.actions = $(".page-head .custom-actions");
	}
	clear() {
		this.actions.empty();
	}
	add_inner_button(label, action, group) {
		const place = group ? this.group(group) : this.actions;
		const tag = group ? "a" : "button";
		const there = place.children(`[data-label="${encodeURIComponent(label)}"]`);
		if (there.length) return there;
		return $(`<${tag} class="btn" href="#">`)
			.attr("data-label", encodeURIComponent(label))
			.text(label)
			.on("click", (event) => {
				event.preventDefault();
				const button = $(event.currentTarget);
				button.closest(".inner-group-button").removeClass("show");
				const working = action();
				if (!working || !working.then) return;
				button.prop("disabled", true);
				working.then(() => button.prop("disabled", false));
			})
			.appendTo(place);
	}
	group(label) {
		const key = encodeURIComponent(label);
		let group = this.actions.children(`[data-group="${key}"]`);
		if (!group.length) {
			group = $('<div class="inner-group-button"><button class="btn"></button><div class="dropdown-menu"></div></div>');
			group.attr("data-group", key).appendTo(this.actions);
			group.children("button").text(label).on("click", () => group.toggleClass("show"));
		}
		return group.children(".dropdown-menu");
	}
}

class Dashboard {
	constructor() {
		this.parent = $(".form-dashboard");
	}
	reset() {
		this.parent.find(".custom").remove();
	}
	add_section(html, label, css_class) {
		const section = $("<div>").addClass(css_class).append($('<div class="section-head">').html(label));
		section.appendTo(this.parent);
		return $('<div class="section-body">').append(html).appendTo(section);
	}
	show() {
		this.parent.addClass("visible-section");
	}
}

frappe.ui.form.Form = class {
	constructor(doctype, doc) {
		Object.assign(this, { doctype, page: new Page(), dashboard: new Dashboard(), dirty: false, saving: false });
		this.fields_dict = {};
		for (const name of PLACES[doctype] || []) {
			this.fields_dict[name] = { $wrapper: $("<div>").attr("data-fieldname", name).appendTo(".form-page") };
		}
		this.take(doc);
	}
	get_field(name) {
		return this.fields_dict[name];
	}
	take(doc) {
		this.doc = doc;
		if (!frappe.perm.has_perm(this.doctype, 1)) for (const field of TABLES[this.doctype] || []) doc[field] = [];
		if (!frappe.perm.has_perm(this.doctype, 1)) for (const field of LEVELLED[this.doctype] || []) delete doc[field];
		this.docname = doc.name;
		this.perm = [{ write: doc.__may_write }];
		this.dirty = Boolean(doc.__islocal);
	}
	is_new() {
		return Boolean(this.doc.__islocal);
	}
	is_dirty() {
		return this.dirty || this.is_new();
	}
	async trigger(event) {
		for (const handler of frappe.ui.form.get_event_handler_list(this.doctype, event)) {
			await handler(this, this.doctype, this.docname);
		}
	}
	async refresh() {
		this.page.clear();
		this.dashboard.reset();
		$(".title-text").text(this.docname);
		await this.trigger("refresh");
	}
	refresh_field() {}
	// What a Link offers.
	set_query(field, query) {
		(this.queries ||= {})[field] = query;
	}
	scroll_to_field(field) {
		this.scrolled_to = field;
	}
	async set_value(field, value) {
		const values = typeof field === "object" ? field : { [field]: value };
		for (const [name, one] of Object.entries(values)) {
			if (this.doc[name] === one) continue;
			this.doc[name] = one;
			this.dirty = true;
			await this.trigger(name);
		}
	}
	// Where it fails, the desk has said why, and the form stays as it is. As in the desk, the promise then stays open, `on_error` is
	// called where there is one, and where a field is missing nothing at all is.
	save(action, callback, button, on_error) {
		return new Promise((resolve) => this.store(resolve, callback, on_error));
	}
	async store(resolve, callback, on_error) {
		this.saving = true;
		try {
			frappe.validated = true;
			await this.trigger("validate");
			if (!frappe.validated) throw new Error("not valid");
			if (!frappe.ui.form.check_mandatory(this)) return;
			const answer = await frappe.call({ method: "desk.save", args: { doctype: this.doctype, doc: this.doc } });
			this.take(answer.message);
		} catch (error) {
			console.warn(String(error && error.message));
			if (on_error) on_error();
			return;
		} finally {
			this.saving = false;
		}
		await this.refresh();
		await this.trigger("after_save");
		if (callback) callback({});
		resolve();
	}
	async reload_doc() {
		if (this.is_new()) return;
		const answer = await frappe.call({
			method: "desk.load",
			args: { doctype: this.doctype, name: this.docname },
			type: "GET",
		});
		this.take(answer.message);
		await this.refresh();
	}
	add_custom_button(label, action, group) {
		return this.page.add_inner_button(label, action, group);
	}
};

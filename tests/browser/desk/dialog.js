// Dialogs and their fields.
"use strict";

const truth = (expression, doc) =>
	!expression || (expression.startsWith("eval:") ? new Function("doc", `return ${expression.slice(5)}`)(doc) : doc[expression]);

class Field {
	constructor(dialog, df) {
		this.df = df;
		this.dialog = dialog;
		this.value = df.fieldtype === "MultiSelectPills" ? [] : "";
		this.offered = df.options || [];
		this.$wrapper = $('<div class="frappe-control">').attr("data-fieldname", df.fieldname);
		if (df.fieldtype === "HTML") return;
		this.$wrapper.append($("<label>").text(df.label));
		if (df.description) this.$wrapper.append($('<p class="help-box">').html(df.description));
	}
	get_value() {
		return this.value;
	}
	set_value(value) {
		this.value = value;
		this.dialog.refresh_dependency();
		if (this.df.onchange) this.df.onchange();
		return Promise.resolve();
	}
	set_data(items) {
		this.offered = items;
	}
	// What a person is offered.
	choices() {
		return this.df.get_data ? this.df.get_data("") : this.offered;
	}
	is_empty() {
		const value = this.value;
		return value === undefined || value === null || value === "" || (Array.isArray(value) && !value.length);
	}
}

frappe.ui.open_dialogs = [];
frappe.ui.Dialog = class {
	constructor(opts) {
		Object.assign(this, { fields: [] }, opts);
		this.is_visible = false;
		this.$wrapper = $(
			'<div class="modal"><h4 class="modal-title"></h4><div class="modal-body"></div>' +
				'<div class="modal-footer"><div class="custom-actions"></div><div class="standard-actions">' +
				'<button class="btn btn-modal-close">Close</button><button class="btn btn-primary hide"></button></div></div></div>'
		).appendTo("body");
		this.$body = $("<div>").appendTo(this.$wrapper.find(".modal-body"));
		this.set_title(this.title);
		this.fields_dict = {};
		this.fields.forEach((df) => {
			const field = new Field(this, df);
			this.fields_dict[df.fieldname] = field;
			this.$body.append(field.$wrapper);
		});
		this.$wrapper.find(".btn-modal-close").on("click", () => this.hide());
		if (this.primary_action) this.set_primary_action(this.primary_action_label || "Submit", this.primary_action);
		this.fields
			.filter((df) => df.default !== undefined && df.default !== null)
			.forEach((df) => this.set_value(df.fieldname, df.default));
		this.refresh_dependency();
	}
	set_title(title) {
		this.title = title;
		this.$wrapper.find(".modal-title").html(title);
	}
	get_primary_btn() {
		return this.$wrapper.find(".standard-actions .btn-primary");
	}
	set_primary_action(label, action) {
		this.get_primary_btn()
			.removeClass("hide")
			.html(label)
			.off("click")
			.on("click", () => {
				const values = this.get_values();
				if (values) action.call(this, values);
			});
	}
	disable_primary_action() {
		this.get_primary_btn().addClass("disabled");
	}
	enable_primary_action() {
		this.get_primary_btn().removeClass("disabled");
	}
	add_custom_action(label, action) {
		$('<button class="btn">').html(label).on("click", action).appendTo(this.$wrapper.find(".modal-footer .custom-actions"));
	}
	get_value(fieldname) {
		return this.fields_dict[fieldname] && this.fields_dict[fieldname].get_value();
	}
	set_value(fieldname, value) {
		return this.fields_dict[fieldname] ? this.fields_dict[fieldname].set_value(value) : Promise.resolve();
	}
	doc() {
		return Object.fromEntries(Object.entries(this.fields_dict).map(([name, field]) => [name, field.value]));
	}
	refresh_dependency() {
		const doc = this.doc();
		Object.values(this.fields_dict).forEach((field) => {
			field.hidden = !truth(field.df.depends_on, doc);
			if (field.df.mandatory_depends_on) field.df.reqd = truth(field.df.mandatory_depends_on, doc);
			field.$wrapper.toggleClass("hide", field.hidden);
		});
	}
	get_values() {
		const fields = Object.values(this.fields_dict).filter((field) => field.df.fieldtype !== "HTML" && !field.hidden);
		const missing = fields.filter((field) => field.df.reqd && field.is_empty()).map((field) => field.df.label);
		if (missing.length) {
			frappe.msgprint({ title: "Missing Values Required", message: missing.join(", "), indicator: "orange" });
			return null;
		}
		return Object.fromEntries(fields.filter((field) => !field.is_empty()).map((field) => [field.df.fieldname, field.value]));
	}
	show() {
		if (this.is_visible) return;
		this.is_visible = true;
		this.$wrapper.addClass("show");
		frappe.ui.open_dialogs.push(this);
		window.cur_dialog = this;
	}
	hide() {
		if (!this.is_visible) return;
		this.is_visible = false;
		this.$wrapper.removeClass("show");
		frappe.ui.open_dialogs = frappe.ui.open_dialogs.filter((one) => one !== this);
		window.cur_dialog = frappe.ui.open_dialogs.at(-1) || null;
		if (this.onhide) this.onhide();
	}
};

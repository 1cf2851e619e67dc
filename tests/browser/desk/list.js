// Lists: the page's buttons, and the filters that scripts set.
"use strict";

frappe.ui.List = class {
	constructor(doctype) {
		this.doctype = doctype;
		this.settings = frappe.listview_settings[doctype] || {};
		this.page = new frappe.ui.form.Form(doctype, { name: doctype }).page;
		this.refreshed = 0;
		this.filters = [];
		this.filter_area = {
			get: () => this.filters,
			add: (filters) => {
				this.filters.push(...filters);
				this.refresh();
				return Promise.resolve();
			},
			remove: (fieldname) => {
				this.filters = this.filters.filter((filter) => filter[1] !== fieldname);
				return Promise.resolve();
			},
		};
	}
	show() {
		this.page.clear();
		$(".title-text").text(this.doctype);
		if (this.settings.onload) this.settings.onload(this);
		this.refresh();
	}
	refresh() {
		this.refreshed += 1;
	}
};

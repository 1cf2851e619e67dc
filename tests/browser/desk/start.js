// Opens what the address names: a form, a new form, or a list; and listens to what the service tells this user.
"use strict";

(async () => {
	const events = new EventSource("/realtime");
	await new Promise((resolve) => events.addEventListener("open", resolve, { once: true }));
	events.onmessage = (message) => {
		const { event, data } = JSON.parse(message.data);
		window.heard.push(event);
		frappe.realtime.hear(event, data);
	};
	const [doctype, name] = window.boot.route;
	const scripts = await $.getJSON("/desk/scripts", { doctype });
	// As the desk does, each in a function of its own; a script that cannot be read is told.
	window.run_scripts = () => scripts.forEach((script) => new Function(script)());
	window.run_scripts();
	frappe.get_meta = () => ({ __custom_js: scripts.join("\n") });
	if (!name) {
		window.cur_list = new frappe.ui.List(doctype);
		window.cur_list.show();
	} else {
		const doc = name === "new"
			? { doctype, name: `new-${doctype}-1`, __islocal: 1, __may_write: true }
			: (await frappe.call({ method: "desk.load", args: { doctype, name }, type: "GET" })).message;
		window.cur_frm = new frappe.ui.form.Form(doctype, doc);
		await window.cur_frm.refresh();
	}
	window.started = true;
})();

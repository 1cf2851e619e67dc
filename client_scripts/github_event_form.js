// The form of a GitHub Event.

on("GitHub Event", {
	refresh(frm) {
		if (frm.is_new()) return;
		show_payload(frm);
	},
});

async function retry_event(frm) {
	const answer = await call("desk.retry_event", { delivery: frm.docname }, { freeze: __("Working on it") });
	await frm.reload_doc();
	const sentence =
		answer.status === "processed"
			? __("It is processed.")
			: __("Its status is {0} now. {1}", [esc(__(answer.status)), esc(answer.reason)]);
	frappe.show_alert({ message: sentence, indicator: answer.status === "processed" ? "green" : "orange" });
}

async function show_payload(frm) {
	const field = frm.get_field("payload_html");
	if (!field) return;
	field.$wrapper.text(__("Loading ..."));
	try {
		const name = frm.docname;
		const answer = await peek("desk.event_payload", { delivery: name });
		if (frm.docname !== name) return;
		// What was ignored is ignored again, and what waits is tried anyway.
		if (answer.can_retry) button(frm, __("Retry"), null, () => retry_event(frm));
		field.$wrapper.html(
			answer.payload
				? `<pre class="small">${esc(JSON.stringify(answer.payload, null, 2))}</pre>`
				: `<p class="text-muted">${esc(__("What GitHub sent is not kept."))}</p>`
		);
	} catch {
		field.$wrapper.text(__("What GitHub sent cannot be shown now."));
	}
}

// The dialog Manage Webhooks: which webhooks a repository has on GitHub, what they delivered, and what can be done about them.

async function show_webhooks(repository, url, after = () => {}) {
	const dialog = show(__("Webhooks of {0}", [esc(repository)]), "");
	const box = dialog.fields_dict.content.$wrapper;
	const page = { dialog, box, repository, url, after };
	let busy = false;
	dialog.set_primary_action(__("Create New Webhook"), () => {
		if (busy) return;
		busy = true;
		create_webhook(repository)
			.then(async () => {
				await show_all_webhooks(page);
				await after();
			})
			.catch(told)
			.finally(() => {
				busy = false;
			});
	});
	dialog.add_custom_action(__("All Webhooks"), () => show_all_webhooks(page).catch(told));
	return show_all_webhooks(page).catch((error) => {
		dialog.hide();
		throw error;
	});
}

async function create_webhook(repository) {
	const hook = await call(
		"github_api.create_repository_webhook",
		{ repo_full_name: repository },
		{ freeze: __("Creating the webhook on GitHub") }
	);
	if (!hook.id) {
		say_done(__("The webhook of {0} tells of this repository, too: it needs none of its own.", [esc(hook.organization)]));
		return;
	}
	const events = esc((hook.events || []).join(", "));
	const sentence = hook.existing
		? __("The webhook {0} was there already. It tells of: {1}", [esc(hook.id), events])
		: __("The webhook {0} is there. It tells of: {1}", [esc(hook.id), events]);
	say_done(sentence, hook);
}

// Small buttons within markup. What they do is said by `acts`, by name.
const small_button = (name, label, hook, delivery) =>
	`<button class="btn btn-xs btn-default mr-1" data-act="${esc(name)}" data-hook="${esc(hook)}" data-delivery="${esc(delivery)}">${esc(
		label
	)}</button>`;

function on_acts({ box }, acts) {
	let busy = false;
	box.find("button[data-act]").on("click", (event) => {
		const { act, hook, delivery } = event.currentTarget.dataset;
		if (busy) return;
		busy = true;
		Promise.resolve()
			.then(() => acts[act](hook, delivery))
			.catch(told)
			.finally(() => {
				busy = false;
			});
	});
}

async function show_all_webhooks(page) {
	const { box, repository } = page;
	box.html(`<div class="text-muted">${__("Asking GitHub")}</div>`);
	const shown = await call("desk.webhooks", { repo_full_name: repository });
	box.html(webhooks_html(shown, page.url));
	on_acts(page, {
		ping: (id) => ping_webhook(page, id),
		deliveries: (id) => show_deliveries(page, id),
		remove: (id) => delete_webhook(page, id),
	});
}

const WHOSE = { ours: ["Ours", "green"], "another site": ["Another Site", "orange"], other: ["Other", "gray"] };

function webhooks_html(shown, url) {
	const hooks = shown.webhooks || [];
	const rows = hooks.map((hook) => {
		const [whose, colour] = WHOSE[hook.whose] || WHOSE.other;
		const buttons = [
			small_button("ping", __("Ping"), hook.id),
			small_button("deliveries", __("Deliveries"), hook.id),
			hook.whose === "ours" ? small_button("remove", __("Delete"), hook.id) : "",
		];
		return [
			link(url && `${url}/settings/hooks/${hook.id}`, hook.id),
			pill(__(whose), colour),
			esc(hook.url),
			esc((hook.events || []).join(", ")),
			hook.active ? pill(__("Active"), "green") : pill(__("Inactive"), "gray"),
			esc([hook.last_status, hook.last_response].filter(Boolean).join(" ")),
			buttons.join(""),
		];
	});
	const heads = [__("ID"), __("Whose"), __("URL"), __("Events"), __("Active"), __("Last Response"), ""];
	const notes = [
		shown.organization && __("The webhook of {0} tells of this repository, too.", [esc(shown.organization)]),
		esc(shown.address_problem),
		esc(shown.problem),
	].filter(Boolean);
	return (
		notes.map((note) => `<p>${note}</p>`).join("") +
		(rows.length ? table(heads, rows) : `<p>${__("There is no webhook.")}</p>`)
	);
}

async function ping_webhook({ repository }, hook_id) {
	await call("desk.ping_webhook", { repo_full_name: repository, hook_id }, { freeze: __("Asking GitHub") });
	say_done(__("GitHub delivers a ping by the webhook {0}.", [esc(hook_id)]));
}

async function delete_webhook(page, hook_id) {
	const { repository } = page;
	const agreed = await new Promise((answer) => {
		frappe.confirm(
			__("Delete the webhook {0} of {1} on GitHub? GitHub tells of changes no more then.", [esc(hook_id), esc(repository)]),
			() => answer(true),
			() => answer(false)
		);
	});
	if (!agreed) return;
	await call("desk.delete_webhook", { repo_full_name: repository, hook_id }, { freeze: __("Deleting the webhook on GitHub") });
	say_done(__("The webhook {0} is deleted.", [esc(hook_id)]));
	await show_all_webhooks(page);
	await page.after();
}

async function show_deliveries(page, hook_id) {
	const { box, repository } = page;
	const answer = await call("desk.webhook_deliveries", { repo_full_name: repository, hook_id });
	const deliveries = Array.isArray(answer) ? answer : [];
	const taken = (one) => one.status_code >= 200 && one.status_code < 300;
	const rows = deliveries.map((one) => [
		esc(one.delivered_at),
		esc([one.event, one.action].filter(Boolean).join(" ")),
		pill(one.status_code || one.status, taken(one) ? "green" : "red"),
		esc(one.status) + (one.redelivery ? ` ${pill(__("Again"), "gray")}` : ""),
		esc(one.guid),
		small_button("redeliver", __("Redeliver"), hook_id, one.id),
	]);
	const heads = [__("Delivered"), __("Event"), __("Answer"), __("Result"), __("Delivery"), ""];
	box.html(
		`<p>${__("What the webhook {0} delivered last.", [esc(hook_id)])}</p>` +
			(rows.length ? table(heads, rows) : `<p>${__("Nothing was delivered yet.")}</p>`)
	);
	on_acts(page, {
		async redeliver(hook, delivery_id) {
			await call(
				"desk.redeliver_webhook",
				{ repo_full_name: repository, hook_id: hook, delivery_id },
				{ freeze: __("Asking GitHub") }
			);
			say_done(__("GitHub delivers {0} again.", [esc(delivery_id)]));
		},
	});
}

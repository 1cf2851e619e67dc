// The form of a User.

on("User", {
	refresh(frm) {
		if (frm.is_new()) return;
		const group = __("GitHub");
		if (is_admin()) button(frm, __("Link GitHub User"), group, () => ask_for_login(frm));
		if (frm.docname !== frappe.session.user) return;
		if (frm.doc.github_username) button(frm, __("Sync GitHub Profile"), group, () => sync_profile(frm));
		section(frm, null);
		with_overview(frm, "desk.my_connection", { check: 1 }, (mine, error) => {
			if (error && error.unreachable) unreachable_section(frm);
			if (!mine) return;
			// What is left of an App that is gone is shown, too: he can end it.
			if (mine.configured || mine.login) section(frm, connection_html(mine));
			connection_buttons(frm, mine, { group, again: () => draw_anew(frm) });
			if (mine.login) button(frm, __("Disconnect GitHub"), group, () => disconnect(frm));
		});
	},
});

async function disconnect(frm) {
	const answer = await call("desk.disconnect_github", {}, { freeze: __("Disconnecting") });
	say_done(__("{0} is not connected any more.", [esc(answer.login)]), answer);
	await frm.reload_doc();
}

async function ask_for_login(frm) {
	if (!(await saved(frm))) return;
	const email = frm.doc.email || "";
	const dialog = ask({
		title: __("Link GitHub User"),
		fields: [
			typed("github_username", __("GitHub Login"), [], {
				reqd: 1,
				default: frm.doc.github_username,
				description: __("The login of {0} on GitHub.", [esc(frm.docname)]),
			}),
			{ fieldname: "found", fieldtype: "HTML" },
		],
		label: __("Link"),
		async submit({ github_username }) {
			const answer = await call("api.link_github_user_to_erp", { github_username, erp_user: frm.docname });
			if (!answer.success) {
				say(esc(answer.error), "orange");
				return false;
			}
			say_done(esc(answer.message), answer);
			await take_over(frm, { github_username }, answer.modified);
			return true;
		},
	});
	dialog.add_custom_action(__("Search by E-mail"), () => search_login(dialog, email).catch(told));
}

// One hit is offered, several too; which one it is, the person decides.
async function search_login(dialog, email) {
	const answer = await call("github_api.get_github_username_by_email", { email });
	const found = answer.success ? [answer.github_username] : answer.candidates || [];
	dialog.fields_dict.github_username.set_data(offers(named(found)));
	dialog.fields_dict.found.$wrapper.html(
		found.length
			? __("GitHub shows this address with: {0}. Check that it is the right one.", [
					found.map((login) => link(`https://github.com/${encodeURIComponent(login)}`, login)).join(", "),
			  ])
			: esc(answer.error)
	);
	if (found.length === 1) await dialog.set_value("github_username", found[0]);
}

async function sync_profile(frm) {
	if (!(await saved(frm))) return;
	const answer = await call("api.sync_user_github_profile", {}, { freeze: __("Reading the profile on GitHub") });
	const profile = answer.github_info || {};
	say_done(__("The profile of {0} was read. What was empty here is filled from it.", [esc(profile.login)]), answer);
	await take_over(frm);
}

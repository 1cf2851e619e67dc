// The form of a GitHub App Installation: how it stands, and what mends it.

on("GitHub App Installation", {
	refresh(frm) {
		if (frm.is_new()) return;
		const { installation_id, html_url, deleted_on_github, processing } = frm.doc;
		if (!deleted_on_github && processing !== "unmatched_user") {
			button(frm, __("Check Again"), "", () => check_installation(installation_id, () => frm.reload_doc()));
		}
		if (html_url && !deleted_on_github) {
			button(frm, __("Open on GitHub"), "", () => {
				window.open(html_url, "_blank", "noopener");
			});
		}
		section(frm, installation_state_html(frm.doc));
	},
});

// The first thing that stands in the way, in a sentence, with the page of GitHub that mends it.
function installation_state_html(doc) {
	const account = esc(doc.account_login);
	const [label, colour, sentence, address] = doc.deleted_on_github
		? [__("Uninstalled"), "red", __("The App is not installed in {0} any more. What is here stays. Install it again to go on.", [account]), ""]
		: doc.suspended
			? [__("Suspended"), "red", __("Nothing is read or written until an owner of {0} ends that.", [account]), doc.html_url]
			: doc.processing === "unmatched_user"
				? [__("Waits"), "orange", __("Nobody here is the account that installed it: he connects it on his User."), ""]
				: !doc.installation_id
					? [__("Waits"), "orange", __("GitHub has not told of it. Press Check Again to ask GitHub."), ""]
					: doc.permissions_pending
						? [
								__("Permissions Pending"),
								"orange",
								__("The App asks for more than was granted: some features are switched off until an owner of {0} accepts it.", [account]),
								doc.html_url,
							]
						: doc.processing === "errored"
							? [__("Cannot Be Read"), "orange", __("It is tried again by itself."), doc.html_url]
							: [__("Works"), "green", "", ""];
	const mend = address ? ` ${link(address, __("Mend it on GitHub"))}` : "";
	const all = doc.repository_selection === "all" && !doc.deleted_on_github;
	const next = all
		? `<p>${__("It reaches all repositories there, and none is followed by itself: choose some on a Project (GitHub Installations), or in the GitHub Integration.")}</p>`
		: "";
	return `<p>${pill(label, colour)} ${sentence}${mend}</p>${next}`;
}

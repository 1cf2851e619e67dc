// The form of a GitHub App Installation: how it stands, and what mends it.

on("GitHub App Installation", {
	refresh(frm) {
		if (frm.is_new()) return;
		const { installation_id, html_url, deleted_on_github, originating_project: project } = frm.doc;
		const again = (answer) => {
			// What was nobody's has a document of its own once it is somebody's.
			const name = answer && answer.name;
			if (name && name !== frm.docname) frappe.set_route("Form", frm.doctype, name);
			else frm.reload_doc();
		};
		if (deleted_on_github) {
			button(frm, __("Install Again"), "", () => at_github("desk.install_app", { project }, again));
		} else {
			button(frm, __("Check Again"), "", () => check_installation(installation_id, again));
		}
		if (html_url && !deleted_on_github) {
			button(frm, __("Open on GitHub"), "", () => {
				window.open(html_url, "_blank", "noopener");
			});
		}
		section(frm, installation_state_html(frm.doc));
	},
});

// Whoever installed it is not known here. It is had by asking GitHub, or by being the account that installed it, where that is known.
const is_nobodys = (doc) => doc.processing === "unmatched_user";

// The first thing that stands in the way: a label, its colour, a sentence, and the page of GitHub that mends it.
function installation_state(doc) {
	const account = esc(doc.account_login);
	if (doc.deleted_on_github) {
		return [__("Uninstalled"), "red", __("The App is not installed in {0} any more. What is here stays. Install it again to go on.", [account])];
	}
	if (is_nobodys(doc)) {
		const [label, sentence] = doc.sender_login
			? [
					__("Waits"),
					__("Nobody here is the account that installed it: he connects it on his User, or an owner of {0} presses Check Again.", [account]),
				]
			: [
					__("Nobody's"),
					__("What was noted of it was deleted, and GitHub has it still: whoever installed it, or is an owner of {0}, presses Check Again.", [account]),
				];
		// Of an App that was set up here before GitHub tells nothing.
		return [label, "orange", esc(doc.reason) || sentence];
	}
	if (!doc.installation_id) return [__("Waits"), "orange", __("GitHub has not told of it. Press Check Again to ask GitHub.")];
	if (doc.processing === "errored") {
		return [__("Cannot Be Read"), "orange", `${esc(doc.reason)} ${__("It is tried again by itself.")}`, doc.html_url];
	}
	if (doc.suspended) return [__("Suspended"), "red", __("Nothing is read or written until an owner of {0} ends that.", [account]), doc.html_url];
	if (doc.processing === "processing") return [__("Being Read"), "blue", __("GitHub is asked what it is like.")];
	if (doc.permissions_pending) {
		const sentence = __("The App asks for more than was granted: some features are switched off until an owner of {0} accepts it.", [account]);
		return [__("Permissions Pending"), "orange", sentence, doc.html_url];
	}
	if (doc.origin === "initiated_on_github" && !doc.originating_project) {
		const why = esc(doc.reason) || __("Nobody has chosen a Project for it yet.");
		return [__("Waits for a Project"), "orange", `${why} ${choose_project_html(doc)}`];
	}
	return doc.reason ? [__("Works in Part"), "orange", esc(doc.reason)] : [__("Works"), "green", ""];
}

const choose_project_html = (doc) =>
	`<a href="/integrations/github/?installation_id=${encodeURIComponent(doc.installation_id)}">${__("Choose a Project")}</a>`;

function installation_state_html(doc) {
	const [label, colour, sentence, address] = installation_state(doc);
	const mend = address ? ` ${link(address, __("Mend it on GitHub"))}` : "";
	const all = doc.repository_selection === "all" && !doc.deleted_on_github;
	const next = all
		? `<p>${__("It reaches all repositories there, and none is followed by itself: choose some on a Project (GitHub Installations), or in the GitHub Integration.")}</p>`
		: "";
	return `<p>${pill(label, colour)} ${sentence}${mend}</p>${next}`;
}

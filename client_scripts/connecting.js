// GitHub in a window of its own: the person connects his account, or installs the App.

// What the desk is told when somebody came back, or an installation went on.
const CAME_BACK = "github_connected";
// How long a form listens for it, in milliseconds: nobody is away for longer.
const AWAY = 30 * 60 * 1000;

// Opens a page of GitHub that `method` gives the address of. To be called in the click itself: a browser opens no window later.
// `again` follows when the person came back.
async function at_github(method, args, again) {
	const opened = window.open("about:blank", "_blank");
	const blocked = !opened || opened.closed;
	if (again) listen_for_return(again);
	let answer;
	try {
		answer = await call(method, { back_to: location.pathname, ...args });
	} catch (error) {
		if (opened) opened.close();
		throw error;
	}
	if (!opened || opened.closed) {
		say_by_hand(answer, blocked);
		return;
	}
	send(opened, answer);
}

// Sends the window to GitHub. It cannot reach back: GitHub's pages have nothing to do with the desk.
function send(opened, { url, fields }) {
	opened.opener = null;
	if (!fields) {
		opened.location.replace(url);
		return;
	}
	const form = form_to(opened.document, url, fields);
	opened.document.body.append(form);
	form.submit();
}

// A form that a browser sends by POST: GitHub takes a manifest in no other way.
function form_to(page, url, fields) {
	const form = page.createElement("form");
	form.method = "post";
	form.action = url;
	for (const [name, value] of Object.entries(fields)) {
		const field = page.createElement("input");
		Object.assign(field, { type: "hidden", name, value });
		form.append(field);
	}
	return form;
}

// A click on a link or a button of one's own opens a window in every browser. Where the window was there and is gone by now, the person closed it, or
// something in the browser did.
function say_by_hand({ url, fields }, blocked) {
	const why = blocked
		? __("Your browser did not let this page open a window.")
		: __("The window for GitHub is closed. If you did not close it, something in your browser did.");
	const dialog = show(
		__("GitHub"),
		`<p>${why}</p>` +
			`<p>${__("Open GitHub by the link below. To have it opened by itself the next time, allow pop-ups for this site: the browser's address line shows how.")}</p>` +
			`<p class="github-by-hand">${fields ? "" : link(url, __("Open GitHub"))}</p>`
	);
	if (!fields) return;
	const form = form_to(document, url, fields);
	form.target = "_blank";
	const press = document.createElement("button");
	press.className = "btn btn-primary btn-sm";
	press.textContent = __("Open GitHub");
	form.append(press);
	dialog.$wrapper.find(".github-by-hand").append(form);
}

let stop_listening = () => {};

// Follows up whenever the service says that something went on: it may be another installation of the person, while he is still at GitHub.
function listen_for_return(again) {
	stop_listening();
	const hear = () => {
		Promise.resolve().then(again).catch(told);
	};
	const timer = setTimeout(() => stop_listening(), AWAY);
	stop_listening = () => {
		clearTimeout(timer);
		frappe.realtime.off(CAME_BACK, hear);
		stop_listening = () => {};
	};
	frappe.realtime.on(CAME_BACK, hear);
}

// Draws the form anew when the person came back, with what is stored by now. Edits that nobody saved yet stay.
const draw_anew = (frm) => (frm.is_dirty() ? frm.refresh() : frm.reload_doc());

// What GitHub makes of an App that is public, and of one that is not.
const FOR_SEVERAL = () =>
	__("Without this GitHub lets the App be installed in the account that it belongs to, and nowhere else. With it the App is public: anybody may install it in his own account, which concerns nobody here.");

// What a connection is, as the page after GitHub says it, too.
const what_it_is_html = (scopes) =>
	[
		[
			__("What is read by it"),
			[
				__("your login, number and picture"),
				__("which installations of the App, and which repositories in them, you can see; for an installation that you began, also by itself until it is finished; in the wizard of a GitHub Integration by OAuth also your organizations and the repositories that you can reach"),
				__("what a button has to know before it changes something in your name"),
			],
		],
		[
			__("What is done by it"),
			[
				__("what you ask for by a button here then carries your name: issues, pull requests, assignments, requests for review, access and webhooks"),
				__("what you asked for and what was cut off is finished by it, also while you are away"),
				__("nothing else is done by it while you are away, unless you lend it: a GitHub Integration by OAuth that you make, or lend it to, reads the repositories of its account and keeps their webhooks by it, until you end one of the two"),
			],
		],
		[
			__("What it could reach"),
			[
				scopes.length
					? __("GitHub gives the scopes repo, read:org with it. By these all repositories that you can reach could be read and changed, private ones included: GitHub knows nothing narrower for an OAuth App, and nothing but what is said here is done")
					: __("no more than the App was granted where it is installed, and no more than you may on GitHub yourself"),
			],
		],
		[
			__("What is never done"),
			[
				__("your password is never asked for, nor an e-mail address that your profile on GitHub does not show to everybody"),
				__("no other user here acts by your connection. Whoever acts as you on this site does: who has your session, your password or an API key of yours, which administrators can make"),
				__("its tokens are kept encrypted, and are never shown, logged or sent anywhere but to GitHub"),
				__("you can end it at any time: Disconnect GitHub on your User, or on GitHub under Settings, Applications"),
			],
		],
	]
		.map(([head, items]) => `<p><b>${head}</b></p>${list(items)}`)
		.join("");

// Says what a connection is for before GitHub opens. `reason` says why it is needed just now.
async function ask_to_connect(reason, again) {
	if (frappe.hide_msgprint) frappe.hide_msgprint();
	const go = (args) => {
		at_github("desk.connect_github", args, again).catch(told);
		dialog.hide();
	};
	const dialog = new frappe.ui.Dialog({
		title: __("Connect GitHub"),
		fields: [{ fieldtype: "HTML", fieldname: "content" }],
		primary_action_label: __("Go on to GitHub"),
		primary_action: () => go({}),
	});
	// Else GitHub takes the account that is signed in there.
	dialog.add_custom_action(__("Choose another account"), () => go({ choose_account: 1 }));
	const box = dialog.fields_dict.content.$wrapper;
	box.html(
		(reason ? `<p>${esc(reason)}</p>` : "") +
			`<p>${__("GitHub opens in a window of its own and asks whether this site may act for you. Come back to this form afterwards.")}</p>` +
			`<div class="github-promises"></div>`
	);
	dialog.show();
	const { scopes = [] } = await peek("desk.my_connection").catch(() => ({}));
	box.find(".github-promises").html(what_it_is_html(scopes));
	return dialog;
}

// Whether somebody is connected, as a line of a form.
const connection_html = (mine) =>
	facts([
		[
			__("Your GitHub Account"),
			mine.connected
				? `${esc(mine.login)} ${pill(__("connected"), "green")}`
				: `${esc(mine.login || "")} ${pill(__("not connected"), "gray")}`,
		],
		[__("Reason"), esc(mine.problem)],
		[__("Switched Off"), esc(mine.off)],
	]);

// The button that connects, where somebody is not connected and can be.
function connection_buttons(frm, mine, { group, again }) {
	if (!mine.configured || mine.connected || mine.off) return;
	button(frm, __("Connect GitHub"), group, () => ask_to_connect(mine.problem, again));
}

// Whether the person is connected, on a document that he works on, and the button that connects him. Gives what is known of it; nothing where the
// form shows another document by now.
async function own_connection(frm) {
	const name = frm.docname;
	const mine = await peek("desk.my_connection").catch(() => null);
	if (!mine || frm.docname !== name || frm.is_new()) return null;
	// What the form shows above is drawn anew now and then: the line is kept with it.
	frm.github_account = mine.configured || mine.login ? connection_html(mine) : "";
	show_account(frm);
	connection_buttons(frm, mine, { group: __("GitHub"), again: () => draw_anew(frm) });
	return mine;
}

function show_account(frm) {
	frm.dashboard.parent.find(".github-account").remove();
	if (!frm.github_account) return;
	const line = `<div class="github-account mt-2">${frm.github_account}</div>`;
	const body = frm.dashboard.parent.find(".github-overview .section-body");
	if (body.length) body.append(line);
	else section(frm, line);
}

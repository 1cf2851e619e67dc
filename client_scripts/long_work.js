// Work that takes longer than a person waits: it goes on by itself, and how it ended is told.

// How long nothing may be heard before the run's row is looked at, in milliseconds: the desk may have no realtime connection.
const SILENCE = 15000;
const ENDED_WELL = ["Completed", "Completed with failures"];

// Asks for long work and gives its answer once it ended. The desk shows Frappe's own progress dialog meanwhile.
// `title` is what the work is called while nothing is known of it.
async function long_work(method, args, title) {
	const heard = listen();
	try {
		frappe.show_alert({ message: __("{0}: begun", [esc(title)]), indicator: "blue" });
		const answer = await call(method, { ...args, background: 1 });
		if (answer.status !== "running") return answer;
		if (answer.job) return await heard.end_of(answer);
		// Somebody else is at it, and this call began nothing.
		const text = answer.message ? esc(answer.message) : __("This is under way already.");
		say(`${text} ${doc_link("GitHub Sync Run", answer.run)}`, "blue");
		throw new Failed("running", false);
	} finally {
		heard.stop();
	}
}

// Events from now on: the work may end before its call is answered.
function listen() {
	const events = [];
	// The desk's dialogs of this work. It keeps the last one only, and forgets that as soon as some earlier work's ended.
	const dialogs = new Set();
	const note = () => frappe.cur_progress && dialogs.add(frappe.cur_progress);
	let wake = () => {};
	let reached = false;
	const hear = (event) => {
		reached = true;
		events.push(event || {});
		wake();
	};
	frappe.realtime.on("github_progress", hear);
	frappe.realtime.on("progress", note);
	return {
		stop: () => {
			frappe.realtime.off("github_progress", hear);
			frappe.realtime.off("progress", note);
			hide_progress(dialogs);
		},
		async end_of(answer) {
			for (;;) {
				const ours = events.splice(0).filter((event) => is_of(event, answer));
				const last = ours.find((event) => event.ended);
				if (last) return ended(last);
				const silent = await new Promise((resolve) => {
					const timer = setTimeout(() => resolve(true), SILENCE);
					wake = () => {
						clearTimeout(timer);
						resolve(false);
					};
					if (events.length) wake();
				});
				if (!silent) continue;
				const row = await run_row(answer.run);
				if (row ? row.status !== "Running" : !reached) return from_row(answer, row);
			}
		},
	};
}

const is_of = (event, answer) => event.job === answer.job;

function ended(event) {
	if (!event.error) return event.answer || {};
	say(esc(event.error), "red");
	throw new Failed(event.error, false);
}

// What the run's row says, for those who may read it.
async function run_row(run) {
	if (!run) return null;
	try {
		const answer = await frappe.db.get_value("GitHub Sync Run", run, ["status", "error"]);
		return (answer && answer.message) || null;
	} catch {
		return null;
	}
}

// Nothing was heard: the row is all that is known, and maybe not even that.
function from_row(answer, row) {
	if (row && ENDED_WELL.includes(row.status)) return { ...answer, status: row.status };
	if (row && row.status) {
		say(esc(row.error || row.status), "red");
		throw new Failed(row.status, false);
	}
	say(`${esc(answer.message || "")}<br>${__("How far it is cannot be seen from here.")}`, "blue");
	throw new Failed("unknown", false);
}

// A dialog that is still on its way in cannot be hidden, and the desk forgets it all the same: it goes when it has arrived.
function hide_progress(dialogs) {
	for (const dialog of dialogs) {
		dialog.$wrapper.one("shown.bs.modal", () => dialog.hide());
		dialog.hide();
		if (frappe.cur_progress === dialog) frappe.hide_progress();
	}
}

// The reasons of what could not be done, as many as a person reads.
function failures_html(failures) {
	const shown = (failures || []).slice(0, 50).map((one) => esc(failure_text(one)));
	const rest = (failures || []).length - shown.length;
	if (rest > 0) shown.push(__("and {0} more", [rest]));
	return shown.length ? list(shown) : "";
}

function failure_text(failure) {
	if (typeof failure !== "object" || failure === null) return failure;
	const what = failure.title || failure.name || failure.entity || failure.user || failure.repository || "";
	const place = failure.number || failure.position;
	const number = place ? `#${place} ` : "";
	const reason = failure.reason || failure.error || "";
	return what || number ? `${number}${what}: ${reason}` : reason;
}

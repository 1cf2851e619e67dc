// The repositories of a GitHub Integration: found, chosen, followed and let go. An account may have thousands, so that the list is drawn in parts.

// Rows that are drawn at a time.
const PART = 100;
// More than so many go on by themselves.
const WAITED_FOR = 20;

// Draws the list into `box`; what was chosen before, and looked for, stays. `again` follows when something was done.
function show_repositories(frm, box, overview, again) {
	const before = frm.github_repositories && frm.github_repositories.of === frm.docname ? frm.github_repositories : null;
	const all = overview.repositories || [];
	const selectable = new Set(all.filter((one) => one.selectable).map((one) => one.full_name));
	const state = {
		of: frm.docname,
		all,
		chosen: new Set([...(before ? before.chosen : [])].filter((name) => selectable.has(name))),
		search: before ? before.search : "",
		drawn: PART,
	};
	frm.github_repositories = state;
	box.html(
		`${cut_html(overview)}
		<p><button class="btn btn-default btn-sm" data-github-follow="1">${__("Follow")}</button>
		<button class="btn btn-default btn-sm" data-github-follow="0">${__("Unfollow")}</button>
		<input type="search" class="form-control input-sm github-search ml-2" style="display: inline-block; width: 16em" placeholder="${__("Search")}" aria-label="${__("Search")}">
		<label class="ml-2"><input type="checkbox" class="github-all"> ${__("all")}</label>
		<span class="github-chosen text-muted small ml-2"></span></p>
		<div class="github-rows"></div>`
	);
	box.find(".github-search")
		.val(state.search)
		.on("input", (event) => {
			state.search = event.currentTarget.value;
			state.drawn = PART;
			draw_repositories(box, state);
		});
	box.find(".github-all").on("change", (event) => {
		for (const one of found_repositories(state).filter((one) => one.selectable)) {
			if (event.currentTarget.checked) state.chosen.add(one.full_name);
			else state.chosen.delete(one.full_name);
		}
		draw_repositories(box, state);
	});
	box.find("[data-github-follow]").on("click", (event) => {
		event.preventDefault();
		const pressed = $(event.currentTarget);
		pressed.prop("disabled", true);
		follow_chosen(frm, box, state, pressed.attr("data-github-follow") === "1", again)
			.catch(told)
			.finally(() => pressed.prop("disabled", false));
	});
	draw_repositories(box, state);
}

// Of a list that is cut, what is not in it is followed by its name.
function cut_html(overview) {
	if (!overview.cut) return "";
	return `<div class="text-warning github-cut">${__(
		"GitHub has more than {0} repositories there: the first ones are shown, and those that are followed. Name another one, as owner/name, to follow it.",
		[esc(overview.cut)]
	)}</div><p><input type="text" class="form-control input-sm github-other" style="max-width: 24em" placeholder="owner/name" aria-label="${__("Another Repository")}"></p>`;
}

function found_repositories(state) {
	const words = state.search.trim().toLowerCase();
	return words ? state.all.filter((one) => one.full_name.toLowerCase().includes(words)) : state.all;
}

function draw_repositories(box, state) {
	const found = found_repositories(state);
	const rest = found.length - state.drawn;
	const more = rest > 0 ? `<p><button class="btn btn-default btn-xs github-more">${__("Show more ({0})", [rest])}</button></p>` : "";
	box.find(".github-rows").html(repository_rows(found.slice(0, state.drawn), state) + more);
	const count = () => box.find(".github-chosen").text(state.chosen.size ? __("{0} chosen", [state.chosen.size]) : "");
	box.find("input[name=repository]").on("change", (event) => {
		const { checked, value } = event.currentTarget;
		if (checked) state.chosen.add(value);
		else state.chosen.delete(value);
		count();
	});
	box.find(".github-more").on("click", (event) => {
		event.preventDefault();
		state.drawn += PART;
		draw_repositories(box, state);
	});
	count();
}

function repository_rows(repositories, state) {
	if (!repositories.length) {
		return `<p class="text-muted">${state.all.length ? __("No repository is called like this.") : __("There is none yet.")}</p>`;
	}
	const rows = repositories.map((one) => {
		const box = `<input type="checkbox" name="repository" value="${esc(one.full_name)}"${one.selectable ? "" : " disabled"}${
			state.chosen.has(one.full_name) ? " checked" : ""
		}>`;
		const standing = one.followed
			? pill(__("followed"), "green")
			: one.followed_otherwise
				? pill(__("followed without an integration"), "blue")
				: one.belongs
					? pill(__("belongs to this integration, not followed"), "orange")
					: pill(__("not followed"), "gray");
		const wrong = [one.reason, one.error].filter(Boolean).map((text) => `<div class="text-warning">${esc(text)}</div>`);
		return [
			box,
			one.document ? doc_link("Repository", one.document) : link(one.url, one.full_name),
			one.private ? __("private") : __("public"),
			standing,
			one.document ? ago(one.last_synced) : "",
			wrong.join(""),
		];
	});
	return table(["", __("Repository"), __("Visibility"), __("State"), __("Last Sync"), __("Problems")], rows);
}

async function follow_chosen(frm, box, state, follows, again) {
	const names = [...state.chosen];
	const other = String(box.find(".github-other").val() || "").trim();
	if (other && !names.includes(other)) names.push(other);
	if (!names.length) {
		say(__("Choose a repository first."), "orange");
		return;
	}
	const wanted = { integration: frm.docname, repositories: JSON.stringify(names), follow: follows ? 1 : 0 };
	const answer =
		names.length > WAITED_FOR
			? await long_work("desk.follow_repositories", wanted, __("Repositories of {0}", [frm.docname]))
			: await call("desk.follow_repositories", wanted, { freeze: __("Asking GitHub") });
	const failures = failures_html(answer.failures);
	const unsaid = answer.cut && answer.failed ? __("{0} could not be done.", [esc(answer.failed)]) : "";
	if (failures || unsaid) say(failures || unsaid, "orange");
	if (answer.done) {
		const sentence = follows
			? __("{0} repositories are followed now; the first sync begins by itself.", [esc(answer.done)])
			: __("{0} repositories are not followed any more, and belong to no integration. What is here stays.", [esc(answer.done)]);
		frappe.show_alert({ message: sentence, indicator: "green" }, 10);
	}
	state.chosen.clear();
	await again();
}

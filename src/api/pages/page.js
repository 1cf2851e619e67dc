(function () {
	"use strict";
	const INDEX = "/integrations/github/";
	const METHOD = "/api/method/erpnext_github_integration.desk.";
	const { waits, installation, keeps } = document.body.dataset;
	const shown = installation ? `${INDEX}?installation_id=${installation}` : INDEX;
	// What the address held was used up: it is of no use in the browser's history. Which installation it is stays, so that the page can be opened
	// anew. Where nothing was used up all of it stays: the page is opened anew by it.
	const KEPT = ["installation_id", "setup_action"];
	const kept = new URLSearchParams([...new URLSearchParams(location.search)].filter(([name]) => KEPT.includes(name))).toString();
	if (keeps !== "1" && location.search && location.pathname !== INDEX) history.replaceState(null, "", location.pathname + (kept ? `?${kept}` : ""));

	// Says how the waiting goes. What it says already is not said again: a screen reader would repeat it.
	function still(sentence) {
		const place = document.getElementById("still");
		if (place && place.textContent !== sentence) place.textContent = sentence;
	}

	// Until GitHub has told of the installation and it was read. A lost answer is asked for again; who left the window open is asked more seldom, and
	// not for ever.
	const began = Date.now();
	async function look() {
		const query = installation ? `?installation_id=${installation}` : "";
		try {
			const answer = await fetch(`${METHOD}latest_installation${query}`, { headers: { Accept: "application/json" } });
			const told = answer.ok ? (await answer.json()).message : null;
			if (told && !told.is_under_way) {
				location.replace(told.installation_id ? `${INDEX}?installation_id=${told.installation_id}` : INDEX);
				return;
			}
			if (answer.ok) still("Still waiting for GitHub.");
			else if ([401, 403].includes(answer.status)) still("Nobody is signed in at this site any more: sign in, and open this page again.");
			else still("The site does not answer just now. It is asked again.");
		} catch {
			still("The site does not answer just now. It is asked again.");
		}
		const waited = Date.now() - began;
		if (waited > 30 * 60_000) {
			still("GitHub has told nothing for half an hour: press Check again, or look at the App's page on GitHub.");
			return;
		}
		setTimeout(look, waited > 2 * 60_000 ? 15_000 : 2000);
	}
	if (waits === "1") look();

	// What a method that writes says.
	function send(method, token, values) {
		return fetch(METHOD + method, {
			method: "POST",
			headers: {
				Accept: "application/json",
				"Content-Type": "application/x-www-form-urlencoded",
				"X-Frappe-CSRF-Token": token,
			},
			body: new URLSearchParams(values),
		});
	}
	const reason = (body) => String(body.exception || "").replace(/^[\w.]+: /, "");

	// A button that works cannot be pressed again. It is not disabled: the keyboard's place would be lost with it.
	const is_busy = (button) => button.getAttribute("aria-disabled") === "true";
	const set_busy = (button, busy) => button.setAttribute("aria-disabled", String(busy));

	const check = document.getElementById("check");
	if (check) {
		check.addEventListener("click", async () => {
			if (is_busy(check)) return;
			const found = document.getElementById("found");
			set_busy(check, true);
			found.textContent = "GitHub is asked.";
			try {
				const answer = await send("check_installation", check.dataset.token, installation ? { installation_id: installation } : {});
				const body = await answer.json();
				if (answer.ok && body.message.is_yours === false) {
					found.textContent = "GitHub does not show by your own connection that you may install the App there.";
				} else if (answer.ok && body.message.found && !body.message.is_under_way) {
					location.replace(`${INDEX}?installation_id=${body.message.installation_id}`);
					return;
				} else {
					found.textContent = answer.ok ? body.message.message || "GitHub was asked; it is being read." : reason(body);
				}
			} catch {
				found.textContent = "The site does not answer just now: try again in a moment.";
			}
			set_busy(check, false);
		});
	}

	// A form whose values go to a method; the page then says how it stands. What `left` says of the answer is to be read before that.
	function sends(id, method, values, left = () => "") {
		const form = document.getElementById(id);
		if (!form) return;
		form.addEventListener("submit", async (event) => {
			event.preventDefault();
			const button = form.querySelector("button");
			if (is_busy(button)) return;
			const problem = document.getElementById("problem");
			set_busy(button, true);
			problem.textContent = "";
			try {
				const { installation, token } = form.dataset;
				const answer = await send(method, token, { installation, ...values(form) });
				const body = await answer.json();
				const said = answer.ok ? left(body.message) : reason(body);
				if (answer.ok && !said) {
					location.replace(shown);
					return;
				}
				problem.textContent = said;
				if (answer.ok) {
					go_on(form, button);
					return;
				}
			} catch {
				problem.textContent = "The site does not answer just now: try again in a moment.";
			}
			set_busy(button, false);
		});
	}
	// It is done: the button gives way to the page that says how it stands.
	function go_on(form, button) {
		const link = document.createElement("a");
		link.href = shown;
		link.className = "go";
		link.textContent = "Go on";
		button.replaceWith(link);
		link.focus();
	}
	const switched_off = ({ not_mirrored: off = [] }) =>
		off.length
			? `Connected, but not mirrored: ${off.join(", ")}. Somebody switched that off here: nothing of it reaches the Project until a GitHub Admin switches it on.`
			: "";
	sends("choice", "finish_installation", (form) => ({ project: form.elements.project.value }));
	sends("picks", "choose_repositories", (form) => ({
		project: form.dataset.project,
		repositories: JSON.stringify([...form.querySelectorAll("input:checked")].map((box) => box.value)),
	}), switched_off);
})();

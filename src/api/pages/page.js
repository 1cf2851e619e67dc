(function () {
	"use strict";
	const INDEX = "/integrations/github/";
	const METHOD = "/api/method/erpnext_github_integration.desk.";
	const { waits, installation } = document.body.dataset;
	const shown = installation ? `${INDEX}?installation_id=${installation}` : INDEX;
	// What the address held was used up: it is of no use in the browser's history.
	if (location.search && location.pathname !== INDEX) history.replaceState(null, "", location.pathname);

	// Until GitHub has told of the installation and it was read. A lost answer is asked for again.
	async function look() {
		const query = installation ? `?installation_id=${installation}` : "";
		try {
			const answer = await fetch(`${METHOD}latest_installation${query}`, { headers: { Accept: "application/json" } });
			const told = answer.ok ? (await answer.json()).message : null;
			if (told && !told.is_under_way) {
				location.replace(told.installation_id ? `${INDEX}?installation_id=${told.installation_id}` : INDEX);
				return;
			}
		} catch {
			// The next look may find it.
		}
		setTimeout(look, 2000);
	}
	if (waits === "1") look();

	const form = document.getElementById("choice");
	if (!form) return;
	form.addEventListener("submit", async (event) => {
		event.preventDefault();
		const button = form.querySelector("button");
		const problem = document.getElementById("problem");
		button.disabled = true;
		problem.textContent = "";
		try {
			const answer = await fetch(`${METHOD}finish_installation`, {
				method: "POST",
				headers: {
					Accept: "application/json",
					"Content-Type": "application/x-www-form-urlencoded",
					"X-Frappe-CSRF-Token": form.dataset.token,
				},
				body: new URLSearchParams({ installation: form.dataset.installation, project: form.elements.project.value }),
			});
			if (answer.ok) {
				location.replace(shown);
				return;
			}
			const body = await answer.json();
			problem.textContent = String(body.exception || "").replace(/^[\w.]+: /, "");
		} catch {
			problem.textContent = "The site does not answer just now: try again in a moment.";
		}
		button.disabled = false;
	});
})();

// Dialogs that write to GitHub: an issue, a pull request, who works on them. `after(answer)` follows what went well.

// Of an issue or pull request on GitHub, in letters.
const TITLE_LENGTH = 256;

const number_link = (raw, number) => link(raw && raw.html_url, `#${(raw && raw.number) || number}`);
const logins = (people) => (people || []).map((one) => one.login).filter(Boolean);
// GitHub compares logins without regard to case.
const same_login = (one, other) => String(one).toLowerCase() === String(other).toLowerCase();

async function ask_for_issue({ repository, title, body, task, after }) {
	const [labels, milestones, people] = await Promise.all([
		call("github_api.list_labels", { repo_full_name: repository }),
		call("github_api.list_milestones", { repo_full_name: repository }),
		call("github_api.list_assignees", { repo_full_name: repository }),
	]);
	const offered = labels.map((one) => ({ value: one.name, description: one.description }));
	ask({
		title: __("Create Issue in {0}", [esc(repository)]),
		fields: [
			{ fieldname: "title", label: __("Title"), fieldtype: "Data", reqd: 1, default: title, length: TITLE_LENGTH },
			{
				fieldname: "body",
				label: __("Body"),
				fieldtype: "Text",
				default: body,
				description: __("Markdown, as on GitHub."),
			},
			pills("assignees", __("Assignees"), named(logins(people)), {
				description: __("Logins on GitHub. Only who has access to the repository can be assigned."),
			}),
			pills("labels", __("Labels"), offered),
			typed("milestone", __("Milestone"), named(milestones.map((one) => one.title)), {
				hidden: milestones.length ? 0 : 1,
			}),
		],
		label: __("Create Issue"),
		async submit(values) {
			const answer = await call(
				"github_api.create_issue",
				{ repository, task, ...values },
				{ freeze: __("Creating the issue on GitHub") }
			);
			say_done(__("Issue {0} was created.", [number_link(answer.issue)]), answer);
			await after(answer);
		},
	});
}

function ask_for_pull_request({ repository, title, body, head, base, branches, task, after }) {
	const offered = named(branches);
	ask({
		title: __("Create Pull Request in {0}", [esc(repository)]),
		fields: [
			{ fieldname: "title", label: __("Title"), fieldtype: "Data", reqd: 1, default: title, length: TITLE_LENGTH },
			typed("head", __("Head Branch"), offered, {
				reqd: 1,
				default: head,
				description: __("The branch that is to be merged. It must be on GitHub already."),
			}),
			typed("base", __("Base Branch"), offered, {
				reqd: 1,
				default: base,
				description: __("The branch to merge into."),
			}),
			{
				fieldname: "body",
				label: __("Body"),
				fieldtype: "Text",
				default: body,
				description: __("Markdown, as on GitHub."),
			},
		],
		label: __("Create Pull Request"),
		async submit(values) {
			if (values.head === values.base) {
				say(__("Head and base are the same branch: there is nothing to merge."), "orange");
				return false;
			}
			const answer = await call(
				"github_api.create_pull_request",
				{ repository, task, ...values },
				{ freeze: __("Creating the pull request on GitHub") }
			);
			say_done(__("Pull request {0} was created.", [number_link(answer.pull_request)]), answer);
			await after(answer);
			return true;
		},
	});
}

// `present`: logins that are assigned now. GitHub is given the whole set.
async function ask_for_assignees({ repository, number, present, after }) {
	const people = await call("github_api.list_assignees", { repo_full_name: repository });
	ask({
		title: __("Assign #{0} of {1}", [esc(number), esc(repository)]),
		fields: [
			pills("assignees", __("Assignees"), named(logins(people)), {
				default: present,
				description: __("All who are to be assigned. Who is taken out here is unassigned on GitHub."),
			}),
		],
		label: __("Assign"),
		async submit(values) {
			const wanted = values.assignees || [];
			if (!wanted.length && !(present || []).length) {
				say(__("Choose who is to be assigned."), "orange");
				return false;
			}
			const issue = await call(
				"github_api.assign_issue",
				{ repo_full_name: repository, issue_number: number, assignees: JSON.stringify(wanted) },
				{ freeze: __("Assigning on GitHub") }
			);
			say_assigned(issue, number, wanted, logins(issue.assignees));
			await after(issue);
			return true;
		},
	});
}

// GitHub leaves out who has no access, and says nothing of it.
function say_assigned(issue, number, wanted, now) {
	const left_out = wanted.filter((login) => !now.some((one) => same_login(one, login)));
	const assigned = now.length
		? __("{0} is assigned to {1}.", [number_link(issue, number), esc(now.join(", "))])
		: __("{0} is assigned to nobody.", [number_link(issue, number)]);
	if (!left_out.length) {
		say_done(assigned, issue);
		return;
	}
	const missing = __("GitHub did not assign {0}: they have no access to the repository.", [esc(left_out.join(", "))]);
	say(`${assigned}<br>${missing}`, "orange");
}

// `present`: logins that are asked already; the author cannot review.
async function ask_for_reviewers({ repository, number, present, author, after }) {
	const people = await call("github_api.list_assignees", { repo_full_name: repository });
	const asked = present || [];
	const offered = logins(people).filter(
		(login) => !same_login(login, author || "") && !asked.some((one) => same_login(one, login))
	);
	ask({
		title: __("Ask for a Review of #{0} of {1}", [esc(number), esc(repository)]),
		fields: [
			pills("reviewers", __("Reviewers"), named(offered), {
				reqd: 1,
				description: asked.length ? __("Asked already: {0}", [esc(asked.join(", "))]) : undefined,
			}),
		],
		label: __("Assign"),
		async submit(values) {
			const wanted = values.reviewers || [];
			const pull = await call(
				"github_api.add_pr_reviewer",
				{ repo_full_name: repository, pr_number: number, reviewers: JSON.stringify(wanted) },
				{ freeze: __("Asking for the review on GitHub") }
			);
			const now = logins(pull.requested_reviewers);
			const left_out = wanted.filter((login) => !now.some((one) => same_login(one, login)));
			const sentence = now.length
				? __("{0} waits for a review by {1}.", [number_link(pull, number), esc(now.join(", "))])
				: __("{0} waits for nobody's review.", [number_link(pull, number)]);
			if (left_out.length) {
				say(`${sentence}<br>${__("GitHub did not ask {0}.", [esc(left_out.join(", "))])}`, "orange");
			} else {
				say_done(sentence, pull);
			}
			await after(pull);
		},
	});
}

// The text of an editor of the desk, which is markup, as Markdown.
function markdown_of(html) {
	if (!html) return "";
	const root = new DOMParser().parseFromString(html, "text/html").body;
	return markdown_in(root)
		.replace(/[ \t]+\n/g, "\n")
		.replace(/\n{3,}/g, "\n\n")
		.trim();
}

const AROUND = { B: "**", STRONG: "**", I: "_", EM: "_", CODE: "`" };
const BLOCKS = ["P", "DIV", "UL", "OL", "BLOCKQUOTE", "TABLE", "TR"];

function markdown_in(node) {
	let number = 0;
	const ordered = node.nodeName === "OL";
	return [...node.childNodes]
		.map((child) => {
			if (child.nodeType === Node.TEXT_NODE) return child.nodeValue.replace(/\s+/g, " ");
			if (child.nodeType !== Node.ELEMENT_NODE) return "";
			const name = child.nodeName;
			if (name === "PRE") return `\n\`\`\`\n${child.textContent.trim()}\n\`\`\`\n`;
			const inside = markdown_in(child);
			if (name === "BR") return "\n";
			// The editor marks a bullet in a list that is ordered.
			const bullet = child.getAttribute("data-list") === "bullet";
			if (name === "LI") return `\n${ordered && !bullet ? `${(number += 1)}.` : "-"} ${inside.trim()}`;
			if (/^H[1-6]$/.test(name)) return `\n${"#".repeat(Number(name[1]))} ${inside.trim()}\n`;
			if (name === "A" && child.getAttribute("href")) return `[${inside}](${child.getAttribute("href")})`;
			if (AROUND[name] && inside.trim()) return `${AROUND[name]}${inside.trim()}${AROUND[name]}`;
			return BLOCKS.includes(name) ? `\n${inside}\n` : inside;
		})
		.join("");
}

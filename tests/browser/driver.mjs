// Drives one Chromium for all tests: a line of JSON on standard input asks for a step, a line on standard output answers it.
//   {"id": 1, "page": "a", "verb": "form", "args": ["Task", "TASK-1"]}   ->   {"id": 1, "ok": <what the step gives>} or {"id": 1, "error": "..."}
// The pages are those of a real desk, or those of the desk for tests beside this file, which have the same marks in their markup.
// It ends, and Chromium with it, when standard input does.
import { createInterface } from "node:readline";
import { createRequire } from "node:module";

const { chromium } = createRequire(`${process.env.BROWSER_MODULES}/`)("playwright-core");

// Nothing that it does by itself may reach for the network.
const QUIET = [
	"--no-sandbox",
	"--disable-gpu",
	"--disable-quic",
	"--no-first-run",
	"--disable-background-networking",
	"--disable-component-update",
	"--disable-sync",
	"--no-proxy-server",
];
const PATIENCE = 30000;
// A real desk loads megabytes before it begins.
const LOADING = 120000;
const OPEN_DIALOG = ".modal.show";

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: QUIET });
const pages = new Map();

class Sheet {
	constructor(context, page, base) {
		Object.assign(this, { context, page, base, under_way: new Set(), problems: [], answers: [], windows: [] });
		Object.assign(this, { addresses: [], hosts: new Set(), errors: [] });
		page.on("request", (request) => {
			const { protocol, origin } = new URL(request.url());
			if (protocol.startsWith("http")) this.hosts.add(origin);
			if (request.isNavigationRequest()) this.addresses.push(request.url());
		});
		// What an answer's status is, Chromium says by itself; that is no error of the page's.
		const is_status = (message) => message.text().startsWith("Failed to load resource");
		page.on("console", (message) => message.type() === "error" && !is_status(message) && this.errors.push(message.text().slice(0, 500)));
		page.on("popup", (opened) => this.windows.push(opened));
		page.setDefaultTimeout(PATIENCE);
		page.setDefaultNavigationTimeout(LOADING);
		const counts = (request) => /\/api\/|\/desk\//.test(new URL(request.url()).pathname);
		page.on("request", (request) => counts(request) && this.under_way.add(request));
		const ended = (request) => this.under_way.delete(request);
		page.on("requestfinished", ended);
		page.on("requestfailed", ended);
		page.on("pageerror", (error) => this.problems.push(String(error).slice(0, 500)));
		page.on("response", (response) => {
			const method = new URL(response.url()).pathname.split("/api/method/erpnext_github_integration.")[1];
			if (method) this.answers.push(`${method} ${response.status()}`);
		});
	}
	// Until nothing is asked any more, and the page has drawn what came of it.
	async idle() {
		const limit = Date.now() + PATIENCE;
		for (let quiet = 0; quiet < 2; ) {
			await this.page.evaluate(
				() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
			);
			quiet = this.under_way.size > 0 ? 0 : quiet + 1;
			if (Date.now() > limit) throw new Error(`${this.under_way.size} requests are still under way`);
		}
	}
	async go(path) {
		// What the page before asked for ends with it, until the very moment at which the next one takes its place; and not every end is told.
		const taken = (frame) => {
			if (frame !== this.page.mainFrame()) return;
			this.page.off("framenavigated", taken);
			this.under_way.clear();
		};
		this.page.on("framenavigated", taken);
		await this.page.goto(this.base + path);
		await this.page.waitForFunction(
			() => window.started || (window.frappe && frappe.boot && document.querySelector(".page-head")),
			null,
			{ timeout: LOADING }
		);
	}
}

const slug = (doctype) => doctype.toLowerCase().replaceAll(" ", "-");
const text_of = (elements) => elements.map((element) => element.innerText.replace(/\s+/g, " ").trim());

const verbs = {
	// A page of its own, with cookies of its own.
	async open(key, { base, sid, without_scripts }) {
		const context = await browser.newContext({ viewport: { width: 1400, height: 950 }, javaScriptEnabled: !without_scripts });
		if (sid) await context.addCookies([{ name: "sid", value: sid, url: base }]);
		pages.set(key, new Sheet(context, await context.newPage(), base));
	},
	async close(key) {
		const sheet = pages.get(key);
		await (sheet.is_window ? sheet.page.close() : sheet.context.close());
		pages.delete(key);
	},
	// The window that the page opened last, as a page of its own.
	async window(key, own) {
		const sheet = pages.get(key);
		for (const end = Date.now() + PATIENCE; !sheet.windows.length; ) {
			if (Date.now() > end) throw new Error("no window was opened");
			await sheet.page.waitForTimeout(20);
		}
		const opened = new Sheet(sheet.context, sheet.windows.pop(), sheet.base);
		opened.is_window = true;
		pages.set(own, opened);
	},
	// Any page of the site, or of GitHub's.
	async visit(key, path) {
		const sheet = pages.get(key);
		await sheet.page.goto(new URL(path, sheet.base).href);
	},
	// Clicks something on a page that is no form of the desk.
	async click(key, selector) {
		const { page } = pages.get(key);
		try {
			await page.locator(selector).first().click();
		} catch (error) {
			const shown = (await page.locator("body").innerText()).slice(0, 300);
			throw new Error(`${error.message.split("\n")[0]} at ${page.url()}: ${shown}`);
		}
	},
	choose: (key, selector, value) => pages.get(key).page.locator(selector).selectOption(value),
	// Presses a key, as somebody without a mouse.
	key: (key, name) => pages.get(key).page.keyboard.press(name),
	// Where the page went, whom it asked, and what its console says is wrong.
	seen(key) {
		const { addresses, hosts, errors } = pages.get(key);
		return { addresses, hosts: [...hosts], errors };
	},
	// What a page of ours says where no scripts run.
	async plain(key) {
		const { page } = pages.get(key);
		const [body, refresh] = [page.locator("body"), page.locator("meta[http-equiv=refresh]")];
		return {
			kind: await body.getAttribute("data-kind"),
			text: await body.innerText(),
			refresh: (await refresh.count()) ? await refresh.getAttribute("content") : "",
		};
	},
	// Waits for a page of ours of that kind; what it says, and its address.
	async ours(key, kind) {
		const { page } = pages.get(key);
		try {
			await page.waitForFunction((kind) => document.body?.dataset.kind === kind, kind);
		} catch {
			throw new Error(`no page ${kind}, but ${page.url()}: ${(await page.locator("body").innerText()).slice(0, 500)}`);
		}
		return { url: page.url(), text: await page.locator("body").innerText() };
	},
	async log_in(key, { user, password }) {
		const sheet = pages.get(key);
		const answer = await sheet.context.request.post(`${sheet.base}/api/method/login`, { form: { usr: user, pwd: password } });
		if (!answer.ok()) throw new Error(`the desk does not let ${user} in: ${answer.status()}`);
	},
	async form(key, doctype, name) {
		const sheet = pages.get(key);
		await sheet.go(`/app/${slug(doctype)}/${encodeURIComponent(name)}`);
		await sheet.page.waitForFunction(([doctype]) => window.cur_frm?.doc && cur_frm.doctype === doctype, [doctype]);
		await sheet.idle();
	},
	async list(key, doctype) {
		const sheet = pages.get(key);
		await sheet.go(`/app/${slug(doctype)}`);
		await sheet.page.waitForFunction(([doctype]) => window.cur_list?.doctype === doctype, [doctype]);
		await sheet.idle();
	},
	idle: (key) => pages.get(key).idle(),
	// Labels of the buttons by their group; those without one under "".
	async buttons(key) {
		const sheet = pages.get(key);
		await sheet.idle();
		return sheet.page.evaluate(() => {
			const found = {};
			const add = (group, button) => (found[group] ||= []).push(button.textContent.trim());
			document.querySelectorAll(".page-head .custom-actions > button").forEach((button) => add("", button));
			document.querySelectorAll(".page-head .custom-actions .inner-group-button").forEach((group) =>
				group.querySelectorAll(".dropdown-menu a").forEach((item) => add(group.querySelector("button").textContent.trim(), item))
			);
			return found;
		});
	},
	async press(key, group, label) {
		const { page } = pages.get(key);
		const exactly = new RegExp(`^\\s*${label}\\s*$`);
		const bar = page.locator(".page-head .custom-actions");
		if (group) {
			const menu = bar.locator(".inner-group-button", { has: page.locator("button", { hasText: new RegExp(`^\\s*${group}\\s*$`) }) });
			const entry = menu.locator(".dropdown-menu a", { hasText: exactly });
			// A form that is drawn anew closes the menu: a person opens it again.
			for (const end = Date.now() + PATIENCE; ; ) {
				if (!(await entry.isVisible())) await menu.locator("button").first().click();
				try {
					await entry.evaluate((entry) => {
						window.pressed = false;
						entry.addEventListener("click", () => (window.pressed = true), { capture: true, once: true });
					});
					return await entry.click({ timeout: 2_000 });
				} catch (error) {
					// On a busy machine the click may have come through although nobody confirmed it in time.
					if (await page.evaluate(() => window.pressed)) return;
					if (Date.now() > end) throw error;
				}
			}
		} else {
			await bar.locator("> button", { hasText: exactly }).click();
		}
	},
	// The dialog in front, once there is one whose title holds `title`.
	async dialog(key, title) {
		const { page } = pages.get(key);
		await page.waitForFunction((title) => window.cur_dialog && window.cur_dialog.$wrapper.text().includes(title), title);
		return page.evaluate(() => {
			const choices = (field) => (field.choices ? field.choices() : field.df.get_data ? field.df.get_data("") : field.df.options);
			const fields = Object.values(cur_dialog.fields_dict).filter((field) => field.df.fieldname);
			return {
				title: cur_dialog.$wrapper.find(".modal-title").text().trim(),
				fields: Object.fromEntries(
					fields.map((field) => [
						field.df.fieldname,
						{ type: field.df.fieldtype, label: field.df.label, value: field.get_value?.() ?? null, choices: choices(field) ?? null },
					])
				),
				text: cur_dialog.$wrapper.get(0).innerText.replace(/\s+/g, " ").trim(),
				html: cur_dialog.$wrapper.find(".modal-body").html(),
			};
		});
	},
	async fill(key, values) {
		await pages.get(key).page.evaluate(async (values) => {
			for (const [name, value] of Object.entries(values)) await cur_dialog.set_value(name, value);
		}, values);
	},
	// Presses the dialog's own button, or another one by its label.
	async submit(key, label) {
		const { page } = pages.get(key);
		if (label) await page.locator(OPEN_DIALOG).last().locator("button", { hasText: label }).click();
		else await page.evaluate(() => cur_dialog.get_primary_btn().trigger("click"));
	},
	async dismiss(key) {
		await pages.get(key).page.evaluate(() => cur_dialog.hide());
	},
	// Waits for words on the screen: in a message, an alert, or the dashboard.
	async until(key, words) {
		const places = ".msgprint, .desk-alert, .form-dashboard, .modal.show, .form-message";
		const { page } = pages.get(key);
		const said = () => page.locator(places).evaluateAll((all) => all.map((one) => one.textContent.replace(/\s+/g, " ").trim()));
		try {
			await page.waitForFunction(
				([places, words]) => [...document.querySelectorAll(places)].some((one) => one.textContent.replace(/\s+/g, " ").includes(words)),
				[places, words]
			);
		} catch {
			throw new Error(`"${words}" was not said, but ${JSON.stringify(await said())}`);
		}
	},
	// All that is said just now.
	async said(key) {
		const sheet = pages.get(key);
		await sheet.idle();
		const texts = (selector) => sheet.page.locator(selector).evaluateAll(text_of);
		return {
			messages: await texts(".msgprint"),
			alerts: await texts(".desk-alert"),
			overview: await texts(".github-overview"),
			headline: await texts(".form-message"),
		};
	},
	async save(key) {
		const sheet = pages.get(key);
		// The desk's promise stays open where it refuses, and where a field is missing it does not even say that it did.
		await sheet.page.evaluate(() => {
			const ended = new Promise((done) => cur_frm.save("Save", done, null, done));
			return Promise.race([ended, new Promise((done) => setTimeout(done, 3000))]);
		});
		await sheet.idle();
		return sheet.page.evaluate(() => ({ dirty: cur_frm.is_dirty(), name: cur_frm.docname, modified: cur_frm.doc.modified }));
	},
	async set(key, values) {
		await pages.get(key).page.evaluate((values) => cur_frm.set_value(values), values);
	},
	async value(key, field) {
		const sheet = pages.get(key);
		await sheet.idle();
		return sheet.page.evaluate((field) => cur_frm.doc[field] ?? null, field);
	},
	eval: (key, code) => pages.get(key).page.evaluate(code),
	// Waits until an expression is true in the page.
	async holds(key, code) {
		const { page } = pages.get(key);
		// A page of ours lets no script run but its own: it is asked from outside, again and again.
		const is_ours = () => Boolean(document.body && document.body.dataset.kind);
		if (!(await page.evaluate(is_ours).catch(() => true))) return void (await page.waitForFunction(code));
		let why = "";
		const holds = () => page.evaluate(code).catch((error) => void (why = error.message));
		for (const end = Date.now() + PATIENCE; !(await holds()); ) {
			if (Date.now() > end) throw new Error(`${code} did not come true at ${page.url()} ${why}`);
			await page.waitForTimeout(30);
		}
	},
	shot: (key, path) => pages.get(key).page.screenshot({ path }),
	// What the service answered, and what broke in the page, since the last time.
	trail(key) {
		const sheet = pages.get(key);
		const { answers, problems } = sheet;
		Object.assign(sheet, { answers: [], problems: [] });
		return { answers, problems };
	},
};

const lines = createInterface({ input: process.stdin });
lines.on("line", async (line) => {
	const { id, page, verb, args } = JSON.parse(line);
	let answer;
	try {
		answer = { id, ok: (await verbs[verb](page, ...args)) ?? null };
	} catch (error) {
		answer = { id, error: String(error && error.message).split("\n").slice(0, 12).join(" ") };
	}
	process.stdout.write(`${JSON.stringify(answer)}\n`);
});
lines.on("close", async () => {
	await browser.close();
	process.exit(0);
});

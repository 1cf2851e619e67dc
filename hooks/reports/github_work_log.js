// The report GitHub Work Log: its filters and its chart.

(function () {
	"use strict";

	const REPORT = "GitHub Work Log";
	const KINDS = [
		["commits", __("Commits")],
		["pull_requests", __("Pull Requests")],
		["reviews", __("Reviews")],
		["issues", __("Issues")],
		["comments", __("Comments")],
	];

	// The statement needs each of its filters, and the desk sends those alone that have a value. For % it sends none, and so it does in the filters of
	// an Auto Email Report, which begin with what is given here.
	const NONE = "%";
	const OPTIONAL = ["project", "person"];

	// On the page an optional filter is empty until somebody fills it. In the address of a page that is opened anew, none is called null.
	function empty(filter) {
		const typed = filter.get_value.bind(filter);
		if ([NONE, "null"].includes(typed())) filter.set_input("");
		filter.get_value = () => typed() || NONE;
	}

	// One bar a day, made of what everybody did.
	function chart(rows) {
		const days = [...new Set(rows.map((row) => row.date).filter(Boolean))].sort();
		if (!days.length) return undefined;
		const sum = (day, kind) =>
			rows.filter((row) => row.date === day).reduce((total, row) => total + (Number(row[kind]) || 0), 0);
		return {
			type: "bar",
			barOptions: { stacked: 1 },
			// A label for as many days as there is room for, instead of all of them cut off.
			axisOptions: { xIsSeries: 1 },
			data: {
				labels: days.map((day) => frappe.datetime.str_to_user(day)),
				datasets: KINDS.map(([kind, name]) => ({ name, values: days.map((day) => sum(day, kind)) })),
			},
		};
	}

	frappe.query_reports[REPORT] = {
		filters: [
			{
				fieldname: "from_date",
				label: __("From"),
				fieldtype: "Date",
				reqd: 1,
				default: frappe.datetime.add_days(frappe.datetime.get_today(), -30),
			},
			{
				fieldname: "to_date",
				label: __("To"),
				fieldtype: "Date",
				reqd: 1,
				default: frappe.datetime.get_today(),
			},
			{
				fieldname: "project",
				label: __("Project"),
				fieldtype: "Link",
				options: "Project",
				default: NONE,
				// Nothing is called %.
				ignore_link_validation: true,
			},
			{
				fieldname: "person",
				label: __("User, Name or GitHub Login"),
				fieldtype: "Data",
				default: NONE,
			},
		],
		onload(report) {
			OPTIONAL.forEach((name) => empty(report.get_filter(name)));
			report.page.add_inner_message(
				__("Commits are kept for as many days as Keep Commits (Days) in GitHub Settings says; days before that count none.")
			);
		},
		// The last row is the total, which has no day.
		get_chart_data: (columns, rows) => chart(rows || []),
	};
})();

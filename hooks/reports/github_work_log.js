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

	// The desk sends filters that have a value, and the statement needs all of them: what may stay empty has a hidden one beside it, whose % the
	// desk sends as nothing.
	const optional = (fieldname) => (report) => {
		const value = String(report.get_filter_value(fieldname) || "").trim();
		report.get_filter(`of_${fieldname}`).value = value || "%";
		if (!report._no_refresh) report.refresh(true);
	};
	const beside = (fieldname) => ({ fieldname: `of_${fieldname}`, fieldtype: "Data", hidden: 1, default: "%" });

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
				on_change: optional("project"),
			},
			beside("project"),
			{
				fieldname: "person",
				label: __("User, Name or GitHub Login"),
				fieldtype: "Data",
				on_change: optional("person"),
			},
			beside("person"),
		],
		onload: (report) =>
			report.page.add_inner_message(
				__("Commits are kept for as many days as Keep Commits (Days) in GitHub Settings says; days before that count none.")
			),
		// The last row is the total, which has no day.
		get_chart_data: (columns, rows) => chart(rows || []),
	};
})();

// Buttons for what the GitHub App may lack a permission for: greyed then, with the reason and the page that mends it.

// A button as any other; where there is a `lack`, pressing it says that.
function work_button(frm, label, group, action, lack) {
	if (!lack) return button(frm, label, group, action);
	const made = button(frm, label, group, () => say_lack(lack));
	if (made) made.addClass("text-muted github-greyed").css("opacity", 0.6).attr("title", lack.reason);
	return made;
}

function say_lack({ reason, link: page }) {
	say(`${esc(reason)}${page ? ` ${link(page, __("Mend it on GitHub"))}` : ""}`, "orange");
}

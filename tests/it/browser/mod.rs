//! The forms in a real Chromium: what each button asks, calls, shows and refuses.
//!
//! A scenario is played on the desk for tests (`tests/browser/desk`), before a mirrored site and the running sidecar. Those that
//! need nothing of the fake GitHub are played on a real desk as well, where `DESK_URL`, `DESK_USER` and `DESK_PASSWORD` name one.
//! What an ordinary user meets there is asked as `DESK_READER`.

mod admin;
mod app_not_made;
mod app_setup;
mod bench;
mod by_hand;
mod by_rest;
mod chromium;
mod connecting;
mod erp;
mod events;
mod everywhere;
mod from_nothing;
mod front;
mod greyed;
mod installation_form;
mod installations;
mod installing;
mod lending;
mod lists;
mod many;
mod mid_run;
mod names;
mod own_name;
mod projects;
mod readable;
mod reader;
mod reading;
mod real;
mod releases;
mod rights;
mod stage;
mod syncing;
mod tasks;
mod tested;
mod way;
mod way_back;
mod webhooks;
mod wizard;
mod work_log;
mod work_log_report;
mod writing;
mod wrong_ends;

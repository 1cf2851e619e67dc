//! A progress bar on a terminal.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressState, ProgressStyle};

use crate::telemetry::Reporter;

/// How often the bar is drawn while nothing happens, so that its spinner and times move.
const TICK: Duration = Duration::from_millis(200);
/// With a known total.
const COUNTED: &str = "{msg} [{wide_bar}] {human_pos}/{human_len} {rate:>7} {eta:>4} left";
/// Without one.
const OPEN: &str = "{spinner} {msg} {human_pos} {rate} {elapsed}";

/// Shows one bar at a time; what is finished stays as a line above.
pub(super) struct Bar {
    bars: MultiProgress,
    current: Mutex<Option<ProgressBar>>,
}

impl Bar {
    pub(super) fn new(bars: MultiProgress) -> Self {
        Self {
            bars,
            current: Mutex::default(),
        }
    }

    fn replace(&self, next: Option<ProgressBar>) {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(ended) = std::mem::replace(&mut *current, next) {
            // Asked first: a bar that is finished says that all of its length was done.
            let pace = super::pace::Pace {
                what: ended.message(),
                done: ended.position(),
                total: ended.length(),
            };
            let line = pace.last_line(ended.elapsed());
            ended.finish_and_clear();
            // A terminal that is gone needs no line.
            let _closed = self.bars.println(line);
        }
    }

    fn with(&self, work: impl FnOnce(&ProgressBar)) {
        if let Some(bar) = &*self.current.lock().unwrap_or_else(PoisonError::into_inner) {
            work(bar);
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    // Both templates are constants of this file, and a test reads them; the plain bar is a sane answer all the same.
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    // The library's own shows as many digits as a number has.
    style.with_key("rate", |state: &ProgressState, text: &mut dyn std::fmt::Write| {
        let _full = write!(text, "{:.0}/s", state.per_sec());
    })
}

impl Reporter for Bar {
    fn started(&self, total: Option<u64>, what: &str) {
        let bar = match total {
            Some(total) => ProgressBar::new(total).with_style(style(COUNTED)),
            None => ProgressBar::no_length().with_style(style(OPEN)),
        };
        let bar = bar.with_message(what.to_owned());
        self.replace(None);
        let bar = self.bars.add(bar);
        bar.enable_steady_tick(TICK);
        self.replace(Some(bar));
    }

    fn expects(&self, total: u64) {
        self.with(|bar| {
            bar.set_length(total);
            bar.set_style(style(COUNTED));
        });
    }

    fn advanced(&self, count: u64) {
        self.with(|bar| bar.inc(count));
    }

    fn message(&self, text: &str) {
        let _closed = self.bars.println(text);
    }

    fn finished(&self) {
        self.replace(None);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.replace(None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_templates_can_be_read() {
        for template in [COUNTED, OPEN] {
            assert!(ProgressStyle::with_template(template).is_ok(), "{template}");
        }
    }
}

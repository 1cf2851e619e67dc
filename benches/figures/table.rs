//! The table, a row as soon as it is known, in the form that Markdown understands.

/// How a row stands to its bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The bar is met.
    Met,
    /// It is not.
    Missed,
    /// There is none: a floor, or a figure that explains another one.
    NoBar,
}

impl Verdict {
    /// Met where it holds.
    pub(crate) fn of(holds: bool) -> Self {
        if holds { Self::Met } else { Self::Missed }
    }
}

/// A row.
pub(crate) struct Line {
    /// What was measured.
    pub(crate) what: String,
    /// The median, with its unit.
    pub(crate) measured: String,
    /// What is wanted.
    pub(crate) bar: String,
    /// How often the floor fits in, where there is one.
    pub(crate) to_floor: Option<f64>,
    /// Whether it is enough.
    pub(crate) verdict: Verdict,
}

impl Line {
    /// A row with a bar.
    pub(crate) fn new(what: impl Into<String>, measured: impl Into<String>, bar: impl Into<String>, holds: bool) -> Self {
        Self {
            what: what.into(),
            measured: measured.into(),
            bar: bar.into(),
            to_floor: None,
            verdict: Verdict::of(holds),
        }
    }

    /// A row without one.
    pub(crate) fn told(what: impl Into<String>, measured: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            measured: measured.into(),
            bar: String::new(),
            to_floor: None,
            verdict: Verdict::NoBar,
        }
    }

    /// The same, beside the floor that it is compared with.
    pub(crate) fn beside(self, ratio: f64) -> Self {
        Self {
            to_floor: Some(ratio),
            ..self
        }
    }

    /// Prints it.
    pub(crate) fn print(self) {
        let ratio = self.to_floor.map(|ratio| format!("{ratio:.2}")).unwrap_or_default();
        let verdict = match self.verdict {
            Verdict::Met => "met",
            Verdict::Missed => "MISSED",
            Verdict::NoBar => "",
        };
        row([&self.what, &self.measured, &self.bar, &ratio, verdict]);
    }
}

/// Prints the head.
pub(crate) fn head() {
    row(["what", "measured", "bar", "to floor", ""]);
    row(["---", "---", "---", "---", "---"]);
}

fn row([what, measured, bar, ratio, verdict]: [&str; 5]) {
    println!("| {what:<62} | {measured:<34} | {bar:<18} | {ratio:>8} | {verdict:<6} |");
}

/// The one in the middle; of an even number the upper one.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// A count as a number to reckon with.
#[expect(clippy::cast_precision_loss, reason = "figures for people")]
pub(crate) fn float(count: u64) -> f64 {
    count as f64
}

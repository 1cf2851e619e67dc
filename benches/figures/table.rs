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
    /// What the same work takes at least, in words, and how often that fits in; where there is such a floor.
    pub(crate) floor: Option<(String, f64)>,
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
            floor: None,
            verdict: Verdict::of(holds),
        }
    }

    /// A row without one.
    pub(crate) fn told(what: impl Into<String>, measured: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            measured: measured.into(),
            bar: String::new(),
            floor: None,
            verdict: Verdict::NoBar,
        }
    }

    /// The same, beside the floor that it is compared with.
    pub(crate) fn beside(self, floor: impl Into<String>, ratio: f64) -> Self {
        Self {
            floor: Some((floor.into(), ratio)),
            ..self
        }
    }

    /// Prints it.
    pub(crate) fn print(self) {
        let (floor, ratio) = self
            .floor
            .map_or_else(Default::default, |(floor, ratio)| (floor, format!("{ratio:.2}")));
        let verdict = match self.verdict {
            Verdict::Met => "met",
            Verdict::Missed => "MISSED",
            Verdict::NoBar => "",
        };
        row([&self.what, &self.bar, &self.measured, &floor, &ratio, verdict]);
    }
}

/// Prints the head.
pub(crate) fn head() {
    row(["what", "bar", "measured", "floor", "ratio", ""]);
    row(["---"; 6]);
}

fn row([what, bar, measured, floor, ratio, verdict]: [&str; 6]) {
    println!("| {what:<62} | {bar:<8} | {measured:<34} | {floor:<26} | {ratio:>5} | {verdict:<6} |");
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

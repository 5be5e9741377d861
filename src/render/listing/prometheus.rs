//! For the textfile collector: one gauge a result, not-a-number while unknown,
//! so that an alert on `== 1` or on `== 0` never takes silence for an answer.

use super::{Format, Row, Summary};

#[derive(Default)]
pub(crate) struct Prometheus;

fn label(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

impl Format for Prometheus {
    fn head(&mut self) -> String {
        "# HELP mailvet_blocklist_listed 1 listed, 0 not listed, NaN unknown.\n\
         # TYPE mailvet_blocklist_listed gauge\n"
            .to_owned()
    }

    fn rows(&mut self, rows: &[Row]) -> String {
        let mut out = String::new();
        for row in rows {
            let value = match row.outcome {
                "listed" => "1",
                "clean" => "0",
                _ => "NaN",
            };
            out.push_str(&format!(
                "mailvet_blocklist_listed{{subject=\"{}\",zone=\"{}\",weight=\"{}\"}} {value}\n",
                label(&row.subject),
                label(&row.zone),
                row.weight
            ));
        }
        out
    }

    fn tail(&mut self, summary: &Summary) -> String {
        let mut out = String::from(
            "# HELP mailvet_blocklist_healthy 1 if the list answers its test points properly.\n\
             # TYPE mailvet_blocklist_healthy gauge\n",
        );
        for list in &summary.lists {
            let healthy = u8::from(list.state == "healthy");
            out.push_str(&format!(
                "mailvet_blocklist_healthy{{zone=\"{}\",state=\"{}\"}} {healthy}\n",
                label(&list.zone),
                list.state
            ));
        }
        for (outcome, count) in
            [("listed", summary.listed), ("clean", summary.clean), ("unknown", summary.unknown)]
        {
            if outcome == "listed" {
                out.push_str("# HELP mailvet_blocklist_results Results by outcome.\n");
                out.push_str("# TYPE mailvet_blocklist_results gauge\n");
            }
            out.push_str(&format!("mailvet_blocklist_results{{outcome=\"{outcome}\"}} {count}\n"));
        }
        out.push_str(&format!(
            "# HELP mailvet_blocklist_checked_timestamp_seconds When it was asked.\n\
             # TYPE mailvet_blocklist_checked_timestamp_seconds gauge\n\
             mailvet_blocklist_checked_timestamp_seconds {}\n",
            summary.taken_at
        ));
        out
    }
}

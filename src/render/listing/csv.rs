//! A row a result, for spreadsheets; no field can become a formula.

use super::{Format, Row, Summary};
use crate::render::escape;

#[derive(Default)]
pub(crate) struct Csv;

impl Format for Csv {
    fn head(&mut self) -> String {
        "subject,zone,outcome,code,meaning,weight,delist,reason\r\n".to_owned()
    }

    fn rows(&mut self, rows: &[Row]) -> String {
        let mut out = String::new();
        for row in rows {
            let optional = |text: &Option<String>| text.clone().unwrap_or_default();
            let fields = [
                row.subject.clone(),
                row.zone.clone(),
                row.outcome.to_owned(),
                optional(&row.code),
                optional(&row.meaning.clone().or(row.credit.clone())),
                row.weight.to_owned(),
                optional(&row.delist),
                optional(&row.reason),
            ];
            out.push_str(&fields.map(|field| escape::csv(&field)).join(","));
            out.push_str("\r\n");
        }
        out
    }

    fn tail(&mut self, _: &Summary) -> String {
        String::new()
    }
}

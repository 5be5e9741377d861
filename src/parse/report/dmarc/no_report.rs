//! Why a document that ought to be an aggregate report is none.

/// Elements within each other; the schema needs five.
pub(super) const DEEPEST: usize = 32;

/// Why a document is no report.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoReport {
    /// No bytes, or white space alone.
    #[error("the file is empty")]
    Empty,
    /// A document type declaration, which is not read: entities could expand without bound.
    #[error("it declares a DTD, which no DMARC report needs and which could hide an entity bomb: not read")]
    Dtd,
    /// XML of another kind.
    #[error("there is no <feedback> element: no DMARC aggregate report")]
    NoFeedback,
    /// Markup broken so early that nothing could be read, and how.
    #[error("the XML breaks before any report_metadata or record: {0}")]
    Broken(String),
    /// A report without anything in it.
    #[error("<feedback> has neither report_metadata nor a record")]
    Hollow,
    /// Nested deeper than any report.
    #[error("elements are nested more than {DEEPEST} deep")]
    Deep,
}

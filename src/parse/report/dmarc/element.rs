//! The elements of a report that are read, whatever their namespace and case.

macro_rules! elements {
    ($($variant:ident $name:literal $(| $other:literal)*,)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Element { $($variant,)* Other }

        impl Element {
            /// By the name without its namespace prefix.
            pub(super) fn of(name: &str) -> Element {
                match name.to_ascii_lowercase().as_str() {
                    $($name $(| $other)* => Element::$variant,)*
                    _ => Element::Other,
                }
            }
        }
    };
}

elements! {
    Feedback "feedback",
    ReportMetadata "report_metadata",
    OrgName "org_name",
    Email "email",
    ReportId "report_id",
    Begin "begin",
    End "end",
    Error "error",
    PolicyPublished "policy_published",
    Domain "domain",
    P "p",
    Sp "sp",
    Np "np",
    Adkim "adkim",
    Aspf "aspf",
    Pct "pct",
    Fo "fo",
    Testing "testing",
    DiscoveryMethod "discovery_method",
    Record "record",
    SourceIp "source_ip",
    Count "count",
    PolicyEvaluated "policy_evaluated",
    Disposition "disposition",
    Dkim "dkim",
    Spf "spf",
    Reason "reason",
    Type "type",
    // The drafts of 2011 wrote identities.
    Identifiers "identifiers" | "identities",
    HeaderFrom "header_from",
    EnvelopeFrom "envelope_from",
    AuthResults "auth_results",
    Selector "selector",
    Result "result",
}

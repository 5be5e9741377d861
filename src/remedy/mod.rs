//! From findings to what to publish: one edit per name and type that settles all
//! that can be settled together, evaluated by the same engines before it is shown.
//! Pure. A remedy that fails its proof is not shown as a record; why is said.

mod dkim;
mod dmarc;
mod draft;
mod mx;
mod others;
mod place;
mod plan;
mod policy_file;
mod proof;
mod public;
mod spf;
mod spf_improve;
mod spf_named;
mod text_record;
pub(crate) mod zone_edit;

pub use plan::{After, Planned, plan};

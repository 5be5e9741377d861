//! Embedded catalogues and their loaders. Imports only the model; decides nothing.

pub(crate) mod appeals;
pub(crate) mod blocklists;
pub(crate) mod brands;
pub(crate) mod client_support;
pub(crate) mod exchangers;
pub(crate) mod extensions;
pub(crate) mod feedback_loops;
pub(crate) mod house_words;
pub(crate) mod letter_pairs;
pub(crate) mod link_hosts;
pub(crate) mod lures;
pub mod phrases;
pub(crate) mod playbooks;
pub mod receivers;
pub(crate) mod schemes;
pub(crate) mod settings;
pub(crate) mod sign_in;
pub(crate) mod smtp_replies;
pub(crate) mod smtp_senses;
pub(crate) mod smtp_words;
pub(crate) mod spam_weights;
pub(crate) mod special_addresses;
pub mod unsubscribe_words;
pub(crate) mod warmup;

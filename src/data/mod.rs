//! Embedded catalogues and their loaders. Imports only the model; decides nothing.

pub mod blocklists;
pub mod brands;
pub mod client_support;
pub mod exchangers;
pub mod extensions;
pub mod letter_pairs;
pub mod link_hosts;
pub mod lures;
pub mod phrases;
pub mod playbooks;
pub mod receivers;
pub mod sign_in;
pub mod smtp_replies;
pub mod smtp_senses;
pub mod spam_weights;
pub mod special_addresses;
pub mod unsubscribe_words;
pub mod warmup;

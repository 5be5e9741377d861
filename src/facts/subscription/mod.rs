//! The ways out of a subscription: the List-Unsubscribe header, links in the body, and
//! what a one-click request was answered. Must not judge.

pub(crate) mod one_click;
pub mod unsubscribe;

//! The ways out of a subscription: the List-Unsubscribe header, links in the body, what a one-click
//! request was answered; and the postal address beside them. Must not judge.

pub(crate) mod one_click;
pub(crate) mod postal_address;
pub mod unsubscribe;

//! Access, over the real routes and a real database: who is let in, and who is not.

mod room;
mod table;
mod documented;
mod oidc;
mod sign_in;
mod small_groups;
mod attacks;
mod headers;
mod expiry;
mod managing;

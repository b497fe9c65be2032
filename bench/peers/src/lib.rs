//! sea-orm and toasty.

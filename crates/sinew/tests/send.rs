//! The futures of operations can be sent to another thread.

#![allow(missing_docs)]

use std::future::IntoFuture;

use sinew::prelude::*;
use sinew_suite::docs::{Order, User};

#[tokio::test]
async fn a_future_is_send() -> sinew::Result<()> {
    fn send<T: Send>(value: T) -> T {
        value
    }
    let db = Db::connect("sqlite::memory:").await?;
    let mut ada = User::default();
    drop(send(
        db.update(&mut ada).set(User::name.to("x")).into_future(),
    ));
    drop(send(
        db.delete(&mut ada)
            .with(User::orders.with(Order::items))
            .into_future(),
    ));
    drop(send(db.restore(&mut ada).into_future()));
    drop(send(db.find::<User>().delete().into_future()));
    drop(send(
        db.find::<User>().first_or_create(|_| {}).into_future(),
    ));
    Ok(())
}

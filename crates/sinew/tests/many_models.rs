//! Applications with many models: associations that lead from one to the next, all the way round, are
//! no work for the compiler's recursion.

#![allow(missing_docs)]

use sinew::prelude::*;

/// Each belongs to the second and has many of the third.
macro_rules! ring {
    ($($model:ident $next:ident $after:ident;)*) => {$(
        #[derive(Model, Clone, Debug, Default)]
        pub struct $model {
            pub id: i64,
            pub next_id: Option<i64>,
            pub next: BelongsTo<Option<$next>>,
            pub before_id: Option<i64>,
            #[model(foreign_key = before_id)]
            pub after: HasMany<$after>,
        }
    )*};
}

ring! {
    M0 M1 M2; M1 M2 M3; M2 M3 M4; M3 M4 M5; M4 M5 M6;
    M5 M6 M7; M6 M7 M8; M7 M8 M9; M8 M9 M10; M9 M10 M11;
    M10 M11 M12; M11 M12 M13; M12 M13 M14; M13 M14 M15; M14 M15 M16;
    M15 M16 M17; M16 M17 M18; M17 M18 M19; M18 M19 M20; M19 M20 M21;
    M20 M21 M22; M21 M22 M23; M22 M23 M24; M23 M24 M25; M24 M25 M26;
    M25 M26 M27; M26 M27 M28; M27 M28 M29; M28 M29 M30; M29 M30 M31;
    M30 M31 M32; M31 M32 M33; M32 M33 M34; M33 M34 M35; M34 M35 M36;
    M35 M36 M37; M36 M37 M38; M37 M38 M39; M38 M39 M40; M39 M40 M41;
    M40 M41 M42; M41 M42 M43; M42 M43 M44; M43 M44 M45; M44 M45 M46;
    M45 M46 M47; M46 M47 M48; M47 M48 M49; M48 M49 M50; M49 M50 M51;
    M50 M51 M52; M51 M52 M53; M52 M53 M54; M53 M54 M55; M54 M55 M56;
    M55 M56 M57; M56 M57 M58; M57 M58 M59; M58 M59 M0; M59 M0 M1;
}

#[tokio::test]
async fn sixty_models_in_a_ring_compile_and_work() -> sinew::Result<()> {
    // `Unpin` is what a build with optimizations asks.
    fn is_answered<T: Send + Sync + Unpin>() {}
    is_answered::<M0>();
    let db = Db::connect("sqlite::memory:").await?;
    db.auto_migrate(models![M0, M1, M2]).await?;
    let mut row = M0 {
        next: M1::default().into(),
        after: [M2::default(), M2::default()].into(),
        ..Default::default()
    };
    // Through a task, as a web handler would.
    let handle = db.clone();
    let row = tokio::spawn(async move {
        handle.create(&mut row).await?;
        handle.get::<M0>(row.id).preload(M0::after).await
    });
    let row = row.await.unwrap()?;
    assert_eq!((row.next_id, row.after.loaded()?.len()), (Some(1), 2));
    Ok(())
}

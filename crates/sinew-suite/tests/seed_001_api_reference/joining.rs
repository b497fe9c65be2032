//! "Joining Associations".

use sinew_suite::prelude::*;

use crate::shop::*;

fn company(user: &User) -> Result<Option<&str>> {
    Ok(user.company.loaded()?.map(|company| company.name.as_str()))
}

// Seed: B235 -- INNER JOIN with association
async fn left_and_inner(db: Db) -> Result<()> {
    customers(&db).await?;
    let counting = db.counting();
    let users = counting
        .find::<User>()
        .order_by(User::id.asc())
        .join(User::company)
        .await?;
    assert_eq!(counting.statements(), 1);
    assert_eq!(users.len(), 3);
    assert_eq!(
        (company(&users[0])?, company(&users[1])?),
        (Some("Acme Corp"), None)
    );
    let users = db.find::<User>().inner_join(User::company).await?;
    assert_eq!(users.len(), 1);
    assert_eq!(company(&users[0])?, Some("Acme Corp"));
    // A has-one is joined the same way.
    let users = db
        .find::<User>()
        .inner_join(User::profile)
        .order_by(User::id.asc())
        .await?;
    assert_eq!(users.len(), 2);
    assert_eq!(
        users[1].profile.loaded()?.map(|p| p.bio.as_str()),
        Some("Bob's")
    );
    Ok(())
}

// Seed: B244 -- Specify join conditions
async fn written_in_sql(db: Db) -> Result<()> {
    customers(&db).await?;
    let join = "LEFT JOIN companies ON companies.id = users.company_id";
    let users = db.find::<User>().join_sql(join).await?;
    assert_eq!(users.len(), 3);
    let acme = db
        .find::<User>()
        .join_sql(join)
        .filter(sql("companies.name = ?", ("Acme Corp",)));
    let acme = acme.await?;
    assert_eq!(
        acme.iter()
            .map(|user| user.name.as_str())
            .collect::<Vec<_>>(),
        ["Alice"]
    );
    Ok(())
}

// Seed: B241 -- Join with conditions
async fn with_conditions(db: Db) -> Result<()> {
    customers(&db).await?;
    db.association(&mut db.get::<User>(2).await?, User::company)
        .append(Company {
            name: "Umbrella".into(),
            ..Default::default()
        })
        .await?;
    let acme = || User::company.filter(Company::name.eq("Acme Corp"));
    let users = db
        .find::<User>()
        .join(acme())
        .order_by(User::id.asc())
        .await?;
    assert_eq!(users.len(), 3);
    assert_eq!(
        (company(&users[0])?, company(&users[1])?),
        (Some("Acme Corp"), None)
    );
    let users = db.find::<User>().inner_join(acme()).await?;
    assert_eq!(users.iter().map(|user| user.id).collect::<Vec<_>>(), [1]);
    Ok(())
}

// Seed: B235 -- Join nested associations
async fn to_many_rows_are_folded(db: Db) -> Result<()> {
    customers(&db).await?;
    let counting = db.counting();
    let users = counting
        .find::<User>()
        .join(User::orders.join(Order::items.join(Item::product)))
        .order_by(User::id.asc())
        .await?;
    assert_eq!(counting.statements(), 1);
    // Each user once, with everything below.
    assert_eq!(
        users.iter().map(|user| user.id).collect::<Vec<_>>(),
        [1, 2, 3]
    );
    assert_eq!(amounts(&users[0])?.len(), 3);
    let with_items = users[0]
        .orders
        .loaded()?
        .iter()
        .find(|order| order.amount > 150.0);
    let items = with_items.expect("the large order").items.loaded()?;
    assert_eq!(items.len(), 2);
    assert!(
        items
            .iter()
            .any(|item| item.product.loaded().is_ok_and(|p| p.name == "ink"))
    );
    assert_eq!(amounts(&users[1])?.len(), 7);
    assert!(users[2].orders.loaded()?.is_empty());
    Ok(())
}

suite![
    left_and_inner,
    written_in_sql,
    with_conditions,
    to_many_rows_are_folded
];

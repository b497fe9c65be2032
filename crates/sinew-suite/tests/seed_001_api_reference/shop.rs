//! The models that most sections of the reference use.

use sinew_suite::prelude::*;

#[derive(Model, Clone, Debug, Default)]
pub(crate) struct User {
    pub(crate) id: i64,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) deleted_at: DeletedAt,
    pub(crate) name: String,
    pub(crate) company_id: Option<i64>,
    pub(crate) company: BelongsTo<Option<Company>>,
    pub(crate) profile: HasOne<Profile>,
    pub(crate) orders: HasMany<Order>,
    #[model(join_table = "user_languages")]
    pub(crate) languages: ManyToMany<Language>,
}

#[derive(Model, Clone, Debug, Default)]
pub(crate) struct Company {
    pub(crate) id: i64,
    pub(crate) name: String,
}

#[derive(Model, Clone, Debug, Default)]
pub(crate) struct Profile {
    pub(crate) id: i64,
    pub(crate) user_id: Option<i64>,
    pub(crate) bio: String,
}

#[derive(Model, Clone, Debug, Default)]
pub(crate) struct Order {
    pub(crate) id: i64,
    pub(crate) updated_at: Timestamp,
    pub(crate) user_id: Option<i64>,
    pub(crate) amount: f64,
    pub(crate) items: HasMany<Item>,
}

#[derive(Model, Clone, Debug, Default)]
pub(crate) struct Item {
    pub(crate) id: i64,
    pub(crate) order_id: i64,
    pub(crate) product_id: i64,
    pub(crate) product: BelongsTo<Product>,
}

#[derive(Model, Clone, Debug, Default)]
pub(crate) struct Product {
    pub(crate) id: i64,
    pub(crate) name: String,
}

#[derive(Model, Clone, Debug, Default)]
pub(crate) struct Language {
    pub(crate) id: i64,
    pub(crate) name: String,
}

pub(crate) async fn tables(db: &Db) -> Result<()> {
    let models = models![User, Company, Profile, Order, Item, Product, Language];
    db.auto_migrate(models).await?;
    Ok(())
}

pub(crate) fn order(amount: f64) -> Order {
    Order {
        amount,
        ..Default::default()
    }
}

pub(crate) fn item(product: &str) -> Item {
    let product = Product {
        name: product.into(),
        ..Default::default()
    };
    Item {
        product: product.into(),
        ..Default::default()
    }
}

pub(crate) fn language(name: &str) -> Language {
    Language {
        name: name.into(),
        ..Default::default()
    }
}

pub(crate) fn alice() -> User {
    User {
        name: "Alice".into(),
        ..Default::default()
    }
}

pub(crate) fn bob() -> User {
    User {
        name: "Bob".into(),
        ..Default::default()
    }
}

/// Alice (Acme) with orders of 5, 100 and 200, the last of two items; Bob with seven orders of 10
/// to 70; both with a profile and languages; and Carol, with nothing.
pub(crate) async fn customers(db: &Db) -> Result<Vec<User>> {
    tables(db).await?;
    let mut languages = vec![language("English"), language("Spanish")];
    db.create(&mut languages).await?;
    let profile = |bio: &str| {
        Profile {
            bio: bio.into(),
            ..Default::default()
        }
        .into()
    };
    let large = Order {
        items: [item("pen"), item("ink")].into(),
        ..order(200.0)
    };
    let mut users = vec![
        User {
            company: Company {
                name: "Acme Corp".into(),
                ..Default::default()
            }
            .into(),
            profile: profile("Alice's"),
            orders: [order(5.0), order(100.0), large].into(),
            languages: languages.clone().into(),
            ..alice()
        },
        User {
            profile: profile("Bob's"),
            orders: (1..=7).map(|n| order(f64::from(n) * 10.0)).collect(),
            languages: [languages[0].clone()].into(),
            ..bob()
        },
        User {
            name: "Carol".into(),
            ..Default::default()
        },
    ];
    db.create(&mut users).await?;
    Ok(users)
}

/// The amounts of the orders that a user holds.
pub(crate) fn amounts(user: &User) -> Result<Vec<f64>> {
    Ok(user
        .orders
        .loaded()?
        .iter()
        .map(|order| order.amount)
        .collect())
}

/// The stored amounts of a user's orders, from the smallest.
pub(crate) async fn stored_amounts(db: &Db, user: i64) -> Result<Vec<f64>> {
    let sql = "SELECT amount FROM orders WHERE user_id = ? ORDER BY amount";
    let found: Vec<(f64,)> = db.query(sql, (user,)).await?;
    Ok(found.into_iter().map(|row| row.0).collect())
}

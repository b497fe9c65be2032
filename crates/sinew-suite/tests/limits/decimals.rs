//! Exact decimals: kept to the last digit, or refused.

use rust_decimal::Decimal;
use sinew_suite::prelude::*;

use crate::capabilities;
use crate::kept::kept;

fn decimals(texts: &[&str]) -> Vec<Decimal> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

kept! {
    fifteen_digits: Decimal = decimals(&[
        "-999999999999999", "-0.000000000000001", "0", "0.000000000000001", "0.1", "0.3", "1.10", "2.675",
        "123456789.012345", "99999999999999.9", "999999999999999",
    ]);
    whole: Decimal = decimals(&["-9223372036854775808", "9007199254740993.00", "9223372036854775807.0"]);
}

#[derive(Model, Clone, Debug, Default)]
struct Account {
    id: i64,
    #[model(precision = (28, 6))]
    balance: Decimal,
    rate: Option<Decimal>,
}

async fn more_digits_are_kept_or_refused(db: Db) -> Result<()> {
    db.auto_migrate(models![Account]).await?;
    let supported = capabilities(&db).long_decimals.supported;
    let digits = [
        "1234567890.123456",
        "-9007199254740993.000001",
        "9999999999999999999999.999999",
        "0.1000000000000001",
        "79228162514264337593543950335",
        "-79228162514264337593543950335",
        "0.0000000000000000000000000001",
    ];
    for text in digits {
        let rate: Decimal = text.parse().unwrap();
        let mut account = Account {
            rate: Some(rate),
            ..Default::default()
        };
        let created = db.create(&mut account).await;
        let found = db
            .find::<Account>()
            .filter(Account::rate.eq(rate))
            .count()
            .await;
        let listed = db
            .find::<Account>()
            .filter(Account::rate.is_in([Some(rate)]))
            .count()
            .await;
        // One digit, however far down, is kept by all.
        if supported || rate.normalize().mantissa().abs() < 1_000_000_000_000_000 {
            created?;
            assert_eq!(
                db.get::<Account>(account.id).await?.rate,
                Some(rate),
                "{text}"
            );
            assert_eq!((found?, listed?), (1, 1), "{text}");
        } else {
            let error = refused(created, ErrorKind::InvalidInput);
            assert!(
                error.to_string().contains("digits") && !error.to_string().contains(text),
                "{error}"
            );
            refused(found, ErrorKind::InvalidInput);
            refused(listed, ErrorKind::InvalidInput);
        }
        let stored = rows_where(&db, "accounts", "rate IS NOT NULL").await?;
        assert_eq!(
            stored,
            i64::from(
                db.get::<Account>(account.id.max(1))
                    .optional()
                    .await?
                    .is_some()
            )
        );
        db.execute("DELETE FROM accounts", ()).await?;
    }
    Ok(())
}

async fn sums_and_orders(db: Db) -> Result<()> {
    db.auto_migrate(models![Account]).await?;
    let account = |text: &str| Account {
        balance: text.parse().unwrap(),
        ..Default::default()
    };
    let mut accounts: Vec<_> = ["10", "9", "-1.5", "100.25", "0.000001"]
        .map(account)
        .into();
    db.create(&mut accounts).await?;
    let balances = db
        .find::<Account>()
        .order_by(Account::balance.asc())
        .pluck(Account::balance)
        .await?;
    assert_eq!(
        balances,
        decimals(&["-1.5", "0.000001", "9", "10", "100.25"])
    );
    let most = db.find::<Account>().max(Account::balance).await?;
    assert_eq!(most, Some("100.25".parse().unwrap()));
    Ok(())
}

suite![more_digits_are_kept_or_refused, sums_and_orders];

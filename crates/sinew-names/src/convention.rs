use crate::{plural, snake};

/// The table of a model: `CreditCard` is kept in `credit_cards`.
///
/// # Examples
/// ```
/// assert_eq!(sinew_names::table("CreditCard"), "credit_cards");
/// assert_eq!(sinew_names::table("Person"), "people");
/// ```
pub fn table(model: &str) -> String {
    plural(&snake(model))
}

/// The column that refers to column `key` of a model or association: `user_id`.
///
/// # Examples
/// ```
/// assert_eq!(sinew_names::join_column("User", "id"), "user_id");
/// assert_eq!(sinew_names::join_column("CreditCard", "number"), "credit_card_number");
/// ```
pub fn join_column(name: &str, key: &str) -> String {
    format!("{}_{key}", snake(name))
}

/// A name for the join table of two models: `user_languages`.
///
/// # Examples
/// ```
/// assert_eq!(sinew_names::join_table("User", "languages"), "user_languages");
/// ```
pub fn join_table(owner: &str, field: &str) -> String {
    format!("{}_{}", snake(owner), plural(&snake(field)))
}

/// The name of a foreign key constraint: `fk_<table>_<field>`, by the table of the model that
/// declares the association.
///
/// # Examples
/// ```
/// assert_eq!(sinew_names::foreign_key("users", "orders"), "fk_users_orders");
/// ```
pub fn foreign_key(table: &str, field: &str) -> String {
    join("fk", table, &[field])
}

/// The name of an index: `idx_<table>_<columns>`.
///
/// # Examples
/// ```
/// assert_eq!(sinew_names::index("users", &["last_name", "name"]), "idx_users_last_name_name");
/// ```
pub fn index(table: &str, columns: &[&str]) -> String {
    join("idx", table, columns)
}

/// The name of a unique constraint: `uni_<table>_<column>`.
///
/// # Examples
/// ```
/// assert_eq!(sinew_names::unique("users", "name"), "uni_users_name");
/// ```
pub fn unique(table: &str, column: &str) -> String {
    join("uni", table, &[column])
}

/// The name of a check constraint: `chk_<table>_<column>`.
///
/// # Examples
/// ```
/// assert_eq!(sinew_names::check("users", "age"), "chk_users_age");
/// ```
pub fn check(table: &str, column: &str) -> String {
    join("chk", table, &[column])
}

/// A qualified table, `app.users`, counts as `app_users`.
fn join(prefix: &str, table: &str, rest: &[&str]) -> String {
    let mut name = format!("{prefix}_{table}");
    for part in rest {
        name.push('_');
        name.push_str(part);
    }
    name.replace('.', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_snake_case_plurals() {
        for (model, expected) in [
            ("User", "users"),
            ("Company", "companies"),
            ("OrderItem", "order_items"),
            ("Sheep", "sheep"),
            ("HTTPServer", "http_servers"),
            ("UserLanguage", "user_languages"),
        ] {
            assert_eq!(table(model), expected);
        }
    }

    #[test]
    fn qualified_tables_give_plain_constraint_names() {
        assert_eq!(foreign_key("app.users", "orders"), "fk_app_users_orders");
    }
}

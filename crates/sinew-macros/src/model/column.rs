use quote::ToTokens;
use sinew_names::{Case, snake};
use syn::{Attribute, Ident, Lit, Type, Visibility};

use super::{Attrs, Errors};
use crate::parse::{Atom, Field, Literal, Value, is_named, option_inner, plain};

/// What Sinew does with a column by itself.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Created,
    Updated,
    Deleted,
}

/// A field that is a column.
pub(crate) struct Column {
    pub(crate) ident: Ident,
    pub(crate) vis: Visibility,
    pub(crate) docs: Vec<Attribute>,
    pub(crate) ty: Type,
    /// The field's name without `r#`.
    pub(crate) field: String,
    /// The column's name.
    pub(crate) name: String,
    /// Unique by itself, so that it can be referenced.
    pub(crate) unique: bool,
    pub(crate) role: Option<Role>,
    pub(crate) attrs: Attrs,
    /// Columns before it since the embedded struct before it.
    pub(crate) offset: usize,
    /// Which embedded struct stands before it.
    pub(crate) after: Option<usize>,
}

/// A field that is an embedded struct.
pub(crate) struct Embedded {
    pub(crate) ident: Ident,
    pub(crate) vis: Visibility,
    pub(crate) docs: Vec<Attribute>,
    pub(crate) ty: Type,
    pub(crate) field: String,
    pub(crate) prefix: String,
    pub(crate) attrs: Attrs,
    pub(crate) offset: usize,
    pub(crate) after: Option<usize>,
}

/// Types that hold a moment.
const MOMENTS: &[&str] = &[
    "Timestamp",
    "DateTime",
    "OffsetDateTime",
    "PrimitiveDateTime",
    "NaiveDateTime",
    "Zoned",
];

impl Column {
    pub(crate) fn read(
        field: &Field,
        attrs: Attrs,
        case: Option<Case>,
        errors: &mut Errors,
    ) -> Self {
        let plain_name = plain(&field.ident);
        let name = attrs.text("column").unwrap_or_else(|| {
            case.map_or_else(|| snake(&plain_name), |case| case.apply(&plain_name))
        });
        if name.is_empty() {
            errors.at(attrs.span("column"), "a column needs a name");
        }
        let column = Self {
            ident: field.ident.clone(),
            vis: field.vis.clone(),
            docs: field.docs.clone(),
            ty: field.ty.clone(),
            role: role(&plain_name, &field.ty, &attrs, errors),
            field: plain_name,
            name,
            unique: attrs.has("unique"),
            attrs,
            offset: 0,
            after: None,
        };
        column.check(errors);
        column
    }

    /// Whether the type says `Option<…>`.
    pub(crate) fn is_option(&self) -> bool {
        option_inner(&self.ty).is_some()
    }

    /// Whether the type is one that certainly is not nullable.
    pub(crate) fn is_certainly_required(&self) -> bool {
        const PLAIN: &[&str] = &[
            "i8",
            "i16",
            "i32",
            "i64",
            "u8",
            "u16",
            "u32",
            "u64",
            "bool",
            "String",
            "char",
            "Uuid",
            "Timestamp",
            "f32",
            "f64",
        ];
        is_named(&self.ty, PLAIN)
    }

    pub(crate) fn is_json(&self) -> bool {
        self.attrs.has("json")
    }

    pub(crate) fn is_key(&self) -> bool {
        self.attrs.has("primary_key")
    }

    fn check(&self, errors: &mut Errors) {
        if let Type::Reference(reference) = &self.ty {
            errors.tokens(
                reference,
                "a model owns its data: use `String` or `Vec<u8>` here",
            );
        }
        if self.is_key() && self.is_option() {
            let message = format!("the primary key `{}` cannot be an `Option`", self.field);
            errors.tokens(&self.ty, message);
        }
        if self.attrs.has("unique") && self.attrs.has("unique_index") {
            let span = self
                .attrs
                .get("unique_index")
                .map_or(self.ident.span(), |item| item.name.span());
            errors.at(span, "`unique` and `unique_index` say the same: keep one");
        }
    }

    /// The default as SQL.
    pub(crate) fn default_sql(&self) -> Option<String> {
        match &self.attrs.get("default")?.value {
            Value::Sql(text, _) => Some(text.value()),
            Value::One(Atom::Literal(literal)) => Some(literal_sql(literal)),
            Value::One(Atom::Word(word)) => Some(plain(word).to_uppercase()),
            _ => None,
        }
    }
}

/// A literal as SQL writes it.
fn literal_sql(literal: &Literal) -> String {
    let sign = if literal.negative { "-" } else { "" };
    match &literal.lit {
        Lit::Str(text) => quoted(&text.value()),
        Lit::Char(letter) => quoted(&letter.value().to_string()),
        Lit::Int(number) => format!("{sign}{}", number.base10_digits()),
        Lit::Float(number) => format!("{sign}{}", number.base10_digits()),
        Lit::Bool(truth) => truth.value.to_string().to_uppercase(),
        other => other.to_token_stream().to_string(),
    }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn role(name: &str, ty: &Type, attrs: &Attrs, errors: &mut Errors) -> Option<Role> {
    let inner = option_inner(ty).unwrap_or(ty);
    if is_named(inner, &["DeletedAt"]) {
        return Some(Role::Deleted);
    }
    if attrs.has("created_at") && attrs.has("updated_at") {
        let span = attrs
            .get("updated_at")
            .map_or_else(proc_macro2::Span::call_site, |i| i.name.span());
        errors.at(
            span,
            "a column is filled on create or at every write, not both: keep one",
        );
    }
    let by_type = is_named(inner, MOMENTS);
    if attrs.has("created_at") || (by_type && name == "created_at") {
        return Some(Role::Created);
    }
    if attrs.has("updated_at") || (by_type && name == "updated_at") {
        return Some(Role::Updated);
    }
    None
}

impl Embedded {
    pub(crate) fn read(field: &Field, attrs: Attrs, errors: &mut Errors) -> Self {
        if let Some(inner) = option_inner(&field.ty) {
            let message = "an embedded struct is always there: make its fields `Option`s instead";
            errors.tokens(inner, message);
        }
        Self {
            ident: field.ident.clone(),
            vis: field.vis.clone(),
            docs: field.docs.clone(),
            ty: field.ty.clone(),
            field: plain(&field.ident),
            prefix: attrs.text("prefix").unwrap_or_default(),
            attrs,
            offset: 0,
            after: None,
        }
    }
}

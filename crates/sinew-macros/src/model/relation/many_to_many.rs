use sinew_names::{join_table, singular, snake};
use syn::{Ident, Type};

use super::{Errors, Far, FarNames, Link, ManyToMany, OwnKey, OwnNames, Site};
use crate::parse::plain;

pub(super) fn read(site: &Site<'_>, target: Type, join: Option<Type>, errors: &mut Errors) -> Link {
    let table = site.attrs.text("join_table");
    check_table(site, table.as_deref(), join.as_ref(), errors);
    let own = site.own_key("foreign_key", errors);
    check_own(site, &own, errors);
    let far = site
        .attrs
        .words("references")
        .map_or(Far::Primary, Far::Fields);
    let own_names = own_names(site, &own, errors);
    let far_names = far_names(site, &target, &own, &far, errors);
    Link::ManyToMany(ManyToMany {
        target,
        join,
        table,
        own,
        own_names,
        far,
        far_names,
    })
}

fn check_table(site: &Site<'_>, table: Option<&str>, join: Option<&Type>, errors: &mut Errors) {
    match (table, join) {
        (None, None) if !site.attrs.has("join_table") => {
            let name = join_table(&plain(site.owner.ident), &plain(&site.field.ident));
            let message = format!(
                "`{}` needs a join table: say `#[model(join_table = \"{name}\")]`",
                site.name()
            );
            errors.at(site.span(), message);
        }
        (Some(""), _) => errors.at(site.attrs.span("join_table"), "a table needs a name"),
        (Some(_), Some(_)) => {
            let message = "the join model has a table of its own: remove `join_table`";
            errors.at(site.attrs.span("join_table"), message);
        }
        _ => {}
    }
}

/// A referenced column must be unique or a part of the primary key.
fn check_own(site: &Site<'_>, own: &OwnKey, errors: &mut Errors) {
    let (OwnKey::Columns(columns), Some(words)) = (own, site.attrs.words("foreign_key")) else {
        return;
    };
    let in_key =
        |at: usize| matches!(site.owner.key, super::Key::Columns(key) if key.contains(&at));
    for (&at, word) in columns.iter().zip(words) {
        if site
            .owner
            .columns
            .get(at)
            .is_some_and(|column| !column.unique)
            && !in_key(at)
        {
            let message = format!(
                "`{}::{word}` is neither unique nor in the primary key, so links cannot refer to it",
                site.owner.ident
            );
            errors.at(word.span(), message);
        }
    }
}

fn own_names(site: &Site<'_>, own: &OwnKey, errors: &mut Errors) -> OwnNames {
    if let Some(names) = site.attrs.texts("join_foreign_key") {
        if let OwnKey::Columns(columns) = own {
            let wanted = ("foreign_key", columns.len());
            site.same_length(("join_foreign_key", names.len()), wanted, errors);
        }
        return OwnNames::Given(names);
    }
    let owner = snake(&plain(site.owner.ident));
    match own {
        OwnKey::Columns(columns) => OwnNames::Convention(
            columns
                .iter()
                .filter_map(|&at| site.owner.columns.get(at))
                .map(|column| {
                    let field = site.ident(&format!("{owner}_{}", column.field));
                    (format!("{owner}_{}", column.name), field)
                })
                .collect(),
        ),
        OwnKey::Primary => OwnNames::Prefixed(owner),
    }
}

fn far_names(
    site: &Site<'_>,
    target: &Type,
    own: &OwnKey,
    far: &Far,
    errors: &mut Errors,
) -> FarNames {
    if let Some(names) = site.attrs.texts("join_references") {
        if let Far::Fields(fields) = far {
            let wanted = ("references", fields.len());
            site.same_length(("join_references", names.len()), wanted, errors);
        }
        return FarNames::Given(names);
    }
    let word = if site.is_self(target) {
        singular(&snake(&plain(&site.field.ident)))
    } else {
        snake(&last_ident(target).map_or_else(String::new, |ident| plain(&ident)))
    };
    let given = |names: Vec<String>| {
        FarNames::Given(names.into_iter().map(|name| (name, site.span())).collect())
    };
    match (far, own) {
        (Far::Fields(fields), _) => given(
            fields
                .iter()
                .map(|field| format!("{word}_{}", plain(field)))
                .collect(),
        ),
        (Far::Primary, OwnKey::Columns(columns)) if site.is_self(target) => {
            let own: Vec<_> = columns
                .iter()
                .filter_map(|&at| site.owner.columns.get(at))
                .collect();
            let clash = word == snake(&plain(site.owner.ident));
            let end = if clash { "_reference" } else { "" };
            given(
                own.iter()
                    .map(|column| format!("{word}_{}{end}", column.name))
                    .collect(),
            )
        }
        (Far::Primary, _) => FarNames::Prefixed(word),
    }
}

fn last_ident(ty: &Type) -> Option<Ident> {
    match ty {
        Type::Path(path) => path
            .path
            .segments
            .last()
            .map(|segment| segment.ident.clone()),
        Type::Group(group) => last_ident(&group.elem),
        Type::Paren(paren) => last_ident(&paren.elem),
        _ => None,
    }
}

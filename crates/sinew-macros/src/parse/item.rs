use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::spanned::Spanned;
use syn::{Attribute, Ident, Lit, LitStr, Meta, Token, parenthesized, token};

use crate::model::Errors;

/// One entry of an attribute: `unique`, `size = 100`, `index(columns(a, b))`.
#[derive(Clone)]
pub(crate) struct Item {
    pub(crate) name: Ident,
    pub(crate) value: Value,
}

impl Item {
    /// What to underline when the value is wrong.
    pub(crate) fn value_span(&self) -> Span {
        match &self.value {
            Value::Flag => self.name.span(),
            Value::One(atom) => atom.span(),
            Value::Tuple(_, span) | Value::Sql(_, span) => *span,
            Value::List(..) => self.name.span(),
        }
    }
}

/// What an entry says.
#[derive(Clone)]
pub(crate) enum Value {
    /// Nothing but its name.
    Flag,
    /// `= 100`, `= "name"`, `= cascade`.
    One(Atom),
    /// `= (a, b)`.
    Tuple(Vec<Atom>, Span),
    /// `= sql("now()")`.
    Sql(LitStr, Span),
    /// `(entries, "and literals")`.
    List(Vec<Item>, Vec<Atom>),
}

/// A word or a literal.
#[derive(Clone)]
pub(crate) enum Atom {
    Word(Ident),
    Literal(Literal),
}

impl Atom {
    pub(crate) fn span(&self) -> Span {
        match self {
            Self::Word(word) => word.span(),
            Self::Literal(literal) => literal.lit.span(),
        }
    }
}

/// A literal with its sign.
#[derive(Clone)]
pub(crate) struct Literal {
    pub(crate) negative: bool,
    pub(crate) lit: Lit,
}

/// The entries of all `#[name(…)]` among `attrs`. Broken ones are reported and left out.
pub(crate) fn items(attrs: &[Attribute], name: &str, errors: &mut Errors) -> Vec<Item> {
    let mut all = Vec::new();
    for attr in attrs.iter().filter(|attr| attr.path().is_ident(name)) {
        match &attr.meta {
            Meta::List(list) => {
                let parser = |input: ParseStream<'_>| Ok(entries(input, errors));
                match list.parse_args_with(parser) {
                    Ok((items, atoms)) => {
                        all.extend(items);
                        for atom in atoms {
                            errors.at(atom.span(), "expected the name of an attribute here");
                        }
                    }
                    Err(error) => errors.push(error),
                }
            }
            other => errors.at(
                other.span(),
                format!("write `#[{name}(…)]` with what you mean inside"),
            ),
        }
    }
    all
}

/// Reads entries up to the end; after a broken one, goes on behind the next comma.
fn entries(input: ParseStream<'_>, errors: &mut Errors) -> (Vec<Item>, Vec<Atom>) {
    let mut items = Vec::new();
    let mut atoms = Vec::new();
    while !input.is_empty() {
        let entry = if input.peek(Lit) || input.peek(Token![-]) {
            atom(input).map(Entry::Atom)
        } else {
            item(input, errors).map(Entry::Item)
        };
        match entry {
            Err(error) => errors.push(error),
            Ok(_) if !input.is_empty() && !input.peek(Token![,]) => {
                errors.push(input.error("expected `=`, `(…)` or a comma"));
            }
            Ok(Entry::Item(item)) => items.push(item),
            Ok(Entry::Atom(atom)) => atoms.push(atom),
        }
        skip_to_comma(input);
        let _: Option<Token![,]> = input.parse().unwrap_or_default();
    }
    (items, atoms)
}

/// One entry as it is read.
enum Entry {
    Item(Item),
    Atom(Atom),
}

fn skip_to_comma(input: ParseStream<'_>) {
    while !input.is_empty() && !input.peek(Token![,]) {
        let _: Result<proc_macro2::TokenTree, _> = input.parse();
    }
}

fn item(input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Item> {
    if !input.peek(Ident::peek_any) {
        return Err(input.error("expected the name of an attribute"));
    }
    let name = input.call(Ident::parse_any)?;
    let value = if input.peek(Token![=]) {
        input.parse::<Token![=]>()?;
        value(input)?
    } else if input.peek(token::Paren) {
        let inside;
        parenthesized!(inside in input);
        let (items, atoms) = entries(&inside, errors);
        Value::List(items, atoms)
    } else {
        Value::Flag
    };
    Ok(Item { name, value })
}

fn value(input: ParseStream<'_>) -> syn::Result<Value> {
    if input.peek(token::Paren) {
        let inside;
        let paren = parenthesized!(inside in input);
        let atoms = inside.parse_terminated(atom, Token![,])?;
        return Ok(Value::Tuple(atoms.into_iter().collect(), paren.span.join()));
    }
    let first = atom(input)?;
    match &first {
        Atom::Word(word) if input.peek(token::Paren) && word == "sql" => {
            let inside;
            parenthesized!(inside in input);
            let text: LitStr = inside.parse()?;
            if !inside.is_empty() {
                let error = inside.error("`sql(…)` takes one string");
                // What is left over would be an error of its own.
                let _: proc_macro2::TokenStream = inside.parse()?;
                return Err(error);
            }
            Ok(Value::Sql(text, word.span()))
        }
        _ => Ok(Value::One(first)),
    }
}

fn atom(input: ParseStream<'_>) -> syn::Result<Atom> {
    if input.peek(Token![-]) || input.peek(Lit) {
        let negative = input.parse::<Option<Token![-]>>()?.is_some();
        return Ok(Atom::Literal(Literal {
            negative,
            lit: input.parse()?,
        }));
    }
    if input.peek(Ident::peek_any) {
        return Ok(Atom::Word(input.call(Ident::parse_any)?));
    }
    Err(input.error("expected a word, a literal or a list of them in parentheses"))
}

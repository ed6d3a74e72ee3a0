//! Whether a `cfg` holds in a server's build: `test` does not, a feature does if it is on, everything else is taken to hold.

use proc_macro2::{TokenStream, TokenTree};

/// Whether the condition of an attribute holds; `None` for an attribute that is no `cfg`.
pub(super) fn holds(attribute: &TokenStream, features: &[String]) -> Option<bool> {
    let tokens: Vec<TokenTree> = attribute.clone().into_iter().collect();
    match tokens.as_slice() {
        [TokenTree::Ident(word), TokenTree::Group(condition)] if word == "cfg" => {
            Some(is_true(&condition.stream().into_iter().collect::<Vec<_>>(), features))
        }
        _ => None,
    }
}

fn is_true(condition: &[TokenTree], features: &[String]) -> bool {
    match condition {
        [TokenTree::Ident(word)] if word == "test" => false,
        [TokenTree::Ident(word), _, TokenTree::Literal(name)] if word == "feature" => {
            features.iter().any(|feature| format!("\"{feature}\"") == name.to_string())
        }
        [TokenTree::Ident(word), TokenTree::Group(inner)] => {
            let inner: Vec<TokenTree> = inner.stream().into_iter().collect();
            let mut parts = inner
                .split(|token| super::is_punct(token, ','))
                .filter(|part| !part.is_empty())
                .map(|part| is_true(part, features));
            match word.to_string().as_str() {
                "all" => parts.all(|part| part),
                "any" => parts.any(|part| part),
                "not" => !parts.any(|part| part),
                _ => true,
            }
        }
        _ => true,
    }
}

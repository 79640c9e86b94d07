//! By which variables the command reaches what it gets.

use super::handed::{self, Opener};
use super::variables::Variables;
use rustix::fd::OwnedFd;
use std::borrow::Cow;
use vault::Result;
use vault::item::{Deliver, Injectable};

/// An item and its variable.
pub struct Reached<'a> {
    pub variable: Cow<'a, str>,
    pub item: &'a Injectable,
    /// Of its file, if that is how the item is delivered.
    path: Option<Box<str>>,
}

impl<'a> Reached<'a> {
    /// What the variable holds.
    pub fn text(&self) -> &[u8] {
        match &self.path {
            Some(path) => path.as_bytes(),
            None => &self.item.value,
        }
    }

    /// The names under which no inherited variable reaches the command beside it.
    pub fn replaced(&self) -> Option<&'a str> {
        self.path.as_ref().map(|_| self.item.name.as_str())
    }

    /// The item by the name that the command sees. A file has none.
    pub fn seen(&self) -> Injectable {
        let name = if self.path.is_some() { self.item.name.clone() } else { (*self.variable).into() };
        Injectable { name, ..self.item.clone() }
    }
}

/// The items of a vault and, behind them, the variables of env files, which win. The files of items that are delivered so
/// are put among `descriptors`.
pub fn reach<'a>(
    items: impl Iterator<Item = &'a Injectable>,
    variables: &'a Variables<'_>,
    env_files: &'a [Injectable],
    opener: Opener,
    descriptors: &mut Vec<OwnedFd>,
) -> Result<Vec<Reached<'a>>> {
    let mut reached = Vec::with_capacity(items.size_hint().0 + env_files.len());
    for item in items {
        let (variable, mut path) = (variables.name_of(item.outline()), None);
        if item.deliver == Deliver::File {
            if env_files.iter().any(|other| *other.name == *variable) {
                continue;
            }
            let (file, place) = handed::file_of(item, opener)?;
            descriptors.push(file);
            path = Some(place.into_boxed_str());
        }
        reached.push(Reached { variable, item, path });
    }
    let others = env_files.iter();
    reached.extend(others.map(|item| Reached { variable: Cow::Borrowed(&*item.name), item, path: None }));
    Ok(reached)
}

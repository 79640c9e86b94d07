//! Compares the items of two contents.

use crate::item::{Content, Item, Outline};
use crate::name::{EnvironmentName, ItemName};
use crate::ordered::{InOrder as _, Ordered as _};
use std::collections::{BTreeMap, BTreeSet};

/// A property in which two versions of an item can differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// The name.
    Name,
    /// The value.
    Value,
    /// The kind of value.
    Kind,
    /// The note.
    Note,
    /// The tags, in any order.
    Tags,
    /// The service that issued the value.
    Provider,
    /// When the value expires.
    Expiry,
    /// After how long the value should be replaced.
    RotateAfter,
    /// How a program gets the value.
    Deliver,
    /// The variable that holds the value or the path of its file.
    Variable,
    /// The mark on a value that has to be replaced because somebody who knew it lost their right.
    Mark,
}

impl std::fmt::Display for Field {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Name => "name",
            Self::Value => "value",
            Self::Kind => "kind",
            Self::Note => "note",
            Self::Tags => "tags",
            Self::Provider => "provider",
            Self::Expiry => "expiry",
            Self::RotateAfter => "rotation",
            Self::Deliver => "delivery",
            Self::Variable => "variable",
            Self::Mark => "due",
        })
    }
}

/// A difference between the items of two sides.
#[derive(Debug, Clone)]
pub enum ItemDifference<'a> {
    /// Only the second side has it.
    Added(Outline<'a>),
    /// Only the first side has it.
    Removed(Outline<'a>),
    /// Both sides have the item, and it differs in these properties.
    Changed {
        /// The item on the first side.
        before: Outline<'a>,
        /// The item on the second side.
        after: Outline<'a>,
        /// The properties that differ; never empty.
        fields: Vec<Field>,
    },
}

impl<'a> ItemDifference<'a> {
    /// Returns the first side's item, if there is one.
    #[must_use]
    pub fn before(&self) -> Option<Outline<'a>> {
        match self {
            Self::Added(_) => None,
            Self::Removed(item) | Self::Changed { before: item, .. } => Some(*item),
        }
    }

    /// Returns the second side's item, if there is one.
    #[must_use]
    pub fn after(&self) -> Option<Outline<'a>> {
        match self {
            Self::Removed(_) => None,
            Self::Added(item) | Self::Changed { after: item, .. } => Some(*item),
        }
    }

    /// Returns the item's name, or the new name if it was renamed.
    #[must_use]
    pub fn name(&self) -> &'a ItemName {
        match self {
            Self::Added(item) | Self::Removed(item) | Self::Changed { after: item, .. } => item.name(),
        }
    }
}

/// Compares the items of two contents, each with its environment. The result is sorted by name. Items with the same id
/// form a pair, so that a renamed item is not a lost one; the others form pairs by name.
#[must_use]
pub fn items<'a>(
    (before_in, before): (&EnvironmentName, &'a Content),
    (after_in, after): (&EnvironmentName, &'a Content),
) -> Vec<ItemDifference<'a>> {
    let mut pairs = by_id((before_in, before), (after_in, after));
    let taken: BTreeSet<&ItemName> = pairs.values().map(|item| &item.name).ordered();
    let mut differences = Vec::new();
    for item in after.items().values().filter(|item| !taken.contains(&item.name)) {
        match before.items().get(&item.name).filter(|same| !pairs.contains_key(&same.name)) {
            Some(same) => drop(pairs.insert(&same.name, item)),
            None => differences.push(ItemDifference::Added(item.outline())),
        }
    }
    for item in before.items().values() {
        match pairs.get(&item.name) {
            None => differences.push(ItemDifference::Removed(item.outline())),
            Some(after) => {
                let fields = fields(item, after);
                if !fields.is_empty() {
                    differences.push(ItemDifference::Changed {
                        before: item.outline(),
                        after: after.outline(),
                        fields,
                    });
                }
            }
        }
    }
    differences.order_by_key(ItemDifference::name);
    differences
}

/// Maps the name of each item before to the item after that has the same id.
fn by_id<'a>(
    (before_in, before): (&EnvironmentName, &'a Content),
    (after_in, after): (&EnvironmentName, &'a Content),
) -> BTreeMap<&'a ItemName, &'a Item> {
    let mut known: BTreeMap<String, &Item> = after.items().values().map(|item| (item.id(after_in), item)).ordered();
    let mut pairs = BTreeMap::new();
    for item in before.items().values() {
        if let Some(same) = known.remove(&item.id(before_in)) {
            pairs.insert(&item.name, same);
        }
    }
    pairs
}

/// Returns the properties in which two versions of an item differ.
#[must_use]
pub fn fields(before: &Item, after: &Item) -> Vec<Field> {
    let (old, new) = (&before.metadata, &after.metadata);
    let is_same_value = before.current.value == after.current.value;
    let tags = |item: &'_ Item| item.metadata.tags.iter().cloned().ordered::<BTreeSet<String>>();
    // A new value has no mark, so a missing mark says no more than the changed value does.
    let is_mark_same = before.current.rotate_due == after.current.rotate_due;
    let differs = [
        (Field::Name, before.name != after.name),
        (Field::Value, !is_same_value),
        (Field::Kind, old.kind != new.kind),
        (Field::Note, old.note != new.note),
        (Field::Tags, tags(before) != tags(after)),
        (Field::Provider, old.provider != new.provider),
        (Field::Expiry, old.expires_at != new.expires_at),
        (Field::RotateAfter, old.rotate_after != new.rotate_after),
        (Field::Deliver, old.deliver != new.deliver),
        (Field::Variable, old.variable != new.variable),
        (Field::Mark, is_same_value && !is_mark_same),
    ];
    differs.into_iter().filter(|(_, differs)| *differs).map(|(field, _)| field).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::{Deliver, Kind, Metadata};
    use crate::name::{UserName, VariableName};
    use crate::secret::SecretBytes;
    use crate::time::Time;

    fn dev() -> EnvironmentName {
        EnvironmentName::new("dev").unwrap()
    }

    fn name(name: &str) -> ItemName {
        ItemName::new(name).unwrap()
    }

    fn mia() -> UserName {
        UserName::new("mia").unwrap()
    }

    fn set(content: &mut Content, item: &str, value: &str, metadata: &Metadata) {
        content.set(&name(item), SecretBytes::from(value), metadata, &mia(), Time::now()).unwrap();
    }

    /// Returns the items A, B and C. The value of each is its name in lower case.
    fn content() -> Content {
        let mut content = Content::default();
        ["A", "B", "C"].iter().for_each(|item| set(&mut content, item, &item.to_lowercase(), &Metadata::default()));
        content
    }

    /// Formats each difference as `+A`, `-A` or `A [Value]`.
    fn shown(before: &Content, after: &Content) -> Vec<String> {
        let show = |difference: &ItemDifference<'_>| match difference {
            ItemDifference::Added(item) => format!("+{}", item.name()),
            ItemDifference::Removed(item) => format!("-{}", item.name()),
            ItemDifference::Changed { after, fields, .. } => format!("{} {fields:?}", after.name()),
        };
        items((&dev(), before), (&dev(), after)).iter().map(show).collect()
    }

    #[test]
    fn equal_items_do_not_differ_and_every_field_is_compared() {
        let before = content();
        assert!(shown(&before, &before).is_empty());
        let all = Metadata {
            kind: Kind::ApiKey,
            note: Some("n".to_owned()),
            tags: vec!["t".to_owned()],
            provider: Some("p".to_owned()),
            expires_at: Some(Time::now()),
            rotate_after: Some(1),
            deliver: Deliver::File,
            variable: Some(VariableName::new("V").unwrap()),
        };
        let mut after = before.clone();
        set(&mut after, "B", "other", &all);
        let fields = "[Value, Kind, Note, Tags, Provider, Expiry, RotateAfter, Deliver, Variable]";
        assert_eq!(shown(&before, &after), [format!("B {fields}")]);
        assert_eq!(shown(&after, &before), [format!("B {fields}")]);
        let mut marked = before.clone();
        marked.mark_all_due(Time::now());
        assert_eq!(shown(&before, &marked), ["A [Mark]", "B [Mark]", "C [Mark]"]);
    }

    #[test]
    fn the_order_of_tags_and_a_version_with_an_equal_value_are_no_difference() {
        let tagged = |tags: [&str; 2]| Metadata { tags: tags.map(str::to_owned).to_vec(), ..Metadata::default() };
        let mut before = content();
        set(&mut before, "A", "a", &tagged(["x", "y"]));
        let mut after = before.clone();
        set(&mut after, "A", "a", &tagged(["y", "x"]));
        assert_eq!(shown(&before, &after), <[String; 0]>::default());
    }

    #[test]
    fn a_renamed_item_is_recognized_even_if_names_are_swapped_or_reused() {
        let before = content();
        let rename = |after: &mut Content, from: &str, to: &str| {
            let item = after.remove(&dev(), &name(from)).unwrap();
            after.insert(item, &name(to), &mia(), Time::now()).unwrap();
        };
        let mut after = before.clone();
        rename(&mut after, "A", "Z");
        assert_eq!(shown(&before, &after), ["Z [Name]"]);
        set(&mut after, "A", "new", &Metadata::default());
        assert_eq!(shown(&before, &after), ["+A", "Z [Name]"]);
        let mut swapped = before.clone();
        rename(&mut swapped, "A", "X");
        rename(&mut swapped, "B", "A");
        rename(&mut swapped, "X", "B");
        assert_eq!(shown(&before, &swapped), ["A [Name]", "B [Name]"]);
    }

    #[test]
    fn an_item_removed_and_added_again_is_matched_by_name() {
        let before = content();
        let mut after = before.clone();
        after.remove(&dev(), &name("A")).unwrap();
        assert_eq!(shown(&before, &after), ["-A"]);
        let later = Time::from(Time::now().utc() + chrono::TimeDelta::seconds(9));
        after.set(&name("A"), SecretBytes::from("new"), &Metadata::default(), &mia(), later).unwrap();
        assert_eq!(shown(&before, &after), ["A [Value]"]);
    }

    #[test]
    fn items_of_two_environments_are_matched_by_name() {
        let (mut prod, now) = (Content::default(), Time::now());
        let dev_content = content();
        prod.set_copy(&name("A"), &dev_content.items()[&name("A")], &mia(), now).unwrap();
        set(&mut prod, "D", "d", &Metadata::default());
        let prod_name = EnvironmentName::new("prod").unwrap();
        let found = items((&dev(), &dev_content), (&prod_name, &prod));
        let names: Vec<_> = found.iter().map(|difference| difference.name().as_str()).collect();
        assert_eq!(names, ["B", "C", "D"]);
    }
}

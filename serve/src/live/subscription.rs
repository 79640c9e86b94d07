//! A query that is watched: what its client knows of it, and what has changed since.

use super::compare::{What, changes};
use crate::api::classes::{self, Class, access_log};
use crate::api::error::{ApiError, Result};
use crate::api::object::{Fields, Object, Rows};
use crate::api::query::Query;
use crate::api::sessions::Entry;
use crate::api::{Api, Call, Client, Token, objects};
use serde_json::{Map, Value, json};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use vault::name::EnvironmentName;

/// So many of the newest entries of each log are read when something was written. If more were, all are.
const NEWEST: usize = 64;

/// A query that is watched, with the rights of who asked for it.
pub struct Subscription {
    class: &'static dyn Class,
    query: Query,
    /// Only a change of one of these is an update.
    watched: Option<Vec<String>>,
    client: Client,
    pub session: Arc<Entry>,
    known: Known,
    /// What went wrong at the last look, which is told once and tried again.
    failed: Option<ApiError>,
}

/// What was there at the last look.
enum Known {
    Objects(Arc<Rows>),
    /// The last entry of each log, by its user's id and its device: logs only grow.
    Log(HashMap<(String, String), u64>),
}

/// What is told: an object without values, and how it was before.
#[derive(Debug)]
pub struct Event {
    pub what: What,
    pub object: Value,
    pub original: Option<Value>,
}

impl Subscription {
    /// Begins to watch: `parameters` are `where`, `keys` and `watch`.
    pub fn begin(api: &Api, token: Option<&Token>, client: Client, class: &str, parameters: &Fields) -> Result<Self> {
        let token = token.ok_or_else(ApiError::unauthenticated)?;
        let session = api.sessions.find_for_request(token)?;
        let class = classes::named(class)?;
        let mut parameters = parameters.clone();
        let watched = parameters.remove("watch").map(|names| listed(&names, class)).transpose()?;
        let query = Query::read(&parameters, class.schema())?;
        if class.schema().all().any(|field| field.is_secret && query.shape.names(field.name)) {
            return Err(ApiError::query("live queries carry no values").hint("read the object after it has changed"));
        }
        let known = api.with_entry(&session, &client, |call| Known::now(call, class))?;
        Ok(Self { class, query, watched, client, session, known, failed: None })
    }

    /// What has changed since the last look. An error is given once, until there is another.
    pub fn look(&mut self, api: &Api) -> Result<Vec<Event>> {
        let session = Arc::clone(&self.session);
        let client = self.client.clone();
        match api.with_entry(&session, &client, |call| self.compare(call)) {
            Ok(events) => {
                self.failed = None;
                Ok(events)
            }
            Err(error) => {
                let is_told = self.failed.as_ref().is_some_and(|failed| failed.message == error.message);
                self.failed = Some(error.clone());
                if is_told { Ok(Vec::new()) } else { Err(error) }
            }
        }
    }

    /// How many patterns its query has: they take memory for as long as it is watched.
    pub fn patterns(&self) -> usize {
        self.query.patterns()
    }

    /// Whether the last look failed, so that another is due although nothing was written.
    pub fn has_failed(&self) -> bool {
        self.failed.is_some()
    }

    fn compare(&mut self, call: &mut Call<'_>) -> Result<Vec<Event>> {
        match &mut self.known {
            Known::Log(last) => {
                let entries = new_entries(call, last)?;
                let asked_for = entries.iter().filter(|entry| self.query.matches(entry));
                Ok(asked_for.map(|entry| event(What::Create, entry, None, &self.query)).collect())
            }
            Known::Objects(before) => {
                let after = objects::all(call, self.class)?;
                if Arc::ptr_eq(before, &after) {
                    return Ok(Vec::new());
                }
                let hidden = hidden(call)?;
                let is_hidden = |object: &Object| object.item.as_ref().is_some_and(|(of, _)| hidden.contains(of));
                let found = changes((before, &after), &self.query, self.watched.as_deref(), &is_hidden);
                let told = found.iter().map(|one| event(one.what, one.object, one.original, &self.query)).collect();
                *before = after;
                Ok(told)
            }
        }
    }
}

impl Known {
    fn now(call: &mut Call<'_>, class: &'static dyn Class) -> Result<Self> {
        if class.schema().class != access_log::NAME {
            return Ok(Self::Objects(objects::all(call, class)?));
        }
        let mut last = HashMap::new();
        new_entries(call, &mut last)?;
        Ok(Self::Log(last))
    }
}

/// Environments that there are, but not for the caller.
fn hidden(call: &mut Call<'_>) -> Result<BTreeSet<EnvironmentName>> {
    let mut all: BTreeSet<EnvironmentName> = call.session()?.vault().environments().cloned().collect();
    for unread in call.contents()? {
        all.remove(unread.environment());
    }
    Ok(all)
}

/// The entries behind the last ones that were seen, oldest first; they are the last ones then.
fn new_entries(call: &mut Call<'_>, last: &mut HashMap<(String, String), u64>) -> Result<Vec<Arc<Object>>> {
    let class: &dyn Class = &access_log::AccessLog;
    let newest = json!({ "order": "-createdAt", "limit": NEWEST });
    let newest = Query::read(newest.as_object().unwrap_or(&Map::new()), class.schema())?;
    let mut rows = objects::rows(call, class, &newest)?;
    if has_gap(&rows.all, last) {
        rows = objects::all(call, class)?;
    }
    let is_new = |entry: &&Arc<Object>| last.get(&log_of(entry)).is_none_or(|last| number(entry) > *last);
    let entries: Vec<_> = rows.all.iter().filter(is_new).cloned().collect();
    for entry in &entries {
        let seen = last.entry(log_of(entry)).or_default();
        *seen = number(entry).max(*seen);
    }
    Ok(entries)
}

/// Whether a log that was seen before begins, as it was read, behind the entry after the last one seen.
fn has_gap(entries: &[Arc<Object>], last: &HashMap<(String, String), u64>) -> bool {
    last.iter().any(|(log, last)| {
        let first = entries.iter().filter(|entry| log_of(entry) == *log).map(|entry| number(entry)).min();
        first.is_some_and(|first| first > last.saturating_add(1))
    })
}

fn log_of(entry: &Object) -> (String, String) {
    let user = entry.fields.get("user").and_then(|user| user["objectId"].as_str()).unwrap_or_default();
    (user.to_owned(), entry.text("device").to_owned())
}

fn number(entry: &Object) -> u64 {
    entry.fields.get("number").and_then(Value::as_u64).unwrap_or_default()
}

fn event(what: What, object: &Object, original: Option<&Object>, query: &Query) -> Event {
    Event { what, object: shaped(object, query), original: original.map(|original| shaped(original, query)) }
}

/// An object as it stands in an event: with its class, and the fields that are asked for.
fn shaped(object: &Object, query: &Query) -> Value {
    let mut fields = object.fields.clone();
    query.shape.apply(&mut fields);
    fields.insert("__type".to_owned(), "Object".into());
    fields.insert("className".to_owned(), object.class.into());
    Value::Object(fields)
}

fn listed(names: &Value, class: &dyn Class) -> Result<Vec<String>> {
    let wrong = || ApiError::query("watch takes a list of field names");
    let names = names.as_array().ok_or_else(wrong)?.iter().map(|name| name.as_str().ok_or_else(wrong));
    let names = names.collect::<Result<Vec<_>>>()?;
    match names.iter().find(|name| class.schema().field(name).is_none_or(|field| field.is_secret)) {
        Some(unknown) => Err(ApiError::query(format!("{} can't be watched", vault::name::quoted(unknown)))),
        None => Ok(names.into_iter().map(str::to_owned).collect()),
    }
}

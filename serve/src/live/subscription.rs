//! A live query: the state that its client knows, and the events since then.

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

/// How many of the newest entries of each log are read after a change. If there were more new ones, the whole logs are
/// read.
const NEWEST: usize = 64;

/// A live query, with the rights of its session.
pub struct Subscription {
    class: &'static dyn Class,
    query: Query,
    /// If given, only a change of one of these fields is an update.
    watched: Option<Vec<String>>,
    client: Client,
    pub session: Arc<Entry>,
    known: Known,
    /// The error of the last look. It is sent once, and the look is retried.
    failed: Option<ApiError>,
}

/// The state at the last look.
enum Known {
    Objects(Arc<Rows>),
    /// The number of the last entry of each log, by user id and device. Logs only grow.
    Log(HashMap<(String, String), u64>),
}

/// An event: the object without values, and its state before.
#[derive(Debug)]
pub struct Event {
    pub what: What,
    pub object: Value,
    pub original: Option<Value>,
}

impl Subscription {
    /// Begins a live query. `parameters` are `where`, `keys` and `watch`.
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

    /// Returns the events since the last look. A repeated error is returned only once.
    pub fn look(&mut self, api: &Api) -> Result<Vec<Event>> {
        let session = Arc::clone(&self.session);
        let client = self.client.clone();
        match api.with_entry(&session, &client, |call| self.compare(call)) {
            Ok(events) => {
                self.failed = None;
                Ok(events)
            }
            Err(error) => {
                let is_told = self.failed.as_ref().is_some_and(|failed| failed.has_cause_of(&error));
                self.failed = Some(error.clone());
                if is_told { Ok(Vec::new()) } else { Err(error) }
            }
        }
    }

    /// Returns the number of patterns. They take memory as long as the query lives.
    pub fn patterns(&self) -> usize {
        self.query.patterns()
    }

    /// Returns whether the last look failed and must be retried, even without a change.
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
                let is_hidden =
                    |object: &Object| object.item.as_ref().is_some_and(|(environment, _)| hidden.contains(environment));
                let found = changes((before, &after), &self.query, self.watched.as_deref(), &is_hidden);
                let events = found.iter().map(|one| event(one.what, one.object, one.original, &self.query)).collect();
                *before = after;
                Ok(events)
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

/// Returns the environments that exist and that the caller can't read.
fn hidden(call: &mut Call<'_>) -> Result<BTreeSet<EnvironmentName>> {
    let mut all: BTreeSet<EnvironmentName> = call.session()?.vault().environments().cloned().collect();
    for unread in call.contents()? {
        all.remove(unread.environment());
    }
    Ok(all)
}

/// Returns the log entries after the last ones seen, and records them as seen. The oldest come first.
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

/// Returns whether entries are missing between the last one seen and the first one read, in any known log.
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

/// Returns an object as events have it, with its class and the requested fields.
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

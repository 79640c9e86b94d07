use super::*;
use serde::de::{DeserializeOwned, Deserializer, Error as _, Visitor, value::Error};
use std::collections::BTreeSet;

fn wrong(text: &str) -> (u16, String) {
    let wrong = Message::read(text).err().unwrap();
    (wrong.code, wrong.message)
}

#[test]
fn the_javascript_sdks_messages_are_parsed() {
    let text =
        r#"{"op":"connect","applicationId":"shop","javascriptKey":"x","sessionToken":"r:1","installationId":"i"}"#;
    let Ok(Message::Connect { application, token, installation }) = Message::read(text) else { panic!() };
    assert_eq!((&*application, token.unwrap().expose(), installation.as_deref()), ("shop", "r:1", Some("i")));
    let text = r#"{"op":"subscribe","requestId":1,"query":{"className":"Secret","where":{"name":"A"},"keys":["name","kind"]}}"#;
    let Ok(Message::Subscribe { request, class, parameters, token }) = Message::read(text) else { panic!() };
    assert_eq!((request, &*class, token.is_none()), (1, "Secret", true));
    assert_eq!(Value::Object(parameters), json!({ "where": { "name": "A" }, "keys": "name,kind" }));
    assert!(matches!(Message::read(r#"{"op":"unsubscribe","requestId":7}"#), Ok(Message::Unsubscribe { request: 7 })));
}

#[test]
fn errors_are_those_of_parse_server_and_do_not_repeat_the_message() {
    assert_eq!(wrong("r:secret").0, 1);
    assert_eq!(wrong(r#"{"op":"fly"}"#), (3, "Get unknown operation".to_owned()));
    assert_eq!(wrong(r#"{"op":"connect"}"#), (1, "missing field \"applicationId\"".to_owned()));
    for (text, said) in [
        (r#"{"op":"connect","applicationId":"a","colour":1}"#, "unknown field \"colour\""),
        (r#"{"op":"unsubscribe"}"#, "missing field \"requestId\""),
        (r#"{"op":"subscribe","requestId":1}"#, "missing field \"query\""),
        (r#"{"op":"subscribe","requestId":1,"query":{"className":"Secret"}}"#, "missing field \"where\""),
        (
            r#"{"op":"subscribe","requestId":1,"query":{"className":1,"where":{}}}"#,
            "the message doesn't have the fields of its op",
        ),
    ] {
        assert_eq!(wrong(text), (1, said.to_owned()));
    }
    assert_eq!(wrong(r#"{"op":"connect","applicationId":"a","masterKey":"m"}"#).0, 4);
    let refusal = wrong(r#"{"op":"connect","applicationId":"a","sessionToken":["r:secret"]}"#);
    assert!(refusal.0 == 1 && !refusal.1.contains("secret"), "{refusal:?}");
    let refusal = wrong(r#"{"op":"subscribe","requestId":"r:secret"}"#);
    assert!(refusal.0 == 1 && !refusal.1.contains("secret"), "{refusal:?}");
}

/// A deserializer that only notes which fields a struct has.
struct FieldNames<'a>(&'a mut &'static [&'static str]);

impl<'de> Deserializer<'de> for FieldNames<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(Error::custom("not a struct"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Error> {
        *self.0 = fields;
        Err(Error::custom("the fields are noted"))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

/// Checks that a struct has the fields of a list, apart from those that nothing reads, and needs those that the list
/// requires.
fn check_fields<T: DeserializeOwned>(names: &Names, unread: &[&str]) {
    let mut fields: &[&str] = &[];
    assert!(T::deserialize(FieldNames(&mut fields)).is_err());
    let listed = names.required.iter().chain(names.optional).copied().filter(|name| !unread.contains(name));
    assert_eq!(fields.iter().copied().collect::<BTreeSet<_>>(), listed.collect());

    let query = json!({ "className": "Secret", "where": {} });
    let mut sample = json!({ "op": "x", "applicationId": "a", "requestId": 1, "query": query });
    sample.as_object_mut().unwrap().extend(query.as_object().unwrap().clone());
    sample.as_object_mut().unwrap().retain(|name, _| names.required.contains(&&**name));
    assert!(T::deserialize(&sample).is_ok(), "it needs no more than {:?}", names.required);
    for name in names.required.iter().filter(|name| !unread.contains(name)) {
        let mut without = sample.clone();
        without.as_object_mut().unwrap().remove(*name);
        assert!(T::deserialize(&without).is_err(), "it needs {name}");
    }
}

#[test]
fn each_struct_has_the_fields_of_its_list() {
    check_fields::<Connect>(&CONNECT, &["op", "clientKey", "javascriptKey", "restAPIKey", "windowsKey"]);
    check_fields::<Subscribe>(&SUBSCRIBE, &["op"]);
    check_fields::<Query>(&QUERY, &[]);
    check_fields::<Unsubscribe>(&UNSUBSCRIBE, &["op"]);
}

#[test]
fn a_refusal_of_the_vault_has_its_reason_and_one_of_the_protocol_has_none() {
    let refused = ApiError::from(vault::Error::new(Reason::NothingReadable, "noah may read no environment"));
    let json = Wrong::new(&refused, Some(1)).json();
    assert_eq!((&json["reason"], &json["requestId"]), (&json!("nothing-readable"), &json!(1)));
    assert_eq!(Wrong::not_connected("subscribing").json().get("reason"), None);
}

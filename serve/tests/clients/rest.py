"""The server by REST, with nothing but Python's own library: each call prints a line, and the test compares them."""
import json
import sys
import urllib.error
import urllib.parse
import urllib.request

BASE, PASSWORD = sys.argv[1:]
HEADERS = {"Content-Type": "application/json", "X-Parse-Application-Id": "rest-test"}


def ask(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(BASE + path, data=data, method=method, headers=HEADERS)
    try:
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        return json.load(error)


user = ask("POST", "/login", {"username": "mia", "password": PASSWORD})
HEADERS["X-Parse-Session-Token"] = user["sessionToken"]
where = urllib.parse.urlencode({"where": json.dumps({"name": "TOKEN", "environment": "dev"}), "limit": 1})
found = ask("GET", "/classes/Secret?" + where)["results"]
print("found", [one["name"] for one in found], "value" in found[0])
path = "/classes/Secret/" + found[0]["objectId"]
print("value", ask("GET", path)["value"])
print("changed", ask("PUT", path, {"value": "by python"})["version"])
print("read", ask("GET", path)["value"])
made = ask("POST", "/classes/APIKey", {"key": "PY_KEY", "value": "k"})
print("made", len(made["objectId"]))
print("removed", ask("DELETE", "/classes/APIKey/" + made["objectId"]))
print("refused", ask("GET", "/classes/APIKey/" + made["objectId"])["code"])
print("out", ask("POST", "/logout"))
print("ended", ask("GET", "/users/me")["code"])

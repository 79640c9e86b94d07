"""A vault by REST, with nothing but Python's own library.

    vault serve                              # prints the address
    VAULT_URL=http://127.0.0.1:41873/parse VAULT_USERNAME=mia python3 app.py

It asks for the passphrase: on the terminal, or on standard input.
"""

import getpass
import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request


class VaultError(Exception):
    """What the vault said, with Parse's code."""

    def __init__(self, answer):
        super().__init__(answer["error"])
        self.code = answer["code"]
        self.hint = answer.get("hint")


class Vault:
    """A session; it ends with its `with` block."""

    def __init__(self, url, username, passphrase):
        self.url = url
        self.headers = {"Content-Type": "application/json", "X-Vault-Client": "example-python"}
        user = self.ask("POST", "/login", {"username": username, "password": passphrase})
        self.headers["X-Parse-Session-Token"] = user["sessionToken"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.ask("POST", "/logout")

    def ask(self, method, path, body=None, version=None):
        """Asks, and gives the answer; a change of another version than this one is refused."""
        data = None if body is None else json.dumps(body).encode()
        headers = self.headers if version is None else {**self.headers, "If-Match": str(version)}
        request = urllib.request.Request(self.url + path, data=data, method=method, headers=headers)
        try:
            with urllib.request.urlopen(request) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise VaultError(json.load(error)) from None

    def find(self, class_name, where, **parameters):
        """Finds objects: names, kinds and dates, and no value."""
        query = urllib.parse.urlencode({"where": json.dumps(where), **parameters})
        return self.ask("GET", f"/classes/{class_name}?{query}")["results"]

    def value(self, object_id):
        """Reads a value, once the access log says so."""
        return self.ask("GET", f"/classes/Secret/{object_id}")["value"]


def main():
    passphrase = getpass.getpass("Passphrase: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    with Vault(os.environ["VAULT_URL"], os.environ["VAULT_USERNAME"], passphrase) as vault:
        found = {secret["name"]: secret["objectId"] for secret in vault.find("Secret", {"environment": "dev"}, order="name")}
        print("in dev:", *found)
        print("TOKEN has", len(vault.value(found["TOKEN"]).encode()), "bytes")

        path = "/classes/Secret/" + vault.ask("POST", "/classes/Secret", {"name": "EXAMPLE", "value": "first", "environment": "dev"})["objectId"]
        print("EXAMPLE is now version", vault.ask("PUT", path, {"value": "second"}, version=1)["version"])
        # Somebody who still has version 1 is told so, and overwrites nothing.
        try:
            vault.ask("PUT", path, {"value": "third"}, version=1)
        except VaultError as error:
            print("refused:", error)

        for entry in vault.find("AccessLog", {"action": "get"}, order="-accessTime", limit=1, include="secret"):
            print("the log:", entry["action"], entry["secret"]["name"], "by", entry["program"])
        vault.ask("DELETE", path)
        print("removed")


if __name__ == "__main__":
    try:
        main()
    except VaultError as error:
        sys.exit("; ".join(filter(None, [f"error: {error}", error.hint])))

#!/usr/bin/env python3
"""A reader written from vault-format(5) alone: the standard library and stock age.

usage: reader.py FILE KEYFILE [LOGDIRECTORY]

Verifies the roster chain and every block's signature, opens a key slot, decrypts what the identity may read, opens the
log, and prints all of it as JSON. It checks what the page says a reader must check, but for rights and bounds.
"""

import base64
import hashlib
import hmac
import json
import os
import re
import struct
import subprocess
import sys
import tomllib

ZERO = bytes(32)


# Signed bytes


def lp(data):
    return struct.pack(">I", len(data)) + data


def text(value):
    return lp(value.encode())


def integer(value):
    return struct.pack(">Q", value)


def items(parts):
    return struct.pack(">I", len(parts)) + b"".join(parts)


def optional(value):
    return b"\0" if value is None else b"\1" + text(value)


def pairs(values):
    return items([b"".join(map(text, value.split(":"))) for value in values])


def bech32(value):
    """The bytes of a bech32 text; its checksum is age's business."""
    alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
    digits = [alphabet.index(c) for c in value.lower().rpartition("1")[2][:-6]]
    number = int("".join(f"{digit:05b}" for digit in digits)[:256], 2)
    return number.to_bytes(32, "big")


def keys(change):
    signature = base64.b64decode(change["keys_signature"])
    return text(change["recipient"]) + bytes.fromhex(change["verifying_key"]) + lp(signature)


FIELDS = {
    "create": lambda c: lp(bytes.fromhex(c["random"])) + optional(c.get("email")) + keys(c),
    "add-user": lambda c: text(c["user"]) + optional(c.get("email")) + text(c["role"]) + pairs(c["grants"]) + keys(c),
    "remove-user": lambda c: text(c["user"]),
    "set-role": lambda c: text(c["user"]) + text(c["role"]),
    "replace-keys": keys,
    "add-environment": lambda c: text(c["environment"]) + pairs(c["grants"]),
    "remove-environment": lambda c: text(c["environment"]),
    "grant": lambda c: text(c["user"]) + pairs(c["grants"]),
    "set-environment": lambda c: text(c["environment"]) + text(c["protected"]),
    "revoke": lambda c: text(c["user"]) + items([text(name) for name in c["environments"]]),
}


def roster_message(vault, previous, change):
    message = text("vault/roster/v1") + vault + integer(change["version"]) + previous
    message += text(change["author"]) + text(change["time"]) + text(change["change"]) + FIELDS[change["change"]](change)
    pending = [entry.split(":") for entry in change.get("pending", [])]
    return message + items([text(name) + bytes.fromhex(of) for name, of in pending])


def ancestors(block):
    """The bytes of a block's ancestors, which must lead back to version 1, or be 64."""
    data = base64.b64decode(block.get("ancestors", ""), validate=True)
    names = [bytes.fromhex(of)[:8] for of in block["previous"]]
    names = [int.from_bytes(name, "big") & ~1 for name in names]
    apart, last = 0, 0
    for start in range(0, len(data), 8):
        entry = int.from_bytes(data[start : start + 8], "big")
        name, same = entry & ~1, entry & 1
        assert apart > 0 and name > last if same else True, "ancestors out of order"
        apart, last = apart + 1 - same, name
        assert apart > 1 or name in names, "an ancestor that the block does not follow"
    assert len(data) % 8 == 0 and len(data) <= 512 and ("ancestors" in block) == (block["version"] > 1)
    assert apart < block["version"] if len(data) == 512 else apart == block["version"] - 1, "ancestors are missing"
    return data


def block_message(vault, block, binary):
    message = text("vault/environment/v1") + vault + text(block["name"]) + integer(block["version"])
    message += items([bytes.fromhex(of) for of in block["previous"]]) + lp(ancestors(block))
    message += integer(block["roster"]) + bytes.fromhex(block["roster_hash"])
    return message + text(block["author"]) + text(block["time"]) + hashlib.sha256(binary).digest()


def log_message(header, wrapped):
    message = text("vault/log/v1") + bytes.fromhex(header["vault"]) + text(header["user"]) + text(header["device"])
    message += integer(header["segment"]) + bytes.fromhex(header["previous"]) + integer(header["last_number"])
    message += bytes.fromhex(header["last_hash"]) + integer(header["roster"])
    return message + hashlib.sha256(wrapped).digest()


# Ed25519, as RFC 8032 writes it down

P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P
ORDER = 2**252 + 27742317777372353535851937790883648493


def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def multiply(scalar, point):
    result = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point = add(point, point)
        scalar >>= 1
    return result


def decompress(data):
    number = int.from_bytes(data, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    assert y < P and x * x % P == square, "not a point"
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


BASE = decompress((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def verify(key, message, signature):
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    challenge = int.from_bytes(hashlib.sha512(r + key + message).digest(), "little") % ORDER
    left, right = multiply(s, BASE), add(decompress(r), multiply(challenge, decompress(key)))
    equal = all((left[i] * right[2] - right[i] * left[2]) % P == 0 for i in (0, 1))
    assert s < ORDER and equal, "a signature does not verify"


# Key derivation and XChaCha20-Poly1305


def hkdf(key, info, length):
    secret = hmac.digest(ZERO, key, "sha256")
    output, block = b"", b""
    while len(output) < length:
        block = hmac.digest(secret, block + info + bytes([len(output) // 32 + 1]), "sha256")
        output += block
    return output[:length]


def rounds(state):
    def quarter(a, b, c, d):
        for x, y, z, shift in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            state[x] = (state[x] + state[y]) & 0xFFFFFFFF
            mixed = state[z] ^ state[x]
            state[z] = (mixed << shift | mixed >> (32 - shift)) & 0xFFFFFFFF

    for _ in range(10):
        for i in range(4):
            quarter(i, i + 4, i + 8, i + 12)
        for i in range(4):
            quarter(i, (i + 1) % 4 + 4, (i + 2) % 4 + 8, (i + 3) % 4 + 12)
    return state


def words(data):
    return list(struct.unpack(f"<{len(data) // 4}I", data))


def chacha(key, counter, nonce):
    start = words(b"expand 32-byte k" + key + struct.pack("<I", counter) + nonce)
    mixed = rounds(list(start))
    return struct.pack("<16I", *((a + b) & 0xFFFFFFFF for a, b in zip(start, mixed)))


def open_sealed(key, nonce, sealed, associated):
    mixed = rounds(words(b"expand 32-byte k" + key + nonce[:16]))
    key, nonce = struct.pack("<8I", *mixed[:4], *mixed[12:]), bytes(4) + nonce[16:]
    ciphertext, tag = sealed[:-16], sealed[-16:]
    one_time = chacha(key, 0, nonce)
    r = int.from_bytes(one_time[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    pad = lambda data: data + bytes(-len(data) % 16)
    covered = pad(associated) + pad(ciphertext) + struct.pack("<QQ", len(associated), len(ciphertext))
    total = 0
    for i in range(0, len(covered), 16):
        total = (total + int.from_bytes(covered[i : i + 16] + b"\1", "little")) * r % (2**130 - 5)
    total = (total + int.from_bytes(one_time[16:32], "little")) % 2**128
    assert hmac.compare_digest(total.to_bytes(16, "little"), tag), "an entry is not authentic"
    stream = b"".join(chacha(key, 1 + i, nonce) for i in range(-(-len(ciphertext) // 64)))
    return bytes(a ^ b for a, b in zip(ciphertext, stream))


# The file


def age(data, identity):
    """Stock age; the identity goes in by a descriptor and touches no disk."""
    return subprocess.run(["age", "-d", "-i", identity], input=data, stdout=subprocess.PIPE, check=True).stdout


def dearmor(armored):
    lines = armored.split()
    return base64.b64decode("".join(lines[4:-4]))


def statement_hash(message, signature):
    return hashlib.sha256(message + signature).digest()


def read_roster(changes):
    """Verifies the chain; gives the hashes and, per version, everybody's verifying keys."""
    vault, previous, hashes, verifying, history = ZERO, ZERO, [], {}, []
    for number, change in enumerate(changes, 1):
        assert change["version"] == number
        if "verifying_key" in change:
            user, key = change.get("user", change["author"]), bytes.fromhex(change["verifying_key"])
            proof = text("vault/keys/v1") + vault + text(user) + text(change["recipient"]) + key
            verify(key, proof, base64.b64decode(change["keys_signature"]))
        author = verifying.get(change["author"]) if number > 1 else bytes.fromhex(change["verifying_key"])
        message, signature = roster_message(vault, previous, change), base64.b64decode(change["signature"])
        verify(author, message, signature)
        if "verifying_key" in change:
            verifying[user] = key
        if change["change"] == "remove-user":
            del verifying[change["user"]]
        previous = statement_hash(message, signature)
        hashes.append(previous)
        vault = hashes[0]
        history.append(dict(verifying))
    return hashes, history


def open_slot(slots, key_file):
    """The identity behind the slot that the key's hint names."""
    lines = open(key_file).read().split("\n")
    key = bech32(next(line for line in lines if line.startswith("AGE-SECRET-KEY-1")).strip())
    hint = hkdf(key, b"vault/key-hint/v1", 8).hex()
    slot = next(slot for slot in slots if slot.get("hint") == hint)
    tag, _, identity = age(slot["data"].encode(), key_file).partition(b"\n")
    expected = hmac.digest(hkdf(key, b"vault/key-slot/v1", 64), identity, "sha256").hex()
    assert tag == b"# hmac: " + expected.encode(), "the slot was not made with its key"
    return identity


def with_identity(identity, data):
    """Decrypts with an identity that is handed to age through a pipe."""
    read, write = os.pipe()
    os.write(write, identity)
    os.close(write)
    command = ["age", "-d", "-i", f"/dev/fd/{read}"]
    try:
        return subprocess.run(command, input=data, stdout=subprocess.PIPE, check=True, pass_fds=[read]).stdout
    finally:
        os.close(read)


def delivery(item):
    """How a program gets a value, and under which variable's name."""
    how = item.get("deliver", "variable")
    assert how in ("variable", "file", "none"), "a delivery that is none"
    name = item.get("as", item["name"] + ("_FILE" if how == "file" else ""))
    is_name = re.fullmatch("[A-Za-z_][A-Za-z0-9_]{0,254}", name)
    assert is_name or (how != "file" and "as" not in item), "a name of a variable that is none"
    return {"deliver": how, "as": name}


def protected(changes):
    """The environments that commands ask about first."""
    names = set()
    for change in changes:
        kind, protects = change["change"], change.get("protected")
        assert kind != "set-environment" or protects in ("yes", "no"), "a protection that is none"
        if kind == "set-environment" and protects == "yes":
            names.add(change["environment"])
        elif kind in ("set-environment", "add-environment", "remove-environment"):
            names.discard(change["environment"])
    return sorted(names)


def read_block(vault, block, history, identity):
    binary, signature = dearmor(block["data"]), base64.b64decode(block["signature"])
    message = block_message(vault, block, binary)
    verify(history[-1][block["author"]], message, signature)
    plaintext = json.loads(with_identity(identity, binary))
    place = (plaintext["id"], plaintext["environment"], plaintext["version"])
    assert place == (vault.hex(), block["name"], block["version"]), "the block belongs to another place"
    value = lambda item: base64.b64decode(item["value"]) if "encoding" in item else item["value"].encode()
    return {
        "version": block["version"],
        "hash": statement_hash(message, signature).hex(),
        "items": {item["name"]: value(item).hex() for item in plaintext["items"]},
        "delivery": {item["name"]: delivery(item) for item in plaintext["items"]},
        "anchors": {device: of for device, of in plaintext["anchors"].items() if is_signed(vault, device, of, history)},
    }


def is_signed(vault, device, anchor, history):
    """Whether the user whose log it is signed an anchor: whoever writes the environment can plant one."""
    message = text("vault/log-anchor/v1") + vault + text(anchor["user"]) + text(device)
    message += integer(anchor["segment"]) + integer(anchor["number"]) + bytes.fromhex(anchor["hash"])
    message += text(anchor["time"]) + integer(anchor["roster"])
    key = history[anchor["roster"] - 1].get(anchor["user"]) if 0 < anchor["roster"] <= len(history) else None
    try:
        verify(key, message, base64.b64decode(anchor["signature"]))
    except Exception:
        return False
    return True


# The log


def check_statement(statement, header, history):
    """Whether the user signed that segments were archived; gives where the last of them ended."""
    end = (statement["segment"], statement["header"], statement["number"], statement["hash"])
    message = text("vault/log-archive/v1") + bytes.fromhex(header["vault"]) + text(header["user"])
    message += text(statement["time"]) + integer(statement["roster"])
    message += integer(end[0]) + bytes.fromhex(end[1]) + integer(end[2]) + bytes.fromhex(end[3])
    message += bytes.fromhex(statement["file"])
    assert statement["roster"] >= header["roster"], "a statement of keys that were replaced"
    key = history[statement["roster"] - 1][header["user"]]
    verify(key, message, base64.b64decode(statement["signature"]))
    return end


def read_log(directory, history, identity):
    entries, header_hash, last_number, last_hash, segment, roster = [], ZERO, 0, ZERO, 0, 0
    key = None
    with open(f"{directory}/key", "rb") as file:
        record = file.read()
    assert len(record) == 632
    whole = lambda copy: copy[:8] == b"vltlog1\n" and hashlib.sha256(copy[:-32]).digest() == copy[-32:]
    copies = [copy for copy in (record[:316], record[316:]) if whole(copy)]
    assert copies, "the key file is damaged"
    record = max(copies, key=lambda copy: copy[8:20])
    current, number, offset = struct.unpack(">IQQ", record[8:28])
    numbers = [int(name[:-4]) for name in os.listdir(directory) if re.fullmatch("[0-9]{6,}\\.log", name)]
    first, before, archived, ends = min(numbers), None, [], []
    for segment in range(first, current + 1):
        data = open(f"{directory}/{segment:06}.log", "rb").read()
        line, _, rest = data.partition(b"\n")
        header = json.loads(line)
        follows = (header["segment"], header["previous"], header["last_number"], header["last_hash"])
        if segment == first > 1:
            before = (segment - 1, *follows[1:])
            header_hash, last_number, last_hash = bytes.fromhex(before[1]), before[2], bytes.fromhex(before[3])
        assert follows == (segment, header_hash.hex(), last_number, last_hash.hex()), "a header does not follow"
        assert header["roster"] >= roster and re.fullmatch("[0-9a-f]{32}", header["device"])
        roster = header["roster"]
        wrapped, signature = base64.b64decode(header["key"]), base64.b64decode(header["signature"])
        message = log_message(header, wrapped)
        verify(history[header["roster"] - 1][header["user"]], message, signature)
        header_hash, key = statement_hash(message, signature), with_identity(identity, wrapped)
        lists = {}
        while rest:
            (length,) = struct.unpack(">I", rest[:4])
            frame, rest = rest[4 : 4 + length], rest[4 + length :]
            last_number += 1
            assert struct.unpack(">Q", frame[:8]) == (last_number,)
            associated = header_hash + frame[:8] + last_hash
            entry = json.loads(open_sealed(key, frame[8:32], frame[32:], associated))
            last_hash, key = hashlib.sha256(frame).digest(), hkdf(key, b"vault/log-key/v1", 32)
            names = entry.get("items", [])
            if "list" in entry and names:
                named = b"".join(struct.pack(">Q", len(name)) + name.encode() for name in names)
                assert entry["list"] == hashlib.sha256(named).hexdigest()[:32]
                lists[entry["list"]] = names
            elif "list" in entry:
                names = lists[entry["list"]]
            if "archive" in entry:
                assert entry["action"] == "log-archive"
                archived.append(check_statement(entry["archive"], header, history))
            place = {"number": last_number, "hash": last_hash.hex()}
            entries.append({**place, "action": entry["action"], "items": names})
        ends.append((segment, header_hash.hex(), last_number, last_hash.hex()))
    named = before is None or before in archived or any(end in ends for end in archived)
    assert named, "segments are missing at the beginning"
    assert (number, offset) == (last_number + 1, len(data)), "the key file stands elsewhere"
    assert record[28:60] == header_hash and record[60:92] == last_hash and record[124:156] == key
    return entries


def main(path, key_file, log=None):
    outline = tomllib.load(open(path, "rb"))
    assert outline["format"] == 1
    hashes, history = read_roster(outline["roster"])
    identity = open_slot(outline["slot"], key_file)
    fields = dict(line[2:].split(": ") for line in identity.decode().split("\n") if line.startswith("# "))
    version, known = fields["roster"].split()
    assert fields["vault"] == hashes[0].hex() and hashes[int(version) - 1].hex() == known
    blocks = {b["name"]: read_block(hashes[0], b, history, identity) for b in outline["environment"]}
    result = {
        "objectId": hashes[0].hex(),
        "rosterVersion": len(hashes),
        "rosterHash": hashes[-1].hex(),
        "environments": blocks,
        "protected": protected(outline["roster"]),
        "log": read_log(log, history, identity) if log else [],
    }
    json.dump(result, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main(*sys.argv[1:])

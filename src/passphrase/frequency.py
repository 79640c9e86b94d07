#!/usr/bin/env python3
"""Prints frequency.txt from the ranked lists of the crate zxcvbn: MIT, https://github.com/shssoichiro/zxcvbn-rs.

usage: frequency.py ZXCVBN/src/frequency_lists.rs >frequency.txt

Version 3.1.1 gives the file in this directory. After `cargo fetch` the crate is in cargo's registry, because a test
compares estimates with it.
"""

import os
import re
import sys

# If a word has the same rank in several lists, the first of these lists counts.
KINDS = {
    "PASSWORDS": "password",
    "FEMALE_NAMES": "name",
    "MALE_NAMES": "name",
    "SURNAMES": "name",
    "ENGLISH_WIKI": "word",
    "US_TV_AND_FILM": "word",
}

HEADING = """\
# Ranked lists of the crate zxcvbn (MIT, https://github.com/shssoichiro/zxcvbn-rs). A line is a kind, the rank of the
# first of its words rounded down to a power of two, and the words in order, each as how many characters it shares with the
# one before (A is none, B one) and the others. frequency.py makes this file.
"""


def best_ranks(source):
    """Returns each word's best rank, with the kind of the list that has it."""
    lists = dict(re.findall(r'const (\w+): &str = "([^"]*)";', source))
    best = {}
    for name, kind in KINDS.items():
        for rank, word in enumerate(lists[name].split(","), 1):
            if word not in best or rank < best[word][0]:
                best[word] = (rank, kind)
    return best


def packed(words):
    """Sorts the words, and writes each without the characters that it shares with the previous one."""
    text, before = "", ""
    for word in sorted(words):
        shared = min(len(os.path.commonprefix([before, word])), 25)
        text += chr(ord("A") + shared) + word[shared:]
        before = word
    return text


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        best = best_ranks(file.read())
    rows = {}
    for word, (rank, kind) in best.items():
        rows.setdefault((kind, 1 << (rank.bit_length() - 1)), []).append(word)
    sys.stdout.write(HEADING)
    for kind in ("password", "name", "word"):
        for rank in sorted(rank for known, rank in rows if known == kind):
            print(kind, rank, packed(rows[kind, rank]))


main()

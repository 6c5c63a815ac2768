"""Checks a BagIt 1.0 bag in a folder, from the text of RFC 8493 and nothing of detbal.

Usage: python3 check-bag.py FOLDER      prints what is wrong, one line each; exit 1 if anything is
"""

import hashlib
import os
import re
import sys
import urllib.parse

top = sys.argv[1]
wrong = []


def read(name):
    with open(os.path.join(top, name), "rb") as f:
        return f.read().decode("utf-8")


def files_below(folder):
    for base, _, names in os.walk(os.path.join(top, folder)):
        for name in names:
            yield os.path.relpath(os.path.join(base, name), top).replace(os.sep, "/")


def digest(algorithm, name):
    h = hashlib.new(algorithm)
    with open(os.path.join(top, name), "rb") as f:
        for block in iter(lambda: f.read(1 << 20), b""):
            h.update(block)
    return h.hexdigest()


# 2.1.1: exactly two lines
lines = read("bagit.txt").splitlines()
if len(lines) != 2 or not re.fullmatch(r"BagIt-Version: [0-9]+\.[0-9]+", lines[0]):
    wrong.append("bagit.txt: first line")
elif lines[0] != "BagIt-Version: 1.0":
    wrong.append("bagit.txt: version")
if lines[1:] != ["Tag-File-Character-Encoding: UTF-8"]:
    wrong.append("bagit.txt: encoding")

# 2.1.2: the payload directory
if not os.path.isdir(os.path.join(top, "data")):
    wrong.append("no data directory")
payload = set(files_below("data"))

# 2.2.3: fetch.txt
fetch = {}
if os.path.exists(os.path.join(top, "fetch.txt")):
    for line in read("fetch.txt").splitlines():
        url, length, path = line.split(None, 2)
        if not urllib.parse.urlparse(url).scheme:
            wrong.append("fetch.txt: no URL: " + url)
        if not path.startswith("data/"):
            wrong.append("fetch.txt: not payload: " + path)
        fetch[path] = int(length) if length != "-" else None

# 2.1.3 and 2.2.1: manifests. 1.0: every payload manifest lists every payload file, once.
manifests = [n for n in os.listdir(top) if re.fullmatch(r"manifest-[a-z0-9]+\.txt", n)]
tag_manifests = [n for n in os.listdir(top) if re.fullmatch(r"tagmanifest-[a-z0-9]+\.txt", n)]
if not manifests:
    wrong.append("no payload manifest")
for manifest in manifests + tag_manifests:
    algorithm = manifest.split("-")[1].split(".")[0]
    listed = {}
    for line in read(manifest).splitlines():
        checksum, path = line.split(None, 1)
        if path in listed:
            wrong.append(manifest + ": twice: " + path)
        listed[path] = checksum.lower()
    if manifest in manifests:
        for path in (payload | set(fetch)) - set(listed):
            wrong.append(manifest + ": not listed: " + path)
    for path, checksum in listed.items():
        if os.path.exists(os.path.join(top, path)):
            if digest(algorithm, path) != checksum:
                wrong.append(manifest + ": checksum: " + path)
        elif path not in fetch:
            wrong.append(manifest + ": missing: " + path)
for manifest in tag_manifests:
    listed = {line.split(None, 1)[1] for line in read(manifest).splitlines()}
    for path in manifests + ["bagit.txt", "bag-info.txt"] + (["fetch.txt"] if fetch else []):
        if path not in listed:
            wrong.append(manifest + ": not listed: " + path)

# 2.2.2: bag-info.txt
info = {}
for line in read("bag-info.txt").splitlines():
    label, value = line.split(": ", 1)
    info[label] = value
if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", info.get("Bagging-Date", "")):
    wrong.append("bag-info.txt: Bagging-Date")
absent = [path for path in fetch if path not in payload]
size = sum(os.path.getsize(os.path.join(top, p)) for p in payload) + sum(fetch[p] for p in absent)
if info.get("Payload-Oxum") != "%d.%d" % (size, len(payload) + len(absent)):
    wrong.append("bag-info.txt: Payload-Oxum")

print("\n".join(wrong) if wrong else "valid, %d payload files" % len(payload))
sys.exit(1 if wrong else 0)

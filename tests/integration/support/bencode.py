# SPDX-License-Identifier: Apache-2.0
"""Bencode (BEP 3), as strict as it is written there."""


def encode(value):
    if isinstance(value, int):
        return b"i%de" % value
    if isinstance(value, str):
        value = value.encode()
    if isinstance(value, bytes):
        return b"%d:%s" % (len(value), value)
    if isinstance(value, list):
        return b"l" + b"".join(map(encode, value)) + b"e"
    keys = sorted(value)  # As bytes; ours are ASCII.
    return b"d" + b"".join(encode(key) + encode(value[key]) for key in keys) + b"e"


def decode(text, sorted_keys=True):
    """The value that is all of `text`. Keys are bytes; each at most once, and in their order."""
    value, end = _decode(text, 0, sorted_keys)
    assert end == len(text), f"{len(text) - end} bytes after the value: {text[end:][:40]}"
    return value


def _decode(text, at, sorted_keys):
    kind = text[at:at + 1]
    if kind == b"i":
        end = text.index(b"e", at)
        number = int(text[at + 1:end])
        assert text[at + 1:end] == b"%d" % number, f"number {text[at:end]}"
        return number, end + 1
    if kind in (b"l", b"d"):
        values, at = [], at + 1
        while text[at:at + 1] != b"e":
            value, at = _decode(text, at, sorted_keys)
            values.append(value)
        return (values if kind == b"l" else _dictionary(values, sorted_keys)), at + 1
    colon = text.index(b":", at)
    length = int(text[at:colon])
    assert text[at:colon] == b"%d" % length, f"length {text[at:colon]}"
    assert colon + 1 + length <= len(text), "a string that is cut short"
    return text[colon + 1:colon + 1 + length], colon + 1 + length


def _dictionary(values, sorted_keys):
    keys = values[::2]
    assert len(values) % 2 == 0 and all(isinstance(key, bytes) for key in keys)
    assert len(set(keys)) == len(keys), f"a key twice: {keys}"
    assert not sorted_keys or keys == sorted(keys), f"keys out of order: {keys}"
    return dict(zip(keys, values[1::2]))

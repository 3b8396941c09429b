"""Manifests as people break them, and what has to be said: where, and under which code."""

import codecs

_HEAD = "key,app_version,version_desc,service_phone,auto_online,not_before,screen_shots\n"
_GOOD = 'a,0.0.1,"好",,,,\n'
_J = '{"key": "a", "app_version": "0.0.1"}\n'

BROKEN: dict[str, tuple[str, bytes, list[str]]] = {
    "unknown column": ("n.csv", b"key,app_verison\na,1\n", ["n.csv:1:app_verison unknown_column"]),
    "column twice": (
        "n.csv",
        b"key,app_version,app_version\na,1,2\n",
        ["n.csv:1:app_version duplicate_column"],
    ),
    "no header": ("n.csv", b"a,0.0.1,text\nb,0.0.2,text\n", ["n.csv:1 header_missing"]),
    "full-width comma in the header": (
        "n.csv",
        "key，app_version,memo\n".encode(),
        ["n.csv:1:key，app_version unknown_column"],
    ),
    "full-width comma in a row": (
        "n.csv",
        "key,app_version\na，0.0.1\n".encode(),
        ["n.csv:2 too_few_cells", "n.csv:2:app_version version_missing"],
    ),
    "quote not closed": (
        "n.csv",
        f'{_HEAD}{_GOOD}b,0.0.2,"text,,,,\nc,0.0.3,,,,,\n'.encode(),
        ["n.csv:3 quote_not_closed"],
    ),
    "text behind a quote": (
        "n.csv",
        f'{_HEAD}b,0.0.2,"text" more,,,,\n'.encode(),
        ["n.csv:2 text_behind_quote"],
    ),
    "separator in a cell": (
        "n.csv",
        f"{_HEAD}b,0.0.2,one, two,,是,,\n".encode(),
        ["n.csv:2:not_before bad_moment"],
    ),
    "too many cells": (
        "n.csv",
        f"{_HEAD}b,0.0.2,text,,,,,x\n".encode(),
        ["n.csv:2 too_many_cells"],
    ),
    "line break without quotes": (
        "n.csv",
        f"{_HEAD}b,0.0.2,one\ntwo,,,,\n".encode(),
        [
            "n.csv:2 too_few_cells",
            "n.csv:3 too_few_cells",
            "n.csv:3:app_version version_missing",
        ],
    ),
    "behind quoted line breaks": (
        "n.csv",
        f'{_HEAD}a,0.0.1,"one\r\ntwo\r\nthree",,,,\r\nb,0.0.2,,,maybe,,\r\n'.encode(),
        ["n.csv:5:auto_online bad_value"],
    ),
    "phone as a power": (
        "n.csv",
        f"{_HEAD}a,0.0.1,,1.38E+10,,,\n".encode(),
        ["n.csv:2:service_phone number_mangled"],
    ),
    "phone without its zero": (
        "n.csv",
        f"{_HEAD}a,0.0.1,,57188888888,,,\n".encode(),
        ["n.csv:2:service_phone zero_lost"],
    ),
    "error of a formula": (
        "n.csv",
        f"{_HEAD}a,0.0.1,#REF!,,,,\n".encode(),
        ["n.csv:2:version_desc spreadsheet_error"],
    ),
    "day of another country": (
        "n.csv",
        b"key,app_version,license_valid_date\na,1,03/05/2027\n",
        ["n.csv:2:license_valid_date bad_value"],
    ),
    "day as a number": (
        "n.csv",
        f"{_HEAD}a,0.0.1,,,,46351,\n".encode(),
        ["n.csv:2:not_before bad_moment"],
    ),
    "too many files": (
        "n.csv",
        f"{_HEAD}a,0.0.1,,,,,1;2;3;4;5;6\n".encode(),
        ["n.csv:2:screen_shots too_many"],
    ),
    "no version": ("n.csv", f"{_HEAD}a,,x,,,,\n".encode(), ["n.csv:2:app_version version_missing"]),
    "the same key": (
        "n.csv",
        f"{_HEAD}{_GOOD}\n\n{_GOOD}".encode(),
        ["n.csv:5:key same_entry"],
    ),
    "no folder": (
        "n.csv",
        b"key,app_version,folder\na,0.0.1,nowhere\n",
        ["n.csv:2:folder:* file_not_found"],
    ),
    "no such variable": (
        "n.csv",
        b"key,app_version,app_auth_token_env\na,0.0.1,NO_SUCH_TOKEN_HERE\n",
        ["n.csv:2:app_auth_token_env token_missing"],
    ),
    "a token with a blank": (
        "n.csv",
        b"key,app_version,app_auth_token\na,0.0.1,s3 cret\n",
        ["n.csv:2:app_auth_token bad_token"],
    ),
    "half UTF-8": (
        "n.csv",
        f"{_HEAD}a,0.0.1,订单页改版".encode() + b"\xe4\xb8,,,,\n",
        ["n.csv:2 bad_encoding"],
    ),
    "UTF-16 without a mark": (
        "n.csv",
        f"{_HEAD}{_GOOD}".encode("utf-16-le"),
        ["n.csv:1 not_a_text"],
    ),
    "a workbook": ("n.csv", b"PK\x03\x04\x14\x00", ["n.csv workbook"]),
    "nothing but a header": ("n.csv", _HEAD.encode(), ["n.csv manifest_empty"]),
    "nothing at all": ("n.csv", b"", ["n.csv manifest_empty"]),
    "control character": (
        "n.csv",
        f"{_HEAD}a,0.0.1,\x07,,,,\n".encode(),
        ["n.csv:2:version_desc bad_character"],
    ),
    "another format": ("n.xml", b"<a/>", ["n.xml manifest_format"]),
    "a workbook by its name": ("n.xlsx", b"PK\x03\x04", ["n.xlsx workbook"]),
    "JSON cut off": (
        "n.jsonl",
        f'{_J}{{"key": "b"\n'.encode(),
        ["n.jsonl:2 not_json"],
    ),
    "a list of objects": ("n.json", b'[\n  {"key": "a"}\n]\n', ["n.json:1 not_json"]),
    "no object": ("n.jsonl", f"{_J}[1]\n".encode(), ["n.jsonl:2 not_json"]),
    "NaN": (
        "n.jsonl",
        b'{"key": "a", "app_version": "1", "priority": NaN}\n',
        ["n.jsonl:1:priority not_json"],
    ),
    "a key twice": (
        "n.jsonl",
        b'{"key": "a", "app_version": "1", "key": "b"}\n',
        ["n.jsonl:1:key duplicate_column"],
    ),
    "a number for a version": (
        "n.jsonl",
        b'{"key": "a", "app_version": 1.0}\n',
        ["n.jsonl:1:app_version wrong_type"],
    ),
    "an object for a text": (
        "n.jsonl",
        b'{"key": "a", "app_version": "1", "memo": {"zh": "x"}}\n',
        ["n.jsonl:1:memo wrong_type"],
    ),
    "a place with another key": (
        "n.jsonl",
        b'{"key": "a", "app_version": "1", "service_region_info": [{"city": "x"}]}\n',
        ["n.jsonl:1:service_region_info[0].city unknown_field"],
    ),
    "brackets without end": ("n.jsonl", b"[" * 100_000, ["n.jsonl:1 not_json"]),
    "TOML without a quote": (
        "n.toml",
        b'[[submission]]\nkey = "a"\napp_version = 0.0.1\n',
        ["n.toml:3 not_toml"],
    ),
    "a key of TOML twice": (
        "n.toml",
        b'[[submission]]\nkey = "a"\napp_version = "1"\n\n[[submission]]\nkey = "b"\nkey = "b"\n',
        ["n.toml:7 not_toml"],
    ),
    "defaults too late": (
        "n.toml",
        b'[[submission]]\nkey = "a"\napp_version = "1"\n[defaults]\nmemo = "x"\n',
        ["n.toml:1 unknown_table"],
    ),
    "misspelt in TOML": (
        "n.toml",
        b'[[submission]]\nkey = "a"\napp_version = "1"\n\ntemplate = "x"\n',
        ["n.toml:5:template unknown_column"],
    ),
    "a number for a moment": (
        "n.toml",
        b'[[submission]]\nkey = "a"\napp_version = "1"\nnot_before = 22\n',
        ["n.toml:4:not_before bad_moment"],
    ),
    "one table": (
        "n.toml",
        b'[submission]\nkey = "a"\napp_version = "1"\n',
        ["n.toml:1 unknown_table"],
    ),
    "GBK cut off": (
        "n.csv",
        f"{_HEAD}a,0.0.1,订单".encode("gbk")[:-1],
        ["n.csv:2 bad_encoding"],
    ),
    "a mark and then GBK": (
        "n.csv",
        codecs.BOM_UTF8 + f"{_HEAD}a,0.0.1,订单,,,,\n".encode("gbk"),
        ["n.csv:2 bad_encoding"],
    ),
    "an endless line": ("n.jsonl", _J.encode() + b"x" * 1_000_001, ["n.jsonl:2 line_too_long"]),
}
"""By what is wrong: name of the file, its content, and path and code of each problem.

`*` stands for the absolute path of a folder.
"""

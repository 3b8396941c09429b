"""Mutated certificates, keys, settings, replies and requests, thrown at the public doors.

```sh
PYTHONPATH=tests .venv/bin/python -m fuzz --count 200000 --seed 1
```

Each input follows from target, seed and index alone, so a finding is seen again with
`--target TARGET --seed SEED --index INDEX`. An input passes if it is taken or refused by an error
of the package's own tree, in under a second of computing, without a secret in anything that is
printed; each target runs in a process of its own, which may grow by less than 100 MiB. The suite
runs a short form, `tests/property/test_fuzz.py`; the long one takes about a quarter of an hour on
two cores, and is run by hand before a release.
"""

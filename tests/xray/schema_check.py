"""Holds documents against the schema: `schema_check.py SCHEMA PROGRAM`.

PROGRAM prints documents, one a line. What the schema is for is checked as well: that it refuses.
"""

import json
import subprocess
import sys

import jsonschema

COUNT = 400
GOOD = {
    "name": "orders",
    "id": "00c0ffee00c0ffee",
    "trace_id": "1-65a0b1c2-0123456789abcdef01234567",
    "start_time": 1705030082.271,
    "end_time": 1705030082.449,
}
BROKEN = [
    {"name": ""},
    {"name": "a" * 201},
    {"id": "0000000000000000"},
    {"id": "00C0FFEE"},
    {"trace_id": "1-65a0b1c2"},
    {"end_time": None},
    {"in_progress": True},
    {"annotations": {"no-dash": 1}},
    {"annotations": {"key": ["list"]}},
    {"metadata": {"AWS.x": {}}},
    {"namespace": "local"},
    {"subsegments": []},
    {"http": {}},
    {"cause": {"exceptions": [{"message": "no id"}]}},
    {"parent_id": "1234"},
]


def main(schema_path, program):
    with open(schema_path, encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    validator.validate(GOOD)
    for change in BROKEN:
        if validator.is_valid({**GOOD, **change}):
            raise SystemExit(f"the schema takes {change}")
    output = subprocess.run([program, str(COUNT)], capture_output=True, check=True).stdout
    documents = output.decode("utf-8").splitlines()
    for line, text in enumerate(documents, 1):
        document = json.loads(text)
        if not validator.is_valid(document):
            branch = 1 if "type" in document else 0
            parts = [e for e in next(validator.iter_errors(document)).context if e.schema_path[0] == branch]
            raise SystemExit(f"document {line}: {parts[0].json_path}: {parts[0].message[:300]}")
    if len(documents) < COUNT:
        raise SystemExit(f"{len(documents)} documents are too few")
    print(f"{len(documents)} documents")


if __name__ == "__main__":
    main(*sys.argv[1:])

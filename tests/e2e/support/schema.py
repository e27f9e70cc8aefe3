"""A strict reading of `xtrace.request/1`: exact keys and types, and numbers that fit together."""

import json
import re

PHASES = ("queue", "dns_wait", "dns", "connect", "proxy", "tls", "request", "response", "body")
_OUTCOMES = ("ok", "error", "timeout", "abandoned")
_CODE = "[a-z][a-z_]*"


class Nullable:
    """`null`, or what `shape` says."""

    def __init__(self, shape):
        self.shape = shape


class OneOf:
    """One of these strings."""

    def __init__(self, *values):
        self.values = values


class Matching:
    """A string of this form."""

    def __init__(self, pattern):
        self.pattern = pattern


_ERROR = {"code": Matching(_CODE), "phase": Nullable(OneOf("dial", *PHASES)), "message": str}
_SPAN = {"start_us": int, "dur_us": int, "outcome": OneOf(*_OUTCOMES)}
_DIAL = {
    "address": str,
    "start_us": int,
    "dur_us": int,
    "outcome": OneOf(*_OUTCOMES),
    "error": Nullable(_ERROR),
}
_DNS = {"host": str, "addresses": [str], "coalesced": bool}
_TLS = {
    "version": Matching(r"TLSv1\.[23]"),
    "cipher": Matching("TLS[-_][A-Z0-9_-]+"),
    "resumed": bool,
    "alpn": Nullable(str),
    "peer": {
        "subject": str,
        "issuer": str,
        "not_after": Matching(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"),
    },
}
_RESPONSE = {"headers": [(str, str)], "content_length": Nullable(int), "body_bytes": int}
_ATTEMPT = {
    "index": int,
    "wave": int,
    "start_us": int,
    "dur_us": int,
    "redundant": bool,
    "reused": bool,
    "idle_us": Nullable(int),
    "local": Nullable(str),
    "remote": Nullable(str),
    "http_version": Nullable(str),
    "status": Nullable(int),
    "error": Nullable(_ERROR),
    "dns": Nullable(_DNS),
    "dials": [_DIAL],
    "tls": Nullable(_TLS),
    "phases": {phase: Nullable(_SPAN) for phase in PHASES},
    "response": Nullable(_RESPONSE),
}
_POOL = {
    "address": str,
    "idle": int,
    "active": int,
    "connecting": int,
    "waiting": int,
    "total": int,
    "limit": int,
    "opened": int,
    "failed": int,
    "reused": int,
    "stale_retries": int,
}
_BREAKER = {
    "bucket": str,
    "state": OneOf("closed", "open", "half_open"),
    "calls": int,
    "failures": int,
    "slow": int,
    "consecutive_failures": int,
    "allowed": int,
    "rejected": int,
    "opened": int,
    "late": int,
    "opens_for_us": Nullable(int),
}
_BACKOFF = {
    "after_wave": int,
    "reason": OneOf("backoff", "retry_after"),
    "start_us": int,
    "dur_us": int,
    "planned_us": int,
}
_PLAN = {
    "attempts": int,
    "waves": int,
    "winner": Nullable(int),
    "plan_timeout": bool,
    "backoff": [_BACKOFF],
    "race_vetoes": [{"rival": int, "reason": OneOf("starter", "breaker")}],
    "pool": Nullable(_POOL),
    "breaker": Nullable(_BREAKER),
}
_DECISIONS = (
    "retry",
    "policy",
    "not_repeatable",
    "budget",
    "breaker",
    "deadline",
    "redundant",
    "local",
)
_EMIT = {
    "to": Nullable(str),
    "documents": int,
    "datagrams": int,
    "bytes": int,
    "outcome": OneOf("sent", "refused", "failed", "off"),
}
_LEG = {"url": str, "status": Nullable(int), "attempts": [_ATTEMPT]}
_REPORT = {
    "schema": OneOf("xtrace.request/1"),
    "trace_id": Matching("1-[0-9a-f]{8}-[0-9a-f]{24}"),
    "sampled": bool,
    "method": str,
    "url": str,
    "exit_code": int,
    "error": Nullable(_ERROR),
    "started_at": Nullable(float),
    "total_us": int,
    "status": Nullable(int),
    "legs": [_LEG],
    "emit": _EMIT,
    "slo": Nullable([dict]),
}
#: The schema grows by addition only; what was added is checked where it appears.
_ADDED = {
    "nothing": {},
    "report": {"judgement": Nullable(str), "plan": Nullable(_PLAN)},
    "tls": {"verified": bool},
    "response": {
        "trailers": [(str, str)],
        "content_encoding": Nullable(str),
        "decoded_bytes": Nullable(int),
        "server_timing": [
            {"name": str, "dur_us": Nullable(int), "description": Nullable(str)},
        ],
        "retry_after_us": Nullable(int),
    },
    "leg": {"method": str},
    "attempt": {
        "connection": Nullable(int),
        "proxy": Nullable(str),
        "left_dial": bool,
        "continue_wait": Nullable(_SPAN),
        "superseded": Nullable(OneOf("redirected", "stale_connection")),
        "decision": Nullable(OneOf(*_DECISIONS)),
        "dials_unrecorded": int,
        "other_us": int,
        "loop_delay_us": int,
        "early_response": bool,
        "interim": [{"status": int, "at_us": int}],
    },
}
_NAMES = {
    id(_REPORT): "report",
    id(_LEG): "leg",
    id(_TLS): "tls",
    id(_RESPONSE): "response",
    id(_ATTEMPT): "attempt",
}


def read_report(text):
    """Parses the one line of `--format json`, checks it and returns it."""
    assert (
        text.endswith("\n") and text.count("\n") == 1
    ), "the report is one line with a line feed at its end"
    report = json.loads(text)
    _check(report, _REPORT, "report")
    off = report["emit"]["outcome"] == "off"
    assert off == (report["emit"]["to"] is None), "what is off goes nowhere, all else somewhere"
    for leg in report["legs"]:
        for attempt in leg["attempts"]:
            _check_numbers(attempt)
    sent = any(leg["attempts"] for leg in report["legs"])
    assert sent == (report["started_at"] is not None), "a call begins with its first request"
    if report.get("plan"):
        _check_plan(report)
    return report


def _check(value, shape, path):
    if isinstance(shape, Nullable):
        if value is not None:
            _check(value, shape.shape, path)
    elif isinstance(shape, OneOf):
        assert value in shape.values, f"{path} is {value!r}, not one of {shape.values}"
    elif isinstance(shape, Matching):
        assert re.fullmatch(
            shape.pattern, value
        ), f"{path} is {value!r}, not of the form {shape.pattern}"
    elif isinstance(shape, dict):
        _check_object(value, shape, path, _ADDED[_NAMES.get(id(shape), "nothing")])
    elif isinstance(shape, (list, tuple)):
        _check_array(value, shape, path)
    else:
        assert type(value) is shape, f"{path} is a {type(value).__name__}, not a {shape.__name__}"


def _check_object(value, shape, path, added):
    assert isinstance(value, dict), f"{path} is no object"
    missing = set(shape) - set(value)
    unknown = set(value) - set(shape) - set(added)
    assert not missing, f"{path} lacks {sorted(missing)}"
    assert not unknown, f"{path} has unknown keys {sorted(unknown)}"
    for key, part in value.items():
        _check(part, shape[key] if key in shape else added[key], f"{path}.{key}")


def _check_array(value, shape, path):
    assert isinstance(value, list), f"{path} is no array"
    if isinstance(shape, tuple):
        assert len(value) == len(shape), f"{path} has {len(value)} elements, not {len(shape)}"
        parts = shape
    else:
        parts = shape * len(value)
    for index, (part, inner) in enumerate(zip(value, parts)):
        _check(part, inner, f"{path}[{index}]")


def _check_plan(report):
    plan = report["plan"]
    requests = [attempt for leg in report["legs"] for attempt in leg["attempts"]]
    last = {part["index"]: part for part in requests if part["superseded"] is None}
    assert sorted(last) == list(range(plan["attempts"])), "attempts are not numbered from 0 on"
    waves = [last[index]["wave"] for index in sorted(last)]
    assert waves == sorted(waves), "a later attempt belongs to an earlier wave"
    assert sorted(set(waves)) == list(range(len(set(waves)))), "a wave has no attempt"
    assert len(set(waves)) <= plan["waves"], "there are more waves than were counted"
    assert (plan["winner"] is None) == (not last), "something was sent, or nothing won"
    assert plan["winner"] is None or not last[plan["winner"]]["redundant"], "a loser won"
    for part in last.values():
        assert (part["decision"] == "redundant") == part["redundant"], "who lost is not clear"
    for wait in plan["backoff"]:
        assert wait["start_us"] >= 0 and wait["dur_us"] >= 0, "a wait is negative"
        assert _end(wait) <= report["total_us"], "a wait outlives the call"
        before = [_end(last[i]) for i in last if last[i]["wave"] == wait["after_wave"]]
        assert max(before) <= wait["start_us"], "a wait begins before its wave is over"


def _check_numbers(attempt):
    phases = {name: span for name, span in attempt["phases"].items() if span}
    for name, span in [*phases.items(), *((dial["address"], dial) for dial in attempt["dials"])]:
        assert span["start_us"] >= 0 and span["dur_us"] >= 0, f"{name} is negative"
        assert _end(span) <= attempt["start_us"] + attempt["dur_us"], f"{name} outlives the attempt"
    order = [
        name for name in ("dns_wait", "dns", "tls", "request", "response", "body") if name in phases
    ]
    for earlier, later in zip(order, order[1:]):
        assert (
            phases[earlier]["start_us"] <= phases[later]["start_us"]
        ), f"{later} starts before {earlier}"
    if "other_us" in attempt and not attempt.get("early_response"):
        assert (
            _covered(attempt, phases) + attempt["other_us"] == attempt["dur_us"]
        ), "the phases do not add up"


def _covered(attempt, phases):
    """Microseconds in which at least one leaf phase was open."""
    spans = [span for name, span in phases.items() if name != "connect"] + attempt["dials"]
    total, reached = 0, 0
    for span in sorted(spans, key=lambda part: part["start_us"]):
        total += max(0, _end(span) - max(reached, span["start_us"]))
        reached = max(reached, _end(span))
    return total


def _end(span):
    return span["start_us"] + span["dur_us"]

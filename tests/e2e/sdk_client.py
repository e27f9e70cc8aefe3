"""AWS's X-Ray SDK for Python as its users write it: sdk_client.py HOST:PORT, of UDP.

Prints the ids of its traces: one with an exception and a NaN, one so large that it goes in parts.
"""

import json
import sys

from aws_xray_sdk.core import xray_recorder

xray_recorder.configure(service="python shop", sampling=False, daemon_address=sys.argv[1])


@xray_recorder.capture("pay")
def pay():
    subsegment = xray_recorder.current_subsegment()
    subsegment.put_annotation("customer", "four")
    subsegment.put_metadata("balance", float("nan"))
    raise ValueError("no money")


def small():
    segment = xray_recorder.begin_segment("python shop")
    segment.put_http_meta("url", "http://shop/buy")
    segment.put_http_meta("status", 503)
    try:
        pay()
    except ValueError:
        pass
    xray_recorder.end_segment()
    return segment.trace_id


def large():
    segment = xray_recorder.begin_segment("python shop")
    for number in range(40):
        xray_recorder.begin_subsegment(f"step {number}")
        xray_recorder.end_subsegment()
    xray_recorder.end_segment()
    return segment.trace_id


print(json.dumps({"small": small(), "large": large()}))

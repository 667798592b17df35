"""What schemathesis cannot know from the document."""

import os
import uuid

import schemathesis

OWN_KEY = os.environ.get("BAMS_KEY_ID", "")
TOKEN = os.environ["BAMS_TOKEN"]
CLICK = "1"


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """Tracking links are made by the server: the examples become real ones."""
    for operations in raw_schema["paths"].values():
        for operation in operations.values():
            for parameter in operation.get("parameters", []):
                if parameter["name"] == "token":
                    parameter["example"] = TOKEN


@schemathesis.hook
def before_call(context, case, kwargs):
    # The run finds its own key in the list, and would lock itself out.
    if (case.path_parameters or {}).get("key_id") == OWN_KEY:
        case.path_parameters["key_id"] = "0000000000000000"
    if is_valid(case):
        make_possible(case)


def is_valid(case):
    return case.meta is not None and case.meta.generation.mode.is_positive


def make_possible(case):
    """A cursor comes from a list, an idempotency key stands for one request, a conversion has a
    click."""
    (case.query or {}).pop("cursor", None)
    if "Idempotency-Key" in (case.headers or {}):
        case.headers["Idempotency-Key"] = uuid.uuid4().hex
    if case.operation.path == "/api/v1/conversions":
        for report in case.body if isinstance(case.body, list) else [case.body]:
            report["click_id"] = CLICK

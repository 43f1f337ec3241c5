"""Drives a running hub by its OpenAPI document, each request as another kind of principal.

    each_principal.py URL ADMIN_TOKEN SECONDS [SEED]

No answer may be a 5xx, undocumented, or of a form that its schema forbids. Of the requests most carry the ids of
things that are there, the others what Schemathesis made up. The seed decides which requests are made, and as whom.
A run in which a kind of principal got no answer, or only one kind of answer, has failed too: it shows nothing.
The same file is Schemathesis' module of hooks. `cargo xtask test` and `cargo xtask soak answers` call it.
"""

import atexit
import collections
import json
import os
import random
import subprocess
import sys
import tempfile
import urllib.request
import uuid

SCOPES = (
    "events:read events:write memories:read memories:write presence:read presence:write artifacts:read "
    "artifacts:write biometrics:write actions:read actions:propose"
).split()
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
    "response_schema_conformance"
)
# What takes the ground from under the other requests: never with an id that is there.
ENDS_THE_WORLD = [
    ("DELETE", "/v1/agents/{agent_id}"),
    ("DELETE", "/v1/spaces/{space_id}"),
    ("DELETE", "/v1/people/{person_id}"),
]
# The share of requests whose path carries ids that are there.
THERE = 0.8
# The variable that tells the hooks what there is.
WORLD = "HUB_SCHEMATHESIS_WORLD"


class Hub:
    def __init__(self, url, admin):
        self.url, self.admin = url, admin

    def call(self, method, path, token, body=None):
        """Asks with JSON, or with bytes as they are."""
        kind = "application/octet-stream" if isinstance(body, bytes) else "application/json"
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"authorization": f"Bearer {token}", "content-type": kind}
        request = urllib.request.Request(self.url + path, data=data, headers=headers, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read() or "null")


def world(hub):
    """An agent with one of each thing, and the token of each kind of principal."""
    post = lambda path, token, body: hub.call("POST", path, token, body)
    admin = hub.admin
    agent = post("/v1/agents", admin, {"name": "schemathesis"})["agent_id"]
    of = f"/v1/agents/{agent}"
    space = post(f"{of}/spaces", admin, {"name": "kitchen"})["space_id"]

    def operator(role):
        person = post(f"{of}/people", admin, {"name": role})["person_id"]
        body = {"kind": "operator", "person_id": person, "role": role}
        return person, post(f"{of}/tokens", admin, body)

    _, owner = operator("owner")
    # Whom no principal of a run is: what is done to it ends no token.
    person = post(f"{of}/people", admin, {"name": "Anna"})["person_id"]
    device = lambda scopes: post(f"{of}/devices", admin, {"name": "d", "scopes": scopes})
    grant = lambda scopes: post(
        f"{of}/tokens",
        admin,
        {"kind": "delegate", "name": "p", "scopes": scopes, "spaces": [space], "expires_at": "2100-01-01T00:00:00Z"},
    )
    tokens = {
        "admin": admin,
        "owner": owner["token"],
        "member": operator("member")[1]["token"],
        "guest": operator("guest")[1]["token"],
        "device": device(SCOPES)["token"],
        "bare device": device([])["token"],
        "delegate": grant(SCOPES)["token"],
        "bare delegate": grant([])["token"],
        "nobody": "a token that stands for nobody",
    }
    event = str(uuid.uuid4())
    spoken = {"text": "I like green tea", "role": "user"}
    post(
        "/v1/events",
        owner["token"],
        {
            "event_id": event,
            "space_id": space,
            "type": "transcript_chunk",
            "occurred_at": "2026-03-01T10:00:00Z",
            "payload": spoken,
        },
    )
    artifact = post(f"/v1/artifacts?space_id={space}", owner["token"], b"A list: tea, bread, apples.")
    memory = post(f"{of}/memories", owner["token"], {"space_id": space, "content": "The oven is new."})
    action = {"space_id": space, "tool": "memory.note", "arguments": {"text": "buy tea"}}
    schema = {"type": "object", "properties": {"degrees": {"type": "number"}}}
    hub.call("PUT", f"{of}/event-types/custom.heat", owner["token"], {"schema": schema})
    ids = {
        "agent_id": agent,
        "space_id": space,
        "person_id": person,
        "device_id": device([])["device_id"],
        "token_id": grant([])["token_id"],
        "consent_id": post(f"/v1/people/{person}/consents", owner["token"], {"kind": "voice"})["consent_id"],
        "event_id": event,
        "artifact_id": artifact["artifact_id"],
        "memory_id": memory["memory_id"],
        "action_id": post(f"{of}/actions", owner["token"], action)["action_id"],
        "type": "custom.heat",
    }
    return ids, tokens


def hooks():
    """What Schemathesis calls in its own process."""
    import schemathesis

    with open(os.environ[WORLD], encoding="utf-8") as file:
        there = json.load(file)
    names, chance = list(there["tokens"]), random.Random(there["seed"])
    seen = {name: collections.Counter() for name in names}

    @schemathesis.hook
    def before_call(context, case, kwargs):
        name = chance.choice(names)
        case.headers = case.headers or {}
        case.headers["Authorization"] = "Bearer " + there["tokens"][name]
        case.headers["X-Request-Id"] = name.replace(" ", "-")
        ends = (case.method.upper(), case.path) in ENDS_THE_WORLD
        if not ends and chance.random() < THERE:
            for part in (case.path_parameters, case.query, case.body):
                put(there["ids"], part)

    @schemathesis.hook
    def after_call(context, case, response):
        name = (case.headers or {}).get("X-Request-Id", "").replace("-", " ")
        if name in seen:
            seen[name][response.status_code] += 1

    def tell():
        with open(there["seen"], "w", encoding="utf-8") as file:
            json.dump(seen, file)

    atexit.register(tell)


def put(ids, value):
    """Puts ids that are there into the place of others: of one thing, of a list, or of a list in one string."""
    if isinstance(value, dict):
        for name, inner in value.items():
            one = name.removesuffix("s")
            if one in ids and isinstance(inner, str):
                value[name] = ids[one]
            elif one in ids and isinstance(inner, list) and inner:
                value[name] = [ids[one]]
            else:
                put(ids, inner)
    elif isinstance(value, list):
        for inner in value:
            put(ids, inner)


def run(hub, seconds, seed):
    """Runs Schemathesis; answers what was found to be wrong."""
    ids, tokens = world(hub)
    with tempfile.TemporaryDirectory() as folder:
        there, seen = os.path.join(folder, "world.json"), os.path.join(folder, "seen.json")
        with open(there, "w", encoding="utf-8") as file:
            json.dump({"ids": ids, "tokens": tokens, "seed": seed, "seen": seen}, file)
        command = [os.path.join(os.path.dirname(sys.executable), "schemathesis"), "run", f"{hub.url}/openapi.json"]
        command += ["--url", hub.url, "--checks", CHECKS, "--no-color", "--warnings", "off", "--no-shrink"]
        command += ["--max-time", str(round(seconds)), "--generation-database", "none", "--seed", str(seed)]
        command += ["--continue-on-failure", "--phases", "coverage,fuzzing", "--request-timeout", "30"]
        environment = {**os.environ, WORLD: there, "SCHEMATHESIS_HOOKS": "each_principal"}
        environment["PYTHONPATH"] = os.path.dirname(os.path.abspath(__file__))
        environment["PYTHONDONTWRITEBYTECODE"] = "1"
        # Its own failure is told by what it prints.
        found = subprocess.run(command, cwd=folder, env=environment, check=False).returncode != 0
        wrong = ["Schemathesis found something, or could not run"] if found else []
        try:
            with open(seen, encoding="utf-8") as file:
                counts = json.load(file)
        except FileNotFoundError:
            return wrong + ["no request was made"]
    for name, statuses in counts.items():
        answers = ", ".join(f"{count} x {status}" for status, count in sorted(statuses.items()))
        print(f"{name:>14}: {answers}")
        if len(statuses) < (1 if name == "nobody" else 2):
            wrong.append(f"as {name} there were too few answers to show anything")
    return wrong


def main():
    url, admin, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
    seed = int(sys.argv[4]) if len(sys.argv) > 4 else int.from_bytes(os.urandom(4), "big")
    wrong = run(Hub(url, admin), seconds, seed)
    print(f"seed {seed}; " + ("; ".join(wrong) or "no answer was wrong"))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
elif WORLD in os.environ:
    hooks()

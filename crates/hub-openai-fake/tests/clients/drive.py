"""Drives a server by the official Python client, and prints what it found as JSON."""

import json

import openai

client = openai.OpenAI(max_retries=2)
SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}


def ask(words, with_client=client, **more):
    return with_client.responses.create(model="fake-model", input=words, **more)


def as_schema(schema):
    return {"format": {"type": "json_schema", "name": "city", "strict": True, "schema": schema}}


def status_of(call):
    try:
        call()
    except openai.APIStatusError as error:
        return error.status_code
    return 200


found = {"models": [model.id for model in client.models.list()]}
plain = ask("say plain")
found["plain"] = plain.output_text
found["tokens"] = plain.usage.total_tokens
found["structured"] = json.loads(ask("say structured", text=as_schema(SCHEMA)).output_text)
found["streamed"] = ""
for event in ask("say streamed", stream=True):
    if event.type == "response.output_text.delta":
        found["streamed"] += event.delta
    found["stream_ended"] = event.type
found["refused"] = ask("say refused").output[0].content[0].refusal
half = ask("say half")
found["half"] = [half.status, half.incomplete_details.reason, half.output_text]
found["busy"] = ask("say busy").output_text
hasty = client.with_options(max_retries=0)
found["down"] = status_of(lambda: ask("say down", hasty))
found["bad_key"] = status_of(lambda: ask("say plain", hasty.with_options(api_key="sk-wrong")))
found["bad_schema"] = status_of(lambda: ask("say plain", hasty, text=as_schema({**SCHEMA, "required": []})))
print(json.dumps(found))

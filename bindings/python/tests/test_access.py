"""Who may come and go, by the clients of both facades."""

from __future__ import annotations

from pathlib import Path

import pytest
from hub_core import Context, HubError, said, sync


def test_names_tokens_presence_and_types(tmp_path: Path) -> None:
    admin = Context.admin()
    with sync.Hub.open(tmp_path) as hub:
        agent = hub.agents.create(admin, name="home")["agent_id"]
        space = hub.spaces.create(admin, agent, name="kitchen")["space_id"]
        anna = hub.people.create(admin, agent, name="Anna")["person_id"]
        owner = Context.operator(agent, anna, "owner")
        assert hub.people.update(admin, anna, name="Anna B.")["name"] == "Anna B."

        device = hub.devices.create(admin, agent, name="speaker", scopes=["events:write"])
        changed = hub.devices.update(admin, device["device_id"], name="display", scopes=["presence:write"])
        assert (changed["name"], changed["scopes"]) == ("display", ["presence:write"])
        rotated = hub.devices.rotate(admin, device["device_id"])
        with pytest.raises(HubError):
            hub.presence.report(Context.token(device["token"]), space, state="present")
        seen = hub.presence.report(Context.token(rotated["token"]), space, state="present")
        assert seen.get("device_id") == device["device_id"]
        assert [one["state"] for one in hub.presence.list(owner, space)["items"]] == ["present"]

        made = hub.tokens.create(owner, agent, person_id=anna, role="member")
        assert hub.people.get(Context.token(made["token"]), anna)["name"] == "Anna B."
        assert [one["token_id"] for one in hub.tokens.list(owner, agent)["items"]] == [made["token_id"]]
        hub.tokens.revoke(owner, made["token_id"])
        with pytest.raises(HubError):
            hub.people.get(Context.token(made["token"]), anna)
        other = hub.tokens.create(
            owner, agent, name="calendar", scopes=["memories:read"], spaces=[space], expires_at="2100-01-01T00:00:00Z"
        )
        assert other["kind"] == "delegate"

        assert hub.events.put_type(admin, agent, "custom.warmth", {"type": "object"})["type"] == "custom.warmth"
        assert hub.events.get_type(admin, agent, "custom.warmth")["schema"] == {"type": "object"}
        assert len(hub.events.list_types(admin, agent)["items"]) == 1
        warm = said(space, "")
        warm["type"], warm["payload"] = "custom.warmth", {"celsius": 21.5}
        assert hub.events.append(owner, warm)[0]["status"] == "stored"

        assert hub.planner.dead_letters(admin, agent)["items"] == []
        with pytest.raises(HubError) as unknown:
            hub.planner.replay(admin, anna)
        assert unknown.value.code == "unknown_dead_letter"

"""A believable account: a fitting company, its people, and what they have to do."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .twin import AsanaTwin

PEOPLE = 40
_FIRST = ("Dana", "Noor", "Mateo", "Ines", "Kofi", "Lena", "Tariq", "Maeve", "Jonas", "Aiko")
_LAST = ("Okafor", "Lindqvist", "Moreno", "Haddad")
_VERBS = ("Install", "Measure", "Order", "Inspect", "Repair", "Paint", "Deliver", "Quote", "Remove", "Survey")
_THINGS = (
    "kitchen island",
    "attic fan",
    "bay window",
    "oak stairs",
    "bath tiles",
    "rear deck",
    "boiler",
    "garage door",
)
_PLACES = ("Harbour Rd", "Mill Lane", "Station Sq", "Orchard Way", "Quay St")


def seed(twin: AsanaTwin, size: int) -> None:
    """`size` tasks in the first project, 40 people in all, sections, tags and a priority field."""
    project = twin.store.live("projects")[0]
    sections = [s.id for s in twin.store.live("sections") if s.fields["project"] == project.id]
    sections += [twin.hand_create("sections", {"name": n, "project": project.id}).id for n in ("In progress", "Done")]
    tags = [twin.hand_create("tags", {"name": name, "color": None}).id for name in ("warranty", "urgent", "survey")]
    options = [{"name": name} for name in ("Low", "Medium", "High")]
    priority = twin.hand_create(
        "custom_fields", {"name": "Priority", "resource_subtype": "enum", "enum_options": options}
    )
    twin.hand_update("projects", project.id, {"custom_fields": [priority.id]})
    levels = [option["gid"] for option in priority.fields["enum_options"]]
    people = [entry.id for entry in twin.store.live("users")]
    for number in range(len(people), PEOPLE):
        people.append(twin.hand_create("users", _person(number)).id)
    for number in range(size):
        home = {"project": project.id, "section": _pick(twin, sections)}
        task = _task(twin, number) | {"memberships": [home], "custom_fields": {priority.id: _pick(twin, levels)}}
        task["assignee"] = _pick(twin, [*people, None])
        task["tags"] = [_pick(twin, tags)] if number % 4 == 0 else []
        twin.hand_create("tasks", task)


def _person(number: int) -> dict[str, Any]:
    name = f"{_FIRST[number % 10]} {_LAST[number // 10 % 4]}"
    return {"name": name, "email": f"{name.lower().replace(' ', '.')}@example.com"}


def _task(twin: AsanaTwin, number: int) -> dict[str, Any]:
    due = twin.clock.now().date() + timedelta(days=int(twin.rng.random() * 90) - 20)
    return {
        "name": f"{_pick(twin, _VERBS)} {_pick(twin, _THINGS)}, {_pick(twin, _PLACES)} {number + 1}",
        "notes": f"Visit {number % 3 + 1} of 3. Call ahead, ask for the key." if number % 5 else "",
        "completed": twin.rng.random() < 0.2,
        "due_on": due.isoformat() if number % 7 else None,
    }


def _pick(twin: AsanaTwin, choices: Any) -> Any:
    return choices[int(twin.rng.random() * len(choices))]

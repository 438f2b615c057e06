"""The twin of Asana, and how the contract suite exercises the connector on it."""

from connectors.base.sandbox.contract import Contract

from .twin import PROJECT, WORKSPACE, AsanaTwin

__all__ = ["CONTRACT", "AsanaTwin"]

CONTRACT = Contract(
    resource="task",
    collection="tasks",
    person=lambda number: {"name": f"Task {number}", "notes": "by hand"},
    new={"name": "Install kitchen island", "notes": "Two visits planned.", "due_on": "2026-12-04"},
    change={"completed": True, "due_on": None},
    refused={"assignee": {"gid": "0"}},
    words="Not an email or user ID",
    settings=lambda page_size: {"project": PROJECT, "workspace": WORKSPACE},
    hook=lambda twin, target: twin.hook(target),
)

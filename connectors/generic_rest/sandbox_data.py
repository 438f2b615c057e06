"""What the twin is filled with, and what the contract suite needs to know of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.base.sandbox.contract import Contract

from .presets import preset

_FIRST = ("Dana", "Noor", "Mateo", "Ines", "Kofi", "Lena", "Tariq", "Maeve", "Jonas", "Aiko")
_LAST = ("Okafor", "Lindqvist", "Moreno", "Haddad", "Brandt", "Silva", "Novak", "Quinn", "Abe", "Costa")
_COMPANIES = ("Harbour Joinery", "Mill Lane Roofing", "Oak & Beam", "", "Quay Electric")
_CITIES = (("Portland", "OR", "97201"), ("Bergen", "", "5003"), ("Lyon", "", "69002"), ("Leeds", "", "LS1 4AP"))
_SECRET = "whsec_contract"


def contact(number: int) -> dict[str, Any]:
    """The nth contact, always the same."""
    first, last = _FIRST[number % 10], _LAST[number // 10 % 10]
    city, region, postal_code = _CITIES[number % 4]
    street = f"{number % 90 + 1} Mill Lane"
    return {
        "first_name": first,
        "last_name": last,
        "email": f"{first}.{last}.{number + 1}@example.com".lower(),
        "phone": f"+1 555 01{number % 100:02d}",
        "company": _COMPANIES[number % 5],
        "address": {"street": street, "city": city, "region": region, "postal_code": postal_code},
        "tags": ["customer"] if number % 3 else ["customer", "newsletter"],
    }


def _settings(page_size: int) -> Mapping[str, Any]:
    document = preset("plain")
    for resource in document["resources"].values():
        resource["list"]["since"]["format"] = "iso_ms_z"
        resource["list"]["page"]["size"] = page_size
    return {"config": document}


def _hook(twin: Any, target: str) -> str:
    twin.hook(target, _SECRET)
    return _SECRET


CONTRACT = Contract(
    resource="contact",
    collection="contacts",
    person=contact,
    new={"first_name": "Rosa", "email": "rosa@example.com", "address": {"city": "Lyon"}, "tags": ["new"]},
    change={"email": "rosa.novak@example.com"},
    refused={"email": "nobody"},
    words="not an e-mail address",
    settings=_settings,
    hook=_hook,
    stamped=True,
)

"""`/_sandbox/...`: a person's hand and the faults, for tests, the demo and the simulation.

    GET    /_sandbox/{slug}/{resource}        everything, the trash too, with `_deleted`, `_author`, `_modified_at`
    POST   /_sandbox/{slug}/{resource}        one record, or a list of them
    PATCH  /_sandbox/{slug}/{resource}/{id}
    DELETE /_sandbox/{slug}/{resource}/{id}
    GET    /_sandbox/requests                 the request log of all twins
    GET    /_sandbox/faults                   active faults and how often each kind fired
    POST   /_sandbox/faults                   {"slug"?, "kind", "where"?, "times"?, "probability"?, "params"?} or a list
    DELETE /_sandbox/faults                   ends all faults, keeps the counts
    POST   /_sandbox/webhooks                 sends what waits (in process)
    POST   /_sandbox/reset                    {"slug"?, "seed_demo"?: size}

The header `X-Sandbox-Author` names the person; else it is `person`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

import orjson

from ..http import HttpRequest, HttpResponse
from .faults import Fault
from .store import Entry
from .twin import Problem, Twin, json_response

PREFIX = "/_sandbox/"


class Control:
    """Answers the control API of a set of twins."""

    def __init__(self, twins: Mapping[str, Twin]) -> None:
        self._twins = twins

    def handle(self, request: HttpRequest) -> HttpResponse:
        parts = [unquote(part) for part in urlsplit(request.url).path.removeprefix(PREFIX).split("/") if part]
        try:
            return json_response(*self._answer(request, parts))
        except Problem as problem:
            return json_response(problem.status, {"error": problem.message})
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            return json_response(400, {"error": f"{type(error).__name__}: {error}"})

    def _answer(self, request: HttpRequest, parts: list[str]) -> tuple[int, Any]:
        match request.method, parts:
            case "GET", ["requests"]:
                return 200, {"requests": [{"slug": s, **line} for s, t in self._twins.items() for line in t.requests()]}
            case "GET", ["faults"]:
                return 200, {slug: _faults(twin) for slug, twin in self._twins.items()}
            case "POST", ["faults"]:
                return 201, {"faults": self._add_faults(_body(request))}
            case "DELETE", ["faults"]:
                return 200, self._clear_faults()
            case "POST", ["webhooks"]:
                return 200, {"sent": sum(twin.webhooks.pump() for twin in self._twins.values())}
            case "POST", ["reset"]:
                return 200, self._reset(_body(request))
            case method, [slug, resource, *rest] if len(rest) <= 1:
                return self._hand(method, self._twin(slug, resource), resource, rest, request)
        raise Problem(404, f"The sandbox has no {request.method} {PREFIX}{'/'.join(parts)}.")

    def _hand(self, method: str, twin: Twin, resource: str, rest: list[str], request: HttpRequest) -> tuple[int, Any]:
        author = next((v for n, v in request.headers.items() if n.lower() == "x-sandbox-author"), "person")
        match method, rest:
            case "GET", []:
                with twin.lock:
                    return 200, [_shown(twin, entry) for entry in twin.store.all(resource)]
            case "GET", [entry_id]:
                return 200, _shown(twin, twin.found(resource, entry_id))
            case "POST", []:
                body = _body(request)
                if isinstance(body, list):
                    return 201, [twin.hand_create(resource, item, author=author).id for item in body]
                return 201, _shown(twin, twin.hand_create(resource, body, author=author))
            case "PATCH", [entry_id]:
                return 200, _shown(twin, twin.hand_update(resource, entry_id, _body(request), author=author))
            case "DELETE", [entry_id]:
                twin.hand_delete(resource, entry_id, author=author)
                return 200, {"deleted": entry_id}
        raise Problem(405, f"{method} is not for {resource}.")

    def _twin(self, slug: str, resource: str) -> Twin:
        twin = self._twins.get(slug)
        if twin is None or resource not in twin.resources:
            known = ", ".join(f"{name}/{'|'.join(item.resources)}" for name, item in self._twins.items())
            raise Problem(404, f"There is no {slug}/{resource} here. Known: {known}.")
        return twin

    def _add_faults(self, body: Any) -> list[dict[str, Any]]:
        added = []
        for item in body if isinstance(body, list) else [body]:
            data = dict(item)
            slug = data.pop("slug", None)
            for twin in [self._twins[slug]] if slug else self._twins.values():
                added.append(twin.faults.add(Fault.from_json(data)).to_json())
        return added

    def _clear_faults(self) -> dict[str, Any]:
        for twin in self._twins.values():
            twin.faults.clear()
        return {"cleared": list(self._twins)}

    def _reset(self, body: Any) -> dict[str, Any]:
        slug = body.get("slug")
        names = [slug] if slug else list(self._twins)
        for name in names:
            self._twins[name].reset()
            if body.get("seed_demo"):
                self._twins[name].seed_demo(int(body["seed_demo"]))
        return {"reset": names}


def _body(request: HttpRequest) -> Any:
    return orjson.loads(request.body) if request.body else {}


def _faults(twin: Twin) -> dict[str, Any]:
    return {"active": [fault.to_json() for fault in twin.faults.all()], "fired": dict(twin.faults.fired)}


def _shown(twin: Twin, entry: Entry) -> dict[str, Any]:
    stamps = {"_created_at": entry.created_at.isoformat(), "_modified_at": entry.modified_at.isoformat()}
    return {**twin.render(entry), "_deleted": entry.deleted, "_author": entry.author, **stamps}

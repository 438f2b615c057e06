"""The laws of a hub at rest, looked at from outside: three sides in step, rules that came to an end, nothing lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings

from automations.models import RuleFiring
from automations.simulation.ledger import ITEM, JOB, NAMES, TASK, Written, same
from automations.simulation.world import HubWorld
from conflicts.models import ConflictResolution
from integrations.models import IntegrationMapping, ParkedRecord, PendingChange, SyncLog
from jobs_boards.models import Item
from records.models import LocalChange, Task
from sync_engine.simulation.desks import Desk
from sync_engine.simulation.world import Broken

ROUNDS = 25
"""A hub at rest must be still after so many rounds of all workers."""
Rows = Mapping[str, Mapping[str, Any]]


def settle(world: HubWorld) -> int:
    """Faults end, time passes, every worker works until nothing moves. Returns the rounds it took."""
    world.calm()
    world.reap()
    for number in range(1, ROUNDS + 1):
        before = _moved(world)
        worked = world.read_rules() + world.act() + world.push() + world.hear()
        for desk in world.both:
            _sync(world, desk, full=number == 1)
        world.clock.advance(1300)
        if not worked and before == _moved(world) and not _waiting():
            return number
    last = LocalChange.objects.order_by("-pk").values_list("resource_type", "actor", "details")[:6]
    raise Broken("it comes to rest", f"still busy after {ROUNDS} rounds; changed last: {list(last)}")


def _sync(world: HubWorld, desk: Desk, **options: Any) -> None:
    result = world.sync(desk, **options)
    if result is None or result.error:
        raise Broken("it comes to rest", f"a run without faults failed: {result and result.error}")


def _moved(world: HubWorld) -> tuple[int, int, int]:
    """What only grows: writes there, writes here, firings."""
    return world.mutating, LocalChange.objects.count(), RuleFiring.objects.count()


def _waiting() -> bool:
    firings = RuleFiring.objects.filter(status=RuleFiring.Status.WAITING)
    return PendingChange.objects.exists() or firings.exists()


def check(world: HubWorld) -> None:
    """All laws. Raises `Broken` at the first that does not hold."""
    world.people.rules_wrote()
    for name, law in LAWS.items():
        law(world)
        world.counts[f"law {name}"] += 1


# In step


def sides_agree(world: HubWorld) -> None:
    """Each pair that is linked shows the same, or a case asks about it, or the link says what is wrong."""
    jobs, items, tasks = world.people.jobs(), world.people.items(), world.people.tasks()
    _agree(world.jobs.integration.pk, JOB, (JOB, jobs), (ITEM, items))
    _agree(world.asana.integration.pk, ITEM, (ITEM, items), (TASK, tasks))


def _agree(integration: Any, kind: str, ours: tuple[str, Rows], theirs: tuple[str, Rows]) -> None:
    (near, here), (far, there) = ours, theirs
    for link in _links(integration):
        a, b = here.get(str(link.internal_id)), there.get(link.external_id)
        case = _open_case(integration, kind, str(link.internal_id))
        if link.sync_status in ("DELETED", "ERROR") or (case is not None and case.kind != "FIELDS"):
            continue
        if a is None or b is None:
            raise Broken("the sides agree", f"gone on one side only: {near} {a}, {far} {b}, {link.sync_status}")
        for word in set(NAMES[near]) & set(NAMES[far]):
            asked = case is not None and NAMES[near][word] in _fields(case)
            if not asked and not same(near, a[word], far, b[word], word):
                said = f"{word} is {a[word]!r} at the {near} and {b[word]!r} at the {far}"
                raise Broken("the sides agree", f"{said}; {link.sync_status} {link.local_base} {link.external_base}")


def _fields(case: ConflictResolution) -> set[str]:
    return set(case.conflicted_fields)


def _links(integration: Any) -> list[IntegrationMapping]:
    return list(IntegrationMapping.objects.filter(integration=integration).order_by("id"))


def _open_case(integration: Any, kind: str, record: str) -> ConflictResolution | None:
    cases = ConflictResolution.objects.filter(integration=integration, resource_type=kind, resource_id=record)
    return cases.filter(status="PENDING").first()


def everything_is_linked(world: HubWorld) -> None:
    """Every job has its item or was parted from it; every item its task, every task its item, or a reason."""
    jobs = {str(link.internal_id) for link in _links(world.jobs.integration.pk)}
    links = _links(world.asana.integration.pk)
    items, tasks = {str(link.internal_id) for link in links}, {link.external_id for link in links}
    parked = set(ParkedRecord.objects.values_list("record_id", flat=True))
    asked = ConflictResolution.objects.filter(kind="MAY_EXIST", status="PENDING")
    parked |= set(asked.values_list("resource_id", flat=True))
    parked |= {gid for case in asked for gid in case.external_data.get("candidates", ())}
    for rows, linked in ((world.people.jobs(), jobs), (world.people.items(), items), (world.people.tasks(), tasks)):
        if missing := {pk: row for pk, row in rows.items() if pk not in linked | parked}:
            raise Broken("nothing is left out", f"{missing} has no partner")


def no_duplicates(world: HubWorld) -> None:
    """No more records than people made, on any side; no job has two items."""
    births = world.ledger.births
    jobs = len(world.people.jobs()) + len(world.people.jobs(deleted=True))
    items = len(world.people.items()) + len(world.people.items(deleted=True))
    if jobs > births[JOB] + (births[ITEM] + births[TASK] if world.profile.items_become_jobs else 0):
        raise Broken("no duplicates", f"{jobs} jobs, people made {births}")
    # An item that was deleted while somebody edited its job or task may be made anew, where the edit wins.
    again = sum(entry.erases and entry.word == "title" for entry in world.ledger.entries)
    if items > sum(births.values()) + again + world.counts["step restore_job"]:
        raise Broken("no duplicates", f"{items} items, people made {births}")
    named = Counter(Item.objects.filter(board=world.board).exclude(job_id=None).values_list("job_id", flat=True))
    if twice := [str(job) for job, count in named.items() if count > 1]:
        raise Broken("no duplicates", f"two items of the jobs {twice}")
    links = _links(world.asana.integration.pk)
    known = {link.external_id for link in links} | set(SyncLog.objects.values_list("external_id", flat=True))
    asked = ConflictResolution.objects.filter(kind="MAY_EXIST")
    known |= {gid for case in asked for gid in case.external_data.get("candidates", ())}
    made = {gid for gid, action in world.asana.written if action == "added"}
    if lost := [gid for gid in made - known if gid in world.people.tasks()]:
        raise Broken("no duplicates", f"the tasks {lost} were made by us and have no link")


# Rules


def rules_end(world: HubWorld) -> None:
    """Each firing is settled; none failed; no rule acted on what it brought about itself, however far round."""
    for firing in RuleFiring.objects.select_related("rule").order_by("pk"):
        chain = list(map(str, firing.chain))
        told = f"'{firing.rule.name}' on {firing.subject}: {firing.status} {firing.reason} {firing.outcomes}"
        if firing.status == "WAITING" or (firing.status == "FAILED" and "is deleted" not in firing.reason):
            raise Broken("rules come to an end", told)
        if firing.status == "DONE" and (str(firing.rule_id) in chain or len(chain) >= settings.RULE_CHAIN_LIMIT):
            raise Broken("no rule acts on its own effect", f"{told}, chain {chain}")


def firings_act_once(world: HubWorld) -> None:
    """Whoever died in between: a firing that makes a record has made one."""
    fired = RuleFiring.objects.filter(rule__name="call about it", status=RuleFiring.Status.DONE).count()
    if (made := Task.objects.count()) != fired:
        raise Broken("a firing acts once", f"{fired} firings made {made} tasks")


def firings_are_bounded(world: HubWorld) -> None:
    """What people did is the beginning of every firing: each of their writes sets off a rule once, and what follows
    from it at most `RULE_CHAIN_LIMIT` more rules, on each of the two sides that live here."""
    done = Counter(RuleFiring.objects.filter(status="DONE").values_list("rule__name", flat=True))
    roots = LocalChange.objects.exclude(origin_kind="automation").count()
    for name, count in done.items():
        if count > roots * 2:
            raise Broken("firings are bounded", f"'{name}' fired {count} times after {roots} changes")


def nothing_more(world: HubWorld) -> None:
    """Another round of every worker, then a full run, find nothing to do."""
    for full in (False, True):
        before = _moved(world)
        world.read_rules()
        world.act()
        for desk in world.both:
            _sync(world, desk, full=full)
        if before != _moved(world):
            last = LocalChange.objects.order_by("-pk").values_list("resource_type", "origin_kind", "details")[:3]
            told = f"{before} became {_moved(world)}, full={full}: {list(last)}"
            raise Broken("a further round writes nothing", told)


# The ledger


def nothing_is_lost(world: HubWorld) -> None:
    """Every value that a person wrote stands somewhere, was written over by somebody who could see it, or is kept by
    a case or by the log."""
    things = _things(world)
    shown: dict[str, list[tuple[str, Mapping[str, Any]]]] = {}
    people = world.people
    for side, rows in ((JOB, people.jobs()), (ITEM, people.items()), (TASK, people.tasks())):
        for pk, row in rows.items():
            shown.setdefault(things.get((side, pk), f"{side} {pk}"), []).append((side, row))
    for side, rows in ((JOB, people.jobs(deleted=True)), (ITEM, people.items(deleted=True))):
        for pk, row in rows.items():  # archived here, with what the task never knew
            unknown = {word: value for word, value in row.items() if word not in NAMES[TASK]}
            shown.setdefault(things.get((side, pk), f"{side} {pk}"), []).append((side, unknown))
    for thing, entry in world.ledger.standing(things):
        visible = any(
            entry.word in row and same(side, row[entry.word], entry.side, entry.value, entry.word)
            for side, row in shown.get(thing, ())
        )
        if not visible and not _kept(things, thing, entry):
            told = f"{entry.word} = {entry.value!r} of the {entry.side} {entry.record} is lost"
            raise Broken("nothing is lost", told)


def _things(world: HubWorld) -> dict[tuple[str, str], str]:
    """(side, id) -> the item at the centre of the three."""
    found: dict[tuple[str, str], str] = {}
    for integration, near, far in ((world.jobs, JOB, ITEM), (world.asana, ITEM, TASK)):
        pairs = SyncLog.objects.filter(integration=integration.integration).exclude(resource_id=None)
        linked = [(one.internal_id, one.external_id) for one in _links(integration.integration.pk)]
        for ours, theirs in [*pairs.order_by("pk").values_list("resource_id", "external_id"), *linked]:
            if theirs:
                item = str(theirs if far == ITEM else ours)
                found[near, str(ours)] = found[far, str(theirs)] = item
    return found


def _kept(things: Mapping[tuple[str, str], str], thing: str, entry: Written) -> bool:
    records = {pk for (_, pk), centre in things.items() if centre == thing} | {entry.record}
    for case in ConflictResolution.objects.filter(resource_id__in=records):
        data = (case.local_data, case.external_data, case.resolved_data or {}, case.base_data)
        if any(_holds(each, entry) for each in data):
            return True
    logs = SyncLog.objects.filter(resource_id__in=[pk for pk in records if "-" in pk])
    taken = logs.filter(operation="DELETE") | logs.filter(status="CONFLICT_RESOLVED")
    return any(_holds(log.before or {}, entry) or _holds(log.after or {}, entry) for log in taken)


def _holds(data: Mapping[str, Any], entry: Written) -> bool:
    names = {names[entry.word] for names in NAMES.values() if entry.word in names}
    names |= {f"column_values.{entry.word}"}
    held = [value for key, value in data.items() if key in names]
    return any(same(side, value, entry.side, entry.value, entry.word) for value in held for side in (ITEM, TASK))


LAWS: dict[str, Callable[[HubWorld], None]] = {
    "the sides agree": sides_agree,
    "nothing is left out": everything_is_linked,
    "no duplicates": no_duplicates,
    "rules come to an end": rules_end,
    "a firing acts once": firings_act_once,
    "firings are bounded": firings_are_bounded,
    "nothing is lost": nothing_is_lost,
    "a further round writes nothing": nothing_more,
}

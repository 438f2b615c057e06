"""Entries from saves and deletes of a model, while somebody's request is being answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.fernet import InvalidToken
from django.db.models import Model, signals

from connectors.base.redaction import secret_values
from records.asking import asker
from records.audit.log import record

Values = dict[str, Any]
Verb = Callable[[Values | None, Values], str]
CHANGED = "changed, not shown"


def made_or_changed(before: Values | None, after: Values) -> str:
    return "created" if before is None else "changed"


@dataclass(frozen=True)
class Watch:
    """fields        attributes that are kept before and after
    secrets       attributes of which only the change is kept
    organization  whose row it is; None = nobody's
    verb          what happened, from what was and what is; "" = nothing worth an entry
    always        without a request as well: what a command does
    """

    model: type[Model]
    noun: str
    fields: Sequence[str]
    secrets: Sequence[str] = ()
    organization: Callable[[Any], Any] = lambda row: None
    verb: Verb = made_or_changed
    always: bool = False

    def about_to_save(self, instance: Model, raw: bool = False, **_: Any) -> None:
        """Looks at the row as it stands, so that the save can be told from it."""
        instance.__dict__.pop("_audited", None)
        if raw or not self._asked():
            return
        rows = type(instance)._base_manager.filter(pk=instance.pk)
        instance.__dict__["_audited"] = None if instance._state.adding else rows.first()

    def saved(self, instance: Model, **_: Any) -> None:
        if "_audited" not in instance.__dict__:
            return
        was = instance.__dict__.pop("_audited")
        before, after = (self._shown(was) if was else None), self._shown(instance)
        verb = self.verb(before, after)
        changed = [name for name in after if before is None or before[name] != after[name]]
        hidden = [name for name in self.secrets if was and self._secret(was, name) != self._secret(instance, name)]
        if not verb or not (changed or hidden):
            return
        self._write(
            verb,
            instance,
            {name: before[name] for name in changed} if before is not None else None,
            {name: after[name] for name in changed} | dict.fromkeys(hidden, CHANGED),
        )

    def deleted(self, instance: Model, **_: Any) -> None:
        if self._asked():
            self._write("deleted", instance, self._shown(instance), None)

    def _asked(self) -> bool:
        return self.always or asker() is not None

    def _shown(self, row: Model) -> Values:
        return {name: getattr(row, name) for name in self.fields}

    def _secret(self, row: Model, name: str) -> Any:
        try:
            return getattr(row, name)
        except InvalidToken:  # of a key that is gone: whatever comes is a change
            return object()

    def _write(self, verb: str, row: Model, before: Values | None, after: Values | None) -> None:
        known = [self._secret(row, name) for name in self.secrets]
        hidden = [text for each in known if isinstance(each, Mapping) for text in secret_values(each)]
        record(
            f"{self.noun}.{verb}",
            row,
            organization_id=self.organization(row),
            before=before,
            after=after,
            secrets=hidden,
        )


def watch(model: type[Model], noun: str, fields: Sequence[str], **more: Any) -> Watch:
    """Watches a model from now on. Called by an app's `audited.py`; `QuerySet.update` and bulk writes go unseen and
    call `record` themselves."""
    made = Watch(model, noun, fields, **more)
    for signal, receiver in (
        (signals.pre_save, made.about_to_save),
        (signals.post_save, made.saved),
        (signals.pre_delete, made.deleted),
    ):
        # Bound methods are held weakly by default; nobody else holds these.
        signal.connect(receiver, sender=model, weak=False, dispatch_uid=f"audit.{noun}.{receiver.__name__}")
    return made

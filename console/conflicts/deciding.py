"""A decision from the console: carried out by the engine, refused in words that say what to do."""

from __future__ import annotations

from collections.abc import Mapping

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from conflicts.models import ConflictResolution
from connectors.base.errors import ConnectorError
from console.conflicts.forms import MergeForm
from console.pages import Action, Refused
from integrations.mapping.errors import ConversionError, MappingError
from records.services import InvalidValues, RecordNotFound
from sync_engine.deciding.choices import KEEP_EXTERNAL, MERGE
from sync_engine.review import decisions, reopening
from sync_engine.review.standing import NotLinked
from sync_engine.running.leases import LeaseHeld
from sync_engine.running.runs import sentence_for

PATIENCE = 5.0
"""Seconds that a person waits for a run that is at the same type."""


class NotDecided(Exception):
    """Nothing was written; the sentence says why, and what to do."""


def decide(case: ConflictResolution, form: MergeForm, strategy: str, named: Mapping[str, str], who: str) -> str:
    """What came of it, in a sentence. `named` says which record it is, where that is the question. Raises
    `NotDecided`."""
    choice = form.choice(strategy)
    values = choice.values if strategy == MERGE else named
    try:
        decisions.resolve(
            case,
            strategy=strategy,
            values=values,
            resolved_by=who,
            push=choice.push,
            seen=form.cleaned_data["token"],
            patience=PATIENCE,
        )
    except decisions.ConflictMoved as error:
        sentence = _("Nothing was written: a side has changed since you looked. Here is the new state.")
        raise NotDecided(sentence) from error
    except (decisions.AlreadyDecided, NotLinked, RecordNotFound) as error:
        raise NotDecided(str(error)) from error
    except LeaseHeld as error:
        raise NotDecided(_("A run is at this very type. Try again in a moment.")) from error
    except (decisions.CannotDecide, InvalidValues, ConversionError) as error:
        raise NotDecided(_("Nothing was written: %(why)s") % {"why": error}) from error
    except (ConnectorError, MappingError) as error:
        raise NotDecided(_("Nothing was decided: %(why)s") % {"why": sentence_for(error)}) from error
    return _told(case, strategy, choice.push)


def _told(case: ConflictResolution, strategy: str, push: bool) -> str:
    if case.kind != ConflictResolution.Kind.FIELDS or (push and strategy != KEEP_EXTERNAL):
        return _("Decided. What goes to the other side is on its way.")
    return _("Decided.")


class OneCase(Action):
    """Actions on one case of one's own organizations."""

    def case(self) -> ConflictResolution:
        own = ConflictResolution.objects.filter(integration__in=self.integrations)
        return get_object_or_404(own.select_related("integration"), pk=self.kwargs["pk"])


class Ignore(OneCase):
    """Both sides stay as they are until one of them is edited again."""

    def act(self) -> str:
        try:
            reopening.ignore(self.case(), by=self.who)
        except (decisions.CannotDecide, decisions.AlreadyDecided) as error:
            raise Refused(str(error)) from error
        return _("Left alone. The question comes back once either side is edited again.")

    def after(self) -> str:
        return reverse("console:conflicts")


class Reopen(OneCase):
    """The question again, with the values that lost."""

    opened: ConflictResolution | None = None

    def act(self) -> str:
        try:
            self.opened = reopening.reopen(self.case(), by=self.who)
        except (decisions.CannotDecide, NotLinked) as error:
            raise Refused(str(error)) from error
        except (ConnectorError, MappingError) as error:
            raise Refused(sentence_for(error)) from error
        return _("Open again. Nothing was written; choose which value shall stand.")

    def after(self) -> str:
        return reverse("console:conflict", args=[self.opened.pk if self.opened else self.kwargs["pk"]])

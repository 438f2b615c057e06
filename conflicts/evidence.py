"""A suggestion in a sentence: what was decided, how often, and under which circumstance."""

from __future__ import annotations

from django.utils.translation import gettext as _

from conflicts.suggestions import Suggestion


def sentence(suggestion: Suggestion, *, provider: str, label: str) -> str:
    """ "In 41 of 43 cases you kept Asana's due date." """
    words = {
        "agreed": suggestion.agreed,
        "total": suggestion.total,
        "what": _kept(suggestion.rule.strategy) % {"provider": provider, "label": label},
        "where": circumstance(suggestion.rule.when, provider),
    }
    if suggestion.rule.when == "always":
        return _("In %(agreed)s of %(total)s cases you %(what)s.") % words
    return _("In %(agreed)s of %(total)s cases %(where)s you %(what)s.") % words


def _kept(strategy: str) -> str:
    return {
        "prefer_external": _("kept %(provider)s's %(label)s"),
        "prefer_local": _("kept your own %(label)s"),
        "latest": _("kept the %(label)s that was edited later"),
        "max": _("kept the greater %(label)s"),
        "min": _("kept the smaller %(label)s"),
        "union": _("kept the %(label)s of both sides"),
        "concatenate": _("joined both sides' %(label)s"),
    }[strategy]


def circumstance(when: str, provider: str) -> str:
    """When a rule holds, in words."""
    return {
        "always": _("always"),
        "local_newer": _("where your edit was the later one"),
        "external_newer": _("where %(provider)s's edit was the later one"),
        "local_empty": _("where it was empty here"),
        "external_empty": _("where it was empty in %(provider)s"),
    }[when] % {"provider": provider}


def rule_words(strategy: str, provider: str) -> str:
    """What a rule does, in words."""
    return {
        "prefer_external": _("take %(provider)s's value"),
        "prefer_local": _("keep our value"),
        "latest": _("take the later edit"),
        "max": _("take the greater value"),
        "min": _("take the smaller value"),
        "union": _("take the values of both sides"),
        "concatenate": _("join both texts"),
        "review": _("ask a person"),
    }[strategy] % {"provider": provider}

"""The console's words in templates: `{% load console %}`.

Filters: `{{ 12345|compact }}`, `{{ 90500|duration }}` (milliseconds).
Tags: `{% badge "good" _("Active") %}`, `{% status run.status %}`, `{% ago when %}`, `{% icon "sync" %}`,
`{% empty_state ... %}`, `{% pager page %}`, `{% form_row field %}`, `{% action url label %}`.
Drawings: `{% sparkline values label %}`, `{% gauge health %}`.
Blocks: `{% card title %}...{% endcard %}`, `{% dialogue id title %}...{% enddialogue %}`, and
`{% live "id" seconds %}...{% endlive %}`, which is fetched again without a reload.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import template
from django.forms import CheckboxInput, CheckboxSelectMultiple, RadioSelect
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format, localize
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from console import charts, diffs
from console.records.addresses import explained_of, type_or_none
from console.words import LABELS, OPERATIONS, SETTERS, TONES, VERDICTS, compact_number, in_time, since
from sync_engine.insight.explain_rules import Verdict

register = template.Library()
NOTHING = "\N{EN DASH}"
"""Where there is no value; an empty cell looks like a fault."""


@register.filter
def compact(value: Any) -> SafeString | str:
    """A number that fits, the exact one on hover."""
    if value is None:
        return NOTHING
    short, exact = compact_number(value), localize(value, use_l10n=True)
    return exact if short == exact else format_html('<span title="{}">{}</span>', exact, short)


@register.filter
def duration(milliseconds: float | None) -> str:
    return NOTHING if milliseconds is None else in_time(round(milliseconds))


@register.simple_tag
def percent(value: float | None) -> str:
    return NOTHING if value is None else f"{localize(round(value, 1), use_l10n=True)} %".replace(".0 ", " ")


@register.simple_tag
def label_of(value: str) -> Any:
    """The label of any of our enumerations' values; any other text as it is."""
    return LABELS.get(value, value)


@register.simple_tag
def field_label(kind: str, name: str) -> str:
    """A synced field as its model calls it; its own name where nobody knows it any more."""
    found = type_or_none(kind)
    if found is None or not found.has_field(name):
        return name
    return str(getattr(found.model_field(found.field(name)), "verbose_name", name)).capitalize()


@register.simple_tag
def scores(points: Any) -> list[float]:
    """The health scores of `integrations.health.history.Point`s."""
    return [point.score for point in points or ()]


@register.filter
def as_json(value: Any) -> str:
    """JSON as a person reads it."""
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)


@register.filter
def plain(value: Any) -> str:
    """A field's value as a person reads it."""
    return diffs.text(value)


@register.filter
def of(mapping: Mapping[str, Any], key: Any) -> Any:
    """The value of a key that the template holds in a variable."""
    return mapping.get(str(key))


@register.simple_tag
def badge(tone: str, label: Any) -> SafeString:
    """`tone`: good, warn, bad, info or calm."""
    return format_html('<span class="ls-badge ls-{}">{}</span>', tone, label)


@register.simple_tag
def status(value: str, label: Any = "") -> SafeString:
    """The badge of any of our enumerations' values; `label` is the row's own word for it."""
    return badge(TONES.get(value, "calm"), label or LABELS.get(value, value))


@register.simple_tag
def verdict(value: str) -> SafeString:
    """The badge of a `sync_engine.explain_rules.Verdict`."""
    return badge(VERDICTS.get(value, "calm"), Verdict(value).label)


@register.simple_tag
def setter(value: str) -> Any:
    """Who or what set an agreed value."""
    return SETTERS.get(value, value)


@register.simple_tag
def explained(record: Any) -> str:
    """The page that explains a record's sync, "" for what is no record that syncs."""
    return explained_of(record) if record is not None else ""


@register.simple_tag
def ago(when: datetime | None, never: str = "") -> SafeString | str:
    """How long ago, or in how long, the exact time in the viewer's zone on hover."""
    if when is None:
        return never or _("never")
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', when.isoformat(), exact(when), since(when, timezone.now())
    )


@register.simple_tag
def exact(when: datetime | None) -> str:
    if when is None:
        return NOTHING
    local = timezone.localtime(when)
    return f"{date_format(local, 'DATE_FORMAT')} {local:%H:%M:%S} {local.tzname() or ''}".rstrip()


@register.simple_tag
def icon(name: str) -> SafeString:
    """A symbol beside words that say the same, so it is hidden from screen readers."""
    return format_html('<span class="material-symbols-outlined ls-icon" aria-hidden="true">{}</span>', name)


@register.simple_tag
def icon_of(operation: str) -> SafeString:
    """The symbol of a `SyncOperation`."""
    return icon(OPERATIONS.get(operation, "sync"))


@register.inclusion_tag("console/parts/empty.html")
def empty_state(title: Any, text: Any = "", href: str = "", label: Any = "", symbol: str = "inbox") -> dict[str, Any]:
    """Nothing here yet, and the next step."""
    return {"title": title, "text": text, "href": href, "label": label, "symbol": symbol}


@register.inclusion_tag("console/parts/diff.html")
def diff(before: Any, after: Any) -> dict[str, Any]:
    """Two JSON objects side by side, field by field."""
    return {"changes": diffs.changes(before, after), "old": before, "new": after}


@register.inclusion_tag("console/parts/pager.html")
def pager(page: Any) -> dict[str, Any]:
    """Newer and older, of a `console.paging.KeysetPage`."""
    return {"page": page}


@register.inclusion_tag("console/parts/form_row.html")
def form_row(field: Any) -> dict[str, Any]:
    """Label, widget, help and errors of a bound field, tied together for screen readers."""
    described = [f"{field.auto_id}_{one}" for one, there in (("help", field.help_text), ("error", field.errors))
                 if there]  # fmt: skip
    attributes = {"aria-describedby": " ".join(described)} if described else {}
    if field.errors:
        attributes["aria-invalid"] = "true"
    shape = field.field.widget
    return {
        "field": field,
        "widget": field.as_widget(attrs=attributes),
        "checkbox": isinstance(shape, CheckboxInput),
        "several": isinstance(shape, RadioSelect | CheckboxSelectMultiple),
    }


@register.inclusion_tag("console/parts/action.html", takes_context=True)
def action(
    context: Any, url: str, label: Any, symbol: str = "", kind: str = "", name: str = "", value: Any = "", id: str = ""
) -> dict[str, Any]:
    """A button that posts to `url` and comes back to this page. `kind`: "", primary or danger; `name` and `value`
    are sent along."""
    request = context["request"]
    there = request.headers.get("HX-Current-URL") or request.get_full_path()
    return {
        "url": url, "label": label, "symbol": symbol, "kind": kind, "name": name, "value": value, "id": id,
        "next": there, "csrf_token": context.get("csrf_token"),
    }  # fmt: skip


@register.simple_tag
def sparkline(values: Any, label: str) -> SafeString | str:
    """A line of values over time, the oldest first; None leaves a gap."""
    return charts.sparkline(values, label)


@register.simple_tag
def gauge(health: Any) -> SafeString:
    """The score of an `integrations.health.Health`."""
    label = _("Health %(score)d of 100") % {"score": round(health.score)}
    return charts.gauge(health.score, TONES.get(health.status, "calm"), label)


@register.simple_block_tag(takes_context=True)
def live(context: Any, content: Any, id: str, seconds: int) -> SafeString:
    """A part that is fetched again while the page is looked at. With `seconds` 0 it is left as it is."""
    if not seconds:
        return format_html('<div id="{}" class="ls-stack">{}</div>', id, content)
    request = context["request"]
    return format_html(
        '<div id="{}" class="ls-stack ls-live" hx-get="{}" hx-select="#{}" hx-swap="outerHTML"'
        " hx-trigger=\"every {}s [document.visibilityState === 'visible']\">{}</div>",
        id, request.get_full_path(), id, seconds, content,
    )  # fmt: skip


@register.simple_block_tag
def card(content: Any, title: Any = "", id: str = "", tone: str = "") -> str:
    return render_to_string("console/parts/card.html", {"content": content, "title": title, "id": id, "tone": tone})


@register.simple_block_tag
def dialogue(content: Any, id: str, title: Any) -> str:
    """Opened by anything with `data-opens="id"`; without a script that is a link to a page of the same content."""
    return render_to_string("console/parts/dialogue.html", {"content": content, "id": id, "title": title})

"""The console's words in templates: `{% load console %}`.

Filters: `{{ 12345|compact }}`, `{{ 90500|duration }}` (milliseconds).
Tags: `{% badge "good" _("Active") %}`, `{% status run.status %}`, `{% ago when %}`, `{% icon "sync" %}`,
`{% empty_state ... %}`, `{% pager page %}`, `{% form_row field %}`, `{% action url label %}`.
Blocks: `{% card title %}...{% endcard %}`, `{% dialogue id title %}...{% enddialogue %}`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format, localize
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from console.words import LABELS, TONES, compact_number, in_time, since

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
def duration(milliseconds: int | None) -> str:
    return NOTHING if milliseconds is None else in_time(milliseconds)


@register.simple_tag
def badge(tone: str, label: Any) -> SafeString:
    """`tone`: good, warn, bad, info or calm."""
    return format_html('<span class="ls-badge ls-{}">{}</span>', tone, label)


@register.simple_tag
def status(value: str) -> SafeString:
    """The badge of any of our enumerations' values."""
    return badge(TONES.get(value, "calm"), LABELS.get(value, value))


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


@register.inclusion_tag("console/parts/empty.html")
def empty_state(title: Any, text: Any = "", href: str = "", label: Any = "", symbol: str = "inbox") -> dict[str, Any]:
    """Nothing here yet, and the next step."""
    return {"title": title, "text": text, "href": href, "label": label, "symbol": symbol}


@register.inclusion_tag("console/parts/pager.html")
def pager(page: Any) -> dict[str, Any]:
    """Newer and older, of a `console.paging.KeysetPage`."""
    return {"page": page}


@register.inclusion_tag("console/parts/form_row.html")
def form_row(field: Any) -> dict[str, Any]:
    """Label, widget, help and errors of a bound field, tied together for screen readers."""
    described = [f"{field.id_for_label}_{one}" for one, there in (("help", field.help_text), ("error", field.errors))
                 if there]  # fmt: skip
    attributes = {"aria-describedby": " ".join(described)} if described else {}
    if field.errors:
        attributes["aria-invalid"] = "true"
    kind = getattr(field.field.widget, "input_type", "")
    return {"field": field, "widget": field.as_widget(attrs=attributes), "checkbox": kind == "checkbox"}


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


@register.simple_block_tag
def card(content: Any, title: Any = "", id: str = "", tone: str = "") -> str:
    return render_to_string("console/parts/card.html", {"content": content, "title": title, "id": id, "tone": tone})


@register.simple_block_tag
def dialogue(content: Any, id: str, title: Any) -> str:
    """Opened by anything with `data-opens="id"`; without a script that is a link to a page of the same content."""
    return render_to_string("console/parts/dialogue.html", {"content": content, "id": id, "title": title})

"""The audit log as PDF, to be printed or filed: who did what to what, and when, with page numbers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import fontpkg
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from fpdf import FPDF
from fpdf.fonts import FontFace

from records.audit.export import PDF_MOST as MOST
from records.models import AuditEntry

FONT = "Noto Sans"
"""Latin, Greek and Cyrillic; what it has no letter for is shown as an empty box."""
WIDTHS = (30, 32, 40, 70, 105)
LONGEST = 400
"""Characters of a change that are shown."""
GREY = 120


class Sheet(FPDF):
    """Landscape pages with a title above and a number below."""

    def __init__(self, title: str, note: str) -> None:
        super().__init__(orientation="landscape", format="A4")
        self.add_font(FONT, fname=str(fontpkg.path(FONT)))
        self.heading, self.note = title, note
        self.set_title(title)
        self.set_font(FONT, size=7)
        self.add_page()

    def header(self) -> None:
        self.set_font(FONT, size=13)
        self.cell(0, 8, self.heading, new_x="LMARGIN", new_y="NEXT")
        self.set_font(FONT, size=7)
        self.set_text_color(GREY)
        self.cell(0, 6, self.note, new_x="LMARGIN", new_y="NEXT")
        self.set_text_color(0)

    def footer(self) -> None:
        self.set_y(-12)
        self.set_text_color(GREY)
        self.cell(0, 6, _("Page %(number)d of %(all)s") % {"number": self.page_no(), "all": "{nb}"}, align="R")
        self.set_text_color(0)


def document(rows: QuerySet[AuditEntry]) -> bytes:
    """The newest `MOST` entries, in the reader's language and time zone."""
    found = list(rows.order_by("-pk")[: MOST + 1])
    sheet = Sheet(_("Audit log"), _note(len(found) > MOST))
    headings = (_("When"), _("Who"), _("What"), _("On what"), _("Before and after"))
    with sheet.table(col_widths=WIDTHS, headings_style=FontFace(emphasis="NONE", fill_color=235), padding=1) as table:
        table.row(headings)
        for entry in found[:MOST]:
            table.row(_cells(entry))
    return bytes(sheet.output())


def _note(more: bool) -> str:
    made = _("Made %(at)s.") % {"at": _when(timezone.now())}
    return f"{made} {_('The newest %(most)d entries; the CSV has all.') % {'most': MOST}}" if more else made


def _cells(entry: AuditEntry) -> Sequence[str]:
    who = f"{entry.actor}\n{entry.via} {entry.address or ''}".strip()
    return _when(entry.at), who, entry.action, f"{entry.target}\n{entry.target_type} {entry.target_id}", _change(entry)


def _change(entry: AuditEntry) -> str:
    """One field a line."""
    before, after = entry.before or {}, entry.after or {}
    lines = [
        f"{name}: {_text(before.get(name))} -> {_text(after.get(name))}" for name in dict.fromkeys([*before, *after])
    ]
    text = "\n".join(lines)
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _when(moment: Any) -> str:
    return f"{date_format(timezone.localtime(moment), 'SHORT_DATE_FORMAT')} {timezone.localtime(moment):%H:%M:%S %Z}"

"""The audit log to take away: of one's own organizations, as CSV and as PDF."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from records import audit
from records.asking import Asker
from records.audit import pdf
from records.models import AuditEntry, Organization
from tests.console.conftest import clerk, scene, server, steward, stranger, twin, whole_runs
from tests.engine.scene import Scene

__all__ = ["clerk", "scene", "server", "steward", "stranger", "twin", "whole_runs"]
CSV, PDF = reverse("admin:records_auditentry_as_csv"), reverse("admin:records_auditentry_as_pdf")


def noted(organization: Organization, number: int = 1) -> None:
    by = Asker(None, "Zoë Ωμέγα Жук", "console", "203.0.113.7")
    for _ in range(number):
        audit.record("organization.renamed", organization, organization_id=organization.pk, by=by)


def test_a_steward_takes_the_log_of_their_own_organization_away(
    steward: Client, stranger: Client, scene: Scene
) -> None:
    noted(scene.organization)
    lines = b"".join(steward.get(CSV)).decode().splitlines()  # type: ignore[arg-type]
    assert "organization.renamed" in lines[1]
    assert b"organization.renamed" not in b"".join(stranger.get(CSV))  # type: ignore[arg-type]
    answer = steward.get(PDF)
    assert (answer["Content-Type"], answer.content[:5]) == ("application/pdf", b"%PDF-")


def test_the_page_names_the_bound_of_the_pdf(steward: Client, scene: Scene) -> None:
    page = steward.get(reverse("admin:records_auditentry_changelist")).content.decode()
    assert "The newest 1,000 as PDF" in page
    assert "All as CSV" in page


def test_staff_without_a_role_take_nothing(clerk: Client) -> None:
    assert [clerk.get(place).status_code for place in (CSV, PDF)] == [403, 403]


def test_a_file_is_bounded_and_its_pages_are_numbered(
    scene: Scene, steward: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "MOST", 60)
    noted(scene.organization, 61)
    made = pdf.document(AuditEntry.objects.all())
    assert 3 <= made.count(b"/Type /Page\n") <= 8
    assert len(pdf._note(True)) > len(pdf._note(False))


def test_the_font_has_letters_beyond_latin() -> None:
    font = pdf.Sheet("title", "note").current_font
    assert [letter for letter in "ñşőΩЖ…" if ord(letter) not in font.cmap] == []

"""A rule made with the mouse, tried, and seen to fire."""

from __future__ import annotations

import pytest

from automations import acting, reading
from automations.models import Rule
from records.models import Task
from tests.browser.desk import Desk

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_rule_is_made_in_the_browser_and_fires(desk: Desk) -> None:
    page = desk.page
    desk.open("rules")
    page.get_by_role("link", name="New rule").first.click()
    page.get_by_label("Name").fill("Finished work")
    with desk.drawn():
        page.locator("#trigger-type").select_option("field.changed")
    with desk.drawn():
        page.locator("#trigger-field").select_option("status")
    page.locator("#trigger-to").select_option("COMPLETED")
    with desk.drawn():
        page.get_by_role("button", name="Add a condition").click()
    with desk.drawn():
        page.locator("#condition-0-field").select_option("project")
    with desk.drawn():
        page.locator("#condition-0-operator").select_option("contains")
    page.locator("#condition-0-value").fill("roof")
    with desk.drawn():
        page.locator("#action-0-type").select_option("set_fields")
    page.locator("#action-0-values").fill("section = Done")
    assert page.get_by_label("Name").input_value() == "Finished work"
    desk.looks_right("rule-edit")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("status of a task changes to COMPLETED").wait_for()
    rule = Rule.objects.get(name="Finished work")
    assert rule.document["conditions"] == {"all": [{"field": "project", "operator": "contains", "value": "roof"}]}
    task = desk.scene.here("Shingles", project="The roof")
    desk.scene.edit_here(task, {"status": "COMPLETED"})
    page.get_by_role("link", name="Try").click()
    page.get_by_role("link", name="Shingles").click()
    page.get_by_text("It would fire for Task Shingles").wait_for()
    desk.looks_right("rule-try")
    assert Task.objects.get(pk=task).section == ""
    while reading.read() or acting.act():
        continue
    assert Task.objects.get(pk=task).section == "Done"
    desk.open("rule", rule.pk)
    page.get_by_text("Set section to Done.").wait_for()
    desk.looks_right("rule")


def test_webhooks_in_the_browser(desk: Desk) -> None:
    page = desk.page
    desk.open("hooks")
    page.get_by_role("link", name="New webhook").first.click()
    page.get_by_label("Address").fill("http://127.0.0.1:9/hook")
    page.get_by_label("Events").select_option(["task.created"])
    desk.looks_right("webhook-edit")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("The secret, shown this once").wait_for()
    desk.looks_right("webhook")
    desk.open("hooks")
    page.get_by_text("task.created").wait_for()
    desk.looks_right("webhooks")

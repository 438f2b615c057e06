"""The record-level table is complete and never destroys an edit."""

from __future__ import annotations

from itertools import product
from typing import get_args

import pytest

from sync_engine.deciding.table import TABLE, Act, External, Link, Local, act

STATES = list(product(get_args(Link), get_args(Local), get_args(External)))


@pytest.mark.parametrize(("link", "local", "external"), STATES)
def test_every_state_has_an_act(link: Link, local: Local, external: External) -> None:
    assert isinstance(act(link, local, external), Act)


def test_the_table_has_no_other_rows() -> None:
    assert set(TABLE) == set(STATES)


@pytest.mark.parametrize(("link", "local", "external"), STATES)
def test_an_edit_is_never_deleted_unasked(link: Link, local: Local, external: External) -> None:
    what = act(link, local, external)
    if what is Act.DELETE_LOCAL:
        assert local == "same"
    if what is Act.DELETE_EXTERNAL:
        assert external == "same"


@pytest.mark.parametrize(("link", "local", "external"), STATES)
def test_nothing_is_created_where_a_link_says_it_exists(link: Link, local: Local, external: External) -> None:
    if act(link, local, external) in (Act.CREATE_LOCAL, Act.CREATE_EXTERNAL):
        assert link == "none"

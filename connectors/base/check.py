"""The call that proves a connection, and who it says we are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .errors import ConfigError
from .paths import get_path
from .records import Account


@dataclass(frozen=True, slots=True)
class Check:
    """`account` and `name` are dotted paths into the answer; `version` a response header."""

    method: str = "GET"
    path: str = ""
    account: str = "id"
    name: str = "name"
    version: str = ""

    def read(self, data: Any) -> Account:
        account = get_path(data, self.account) if self.account else "default"
        if account is None or account == "" or isinstance(account, (dict, list)):
            raise ConfigError(f"The provider answered, but without {self.account!r}; check the base URL.")
        return Account(id=str(account), name=str(get_path(data, self.name, "") or ""))

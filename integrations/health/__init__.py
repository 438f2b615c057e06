"""How well an integration is: figures from its runs, R1's four indicators, a score, and a history of them.

`figures` gathers (SQL), `indicators` and `score` judge (pure), `snapshots` keeps, `history` reads what was kept.
"""

from .figures import Figures, gather
from .indicators import Indicator, Verdict
from .score import Health, assess
from .snapshots import check, check_all, latest

__all__ = ["Figures", "Health", "Indicator", "Verdict", "assess", "check", "check_all", "gather", "latest"]

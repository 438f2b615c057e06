"""Jobs, the people and branches behind them, and boards with their items."""

from .board import Board, BoardGroup
from .board_column import BoardColumn
from .branch import Branch, BusinessUnit
from .item import Item
from .job import Job
from .job_state_change import JobStateChange
from .job_status import JobStatus
from .people import CrewMember, Employee, SalesPerson

__all__ = [
    "Board",
    "BoardColumn",
    "BoardGroup",
    "Branch",
    "BusinessUnit",
    "CrewMember",
    "Employee",
    "Item",
    "Job",
    "JobStateChange",
    "JobStatus",
    "SalesPerson",
]

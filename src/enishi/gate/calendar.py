"""The business calendar of the workspace: 営業日, 祝日, branch hours; kept in the book."""

from __future__ import annotations

from datetime import date, time, timedelta

from pydantic import Field, ValidationError, model_validator

from enishi.book import audit
from enishi.book.access import Actor
from enishi.book.clock import now
from enishi.book.faults import faults_of
from enishi.book.unit import work
from enishi.gate.bodies import DAYS, DayName, Part
from enishi.gate.in_force import stamped
from enishi.gate.models import CalendarSettings
from enishi.kernel.business_days import BusinessCalendar, japanese_holidays
from enishi.kernel.errors import Invalid
from enishi.kernel.text import Text

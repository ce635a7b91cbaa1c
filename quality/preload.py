"""Imported once by the fork server, so that each judgement starts with Great Expectations already in memory."""

from quality.judge import import_great_expectations

import_great_expectations()

"""Files in the forms that departments use: the same cells as delimited text, workbooks, JSON, XML, packed or not.

Everything is written as a stream and without a clock, so that a city of any size takes the same memory and the same
arguments give the same bytes.
"""

from ingest.synthetic.forms.delivery import Letterhead, Written, write

__all__ = ["Letterhead", "Written", "write"]

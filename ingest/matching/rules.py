"""Every threshold of the matcher, declared once with its reason. Whoever changes one raises RULES_VERSION.

Measured 2026-11 on 300,000 hard respellings against a generated register of 320,000 (precision 0.999, recall 0.90) and on
the demo city against what its world knows (1.00 and 0.99; tests/integration/city/test_identity.py holds 0.98 and 0.90).
"""

from __future__ import annotations

from typing import Final

# links of other versions are made anew; decisions of stewards stay
RULES_VERSION: Final = "1.0.0"

# from here on a pair may be linked without a steward: precision 0.987, recall 0.944 at 0.90 (README)
LINK_FROM: Final = 0.90
# from here on a steward sees the pair: a short name (鼎优混凝土制品 for …科技有限公司) at the right address scores 0.85
QUEUE_FROM: Final = 0.72
# the best candidate must lead by this much, else two are as good and neither is guessed: one digit of a room number
# changes a score by 0.02
LEAD: Final = 0.03
# a code names the entity and a name contradicts it: below this the two names have less than half in common
NAME_BEARS_OUT_CODE: Final = 0.50
# pairs whose names have less in common are not scored further; no address can lift them to QUEUE_FROM
NAME_FLOOR: Final = 0.55

# what the address weighs where both sides have one. A company's name is exclusive in its city (企业名称登记管理规定), so
# an equal one needs little support; shops of one name stand in every street.
ADDRESS_WEIGHT: Final = 0.30
ADDRESS_WEIGHT_FOR_EQUAL_COMPANY_NAME: Final = 0.10
# a name alone, without any address to bear it out; equal full names of companies are not lowered
NAME_ALONE: Final = 0.05

# 江苏 against 南京 before an equal name are two enterprises; one that leaves the place out may be either
OTHER_PLACE: Final = 0.12
PLACE_LEFT_OUT: Final = 0.01
# 有限公司 against 股份有限公司; a form left out
OTHER_FORM: Final = 0.04
FORM_LEFT_OUT: Final = 0.01
# a branch is an entity of its own; one that is in no register, at its parent's own address, is still linked to that
OTHER_BRANCH: Final = 0.13
# 鑫盛 against 鑫源: what tells enterprises of one trade apart is the first two characters
OTHER_BRAND: Final = 0.08
# 盛 written as 胜: one character of four or more, at the very same address
ONE_CHARACTER: Final = 0.93
# an entity of another district than the one the record names
OTHER_DISTRICT: Final = 0.15

# a block that holds more entities than this says nothing ("南京" as a name, a market hall of a thousand stalls)
LARGEST_BLOCK: Final = 400
LARGEST_CODE_BLOCK: Final = 1000
# candidates of one record that a steward is shown
MOST_CANDIDATES: Final = 5

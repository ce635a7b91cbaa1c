"""How a reconciliation's finding becomes a result."""

from __future__ import annotations

from collections.abc import Sequence

from quality.check import CONSISTENCY
from quality.outcome import BLOCKS_PUBLISHING, CheckResult, now_utc

OPERATOR = "jgt-operator"
_SHOWN = 5


def judged(
    check_id: str,
    subject: str,
    label_zh: str,
    dimension: str,
    wrong: Sequence[str],
    of: int,
    remedy: str,
    owner: str,
    run_id: str,
) -> CheckResult:
    """Pass when nothing is wrong, fail otherwise; what is wrong is named (the first five).

    Args:
        wrong: one short Chinese phrase a discrepancy.
        of: how many things were compared.
    """
    shown = "；".join(wrong[:_SHOWN]) + (f"；等 {len(wrong)} 处" if len(wrong) > _SHOWN else "")
    observed = f"核对 {of} 项，全部相符" if not wrong else f"核对 {of} 项，{len(wrong)} 项不符：{shown}"
    return CheckResult(
        check_id=f"reconciliation.{check_id}",
        layer="reconciliation",
        subject=subject,
        column=None,
        expectation="差额为 0",
        label_zh=label_zh,
        dimension=dimension,
        outcome="fail" if wrong else "pass",
        severity="error",
        observed=observed,
        unexpected_count=len(wrong),
        element_count=of,
        message=f"{label_zh}（{subject}）未通过：{shown}。{remedy}" if wrong else "",
        owner=owner,
        blocks=BLOCKS_PUBLISHING,
        run_id=run_id,
        checked_at=now_utc(),
    )


def could_not(
    check_id: str, subject: str, label_zh: str, error: BaseException, run_id: str, dimension: str = CONSISTENCY
) -> CheckResult:
    """The result of a reconciliation that could not be done."""
    why = f"{type(error).__name__}: {(str(error).strip() or '无说明').splitlines()[0][:300]}"
    return CheckResult(
        check_id=f"reconciliation.{check_id}",
        layer="reconciliation",
        subject=subject,
        column=None,
        expectation="差额为 0",
        label_zh=label_zh,
        dimension=dimension,
        outcome="error",
        severity="error",
        observed=f"未能执行：{why}",
        unexpected_count=None,
        element_count=None,
        message=f"{label_zh}（{subject}）未能执行：{why}。未执行的检查按未通过处理；请排除原因后运行 jgt run",
        owner=OPERATOR,
        blocks=BLOCKS_PUBLISHING,
        run_id=run_id,
        checked_at=now_utc(),
    )

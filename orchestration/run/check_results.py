"""Check results as Dagster shows them: one asset check an asset, with what failed and who mends it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

import dagster as dg

from quality.outcome import CheckResult, is_blocking

_SHOWN = 20


def asset_check_results(
    results: list[CheckResult], keys: Mapping[str, dg.AssetKey], check_name: str
) -> Iterator[dg.AssetCheckResult]:
    """One Dagster result for every asset of `keys`.

    Args:
        results: of any number of subjects.
        keys: subject (feed id or schema.table) → asset.
        check_name: the name the asset's check spec has.

    Yields:
        Not passed when a blocking result did not pass **or nothing was judged at all**; warned when only others failed.

    Raises:
        KeyError: a blocking result speaks of a subject that is no asset here; it must not go unseen.
    """
    by_subject: dict[str, list[CheckResult]] = defaultdict(list)
    for result in results:
        by_subject[result.subject].append(result)
    strangers = [s for s in by_subject if s not in keys and any(map(is_blocking, by_subject[s]))]
    if strangers:
        raise KeyError(f"{', '.join(strangers)}: {by_subject[strangers[0]][0].message}")
    for subject, key in keys.items():
        judged = by_subject.get(subject, [])
        bad = [r for r in judged if r.outcome != "pass"]
        blocking = any(map(is_blocking, judged)) or not judged
        yield dg.AssetCheckResult(
            asset_key=key,
            check_name=check_name,
            passed=not bad and bool(judged),
            severity=dg.AssetCheckSeverity.ERROR if blocking else dg.AssetCheckSeverity.WARN,
            description="；".join(r.message for r in bad[:_SHOWN]) if judged else "没有可判的规则：检查未能执行",
            metadata={
                "rules": len(judged),
                "not_passed": len(bad),
                "owners": ", ".join(sorted({r.owner for r in bad})),
            },
        )

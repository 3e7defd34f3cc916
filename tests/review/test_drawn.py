"""200 claims that one slip made wrong, and 200 right ones in other words, drawn over the public cases."""

from collections import Counter

import pytest

from tests.review.drawn import right_claims, wrong_claims

COUNT = 200


@pytest.fixture(scope="module")
def wrong():
    return wrong_claims(COUNT, seed=7)


def test_wrong_claims_are_called_wrong(wrong):
    assert len(wrong) == COUNT
    assert [drawn for drawn in wrong if drawn.report.ok] == []


def test_most_slips_are_named_and_every_repair_is_right(wrong):
    kinds = Counter(drawn.slip for drawn in wrong)
    assert (
        min(kinds[slip] for slip in ("transpose dropped", "transpose added", "sign", "swapped product")) >= 10
    )
    assert min(kinds[slip] for slip in ("factor", "missing term")) >= 5
    assert [drawn for drawn in wrong if not drawn.is_right(drawn.report.repair)] == []
    assert sum(drawn.report.slip is not None for drawn in wrong) >= 0.8 * COUNT


def test_right_claims_in_other_words_are_not_called_wrong():
    claims = right_claims(COUNT, seed=7)
    assert len({drawn.slip for drawn in claims}) >= 6
    assert [drawn for drawn in claims if drawn.report.verdict != "equal"] == []

"""The score of a label: rises with agreement nearby, falls with disagreement and novelty."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning.similarity import NEIGHBOURS, NOVELTY, Near, score

near = st.lists(st.tuples(st.sampled_from("abcd"), st.floats(-1, 1)), max_size=15)


def decided(*cosines: float, label: str = "a") -> list[Near]:
    return [(label, cosine) for cosine in cosines]


def test_descriptions_alone_ask_unless_the_text_is_nearly_their_own() -> None:
    assert score([("a", 0.6), ("b", 0.3)], []).score < 0.1
    assert score([("a", 0.85), ("b", 0.3)], []).score < 0.9
    assert score([("a", 1.0), ("b", 0.3)], []).score > 0.9


def test_a_single_decided_text_at_the_novelty_similarity_is_no_better_than_a_coin() -> None:
    assert score([], decided(NOVELTY)).score == pytest.approx(0.5)


def test_agreeing_decisions_nearby_lead_from_asking_over_notifying_to_acting() -> None:
    scores = [score([("a", 0.5), ("b", 0.5)], decided(*[0.75] * count)).score for count in range(6)]
    assert scores == sorted(scores)
    assert scores[0] < 0.7 <= scores[1] < 0.9 <= scores[-1]


def test_disagreeing_neighbours_lower_the_score_and_the_margin() -> None:
    agreed = score([], decided(0.9, 0.88, 0.86))
    disputed = score([], [*decided(0.9), *decided(0.88, label="b"), *decided(0.86)])
    assert disputed.label == "a"
    assert disputed.score < 0.75 < 0.9 < agreed.score
    assert disputed.margin < agreed.margin
    assert (disputed.agreeing, disputed.near) == (2, 3)


def test_many_far_neighbours_that_agree_do_not_make_it_sure() -> None:
    scored = score([], decided(*[0.45] * NEIGHBOURS))
    assert scored.score < 0.1
    assert scored.novelty > 0.9
    assert scored.near == 0


def test_a_label_with_many_descriptions_counts_only_the_nearest() -> None:
    assert score([("a", 0.8), ("a", 0.79), ("b", 0.81)], []).label == "b"


def test_only_the_nearest_ten_decided_texts_vote() -> None:
    assert score([], decided(*[0.8] * 10) + decided(*[0.8] * 30, label="b")).label == "a"


def test_ties_go_to_the_same_label_whatever_the_order() -> None:
    assert score([("b", 0.5), ("a", 0.5)], []).label == score([("a", 0.5), ("b", 0.5)], []).label == "a"


def test_nothing_to_choose_from_is_an_error() -> None:
    with pytest.raises(ValueError, match="to score"):
        score([], [])


@given(near, near)
def test_every_figure_is_finite_and_every_share_lies_between_0_and_1(
    described: list[Near], decided: list[Near]
) -> None:
    if not described and not decided:
        return
    scored = score(described, decided)
    assert all(math.isfinite(value) for value in scored.features().values())
    assert all(0 <= share <= 1 for share in (scored.score, scored.margin, scored.novelty))
    assert scored.margin <= scored.score
    assert scored.agreeing <= scored.near <= NEIGHBOURS

"""The rating matrix of one criterion, as the JSON file that Netflix's sureal reads."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

from sora_compare.statistics.ratings import ARMS

if TYPE_CHECKING:
    from sora_compare.statistics.ratings import Ratings


def as_matrix(ratings: Ratings, criterion: str) -> str:
    """A data set of sureal: each prompt is a content, each arm's clip for it a stimulus with scores by reviewer.

    Hidden repeats, A/A pairs and practice are left out. ValueError when the table has no such criterion.
    """
    plain = ratings.without_checks().only(criterion)
    rows, contents = np.unique(plain.prompt, return_inverse=True)
    stimuli = [
        {
            "content_id": int(content),
            "asset_id": number,
            "path": f"{plain.pairs.names[pair]}/{ARMS[arm]}",
            "os": scores,
        }
        for number, ((content, pair, arm), scores) in enumerate(sorted(_scores(plain, contents).items()))
    ]
    references = [
        {"content_id": number, "content_name": plain.pairs.prompts[prompt], "path": plain.pairs.prompts[prompt]}
        for number, prompt in enumerate(rows)
    ]
    record = {"dataset_name": criterion, "ref_score": None, "ref_videos": references, "dis_videos": stimuli}
    return json.dumps(record, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def _scores(plain: Ratings, contents: np.ndarray) -> dict[tuple[int, int, int], dict[str, float]]:
    found: dict[tuple[int, int, int], dict[str, float]] = {}
    for arm in range(len(ARMS)):
        values = plain.scores[0, arm]
        for row in np.flatnonzero(~np.isnan(values)):
            stimulus = found.setdefault((int(contents[row]), int(plain.pair[row]), arm), {})
            stimulus[plain.reviewers[plain.reviewer[row]]] = float(values[row])
    return found

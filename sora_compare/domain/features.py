"""Rules for storyboards, cameos and reference images that hold whatever the model."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from sora_compare.domain.endpoints import ValidationProblem
from sora_compare.domain.requests import TUNING_DIALS, pixels

if TYPE_CHECKING:
    from sora_compare.domain.requests import Cameo, ClipRequest, ClipSettings, StoredImage

SAME_INSTANT_S = 0.001
"""Comparisons below are written so that a time that is no number counts as wrong."""
CAMEO_NAME = re.compile(r"\w[\w-]{0,39}")
MENTION = re.compile(r"(?<![\w@])@(\w[\w-]*)")
IMAGE_TYPES = ("image/jpeg", "image/png", "image/webp")


def validate_features(request: ClipRequest) -> list[ValidationProblem]:
    """What is wrong with the features themselves; empty when they can be sent where they are supported."""
    settings = request.settings
    return [*_storyboard(settings), *_cameos(request), *_image(settings), *_tuning(settings)]


def _storyboard(settings: ClipSettings) -> list[ValidationProblem]:
    scenes = settings.storyboard
    if not scenes:
        return []
    sentences = [
        f"Scene {n} has no text: say what it shows." for n, one in enumerate(scenes, 1) if not one.prompt.strip()
    ]
    sentences += [
        f"Scene {n} ends at {one.end:g} s, which is not after its start at {one.start:g} s."
        for n, one in enumerate(scenes, 1)
        if not one.end > one.start
    ]
    if not abs(scenes[0].start) <= SAME_INSTANT_S:
        sentences.append(f"The first scene starts at {scenes[0].start:g} s: let it start at 0.")
    for number, (one, following) in enumerate(pairwise(scenes), 1):
        gap = following.start - one.end
        if not abs(gap) <= SAME_INSTANT_S:
            what = "a gap" if gap > 0 else "an overlap"
            sentences.append(
                f"Between scenes {number} and {number + 1} there is {what} of {abs(gap):g} s: let them meet."
            )
    if not abs(scenes[-1].end - settings.seconds) <= SAME_INSTANT_S:
        sentences.append(
            f"The last scene ends at {scenes[-1].end:g} s, the clip at {settings.seconds} s: make them equal."
        )
    return [ValidationProblem("storyboard", sentence) for sentence in sentences]


def _cameos(request: ClipRequest) -> list[ValidationProblem]:
    cameos = request.settings.cameos
    if not cameos:
        return []
    names = [cameo.name for cameo in cameos]
    text = " ".join([request.prompt, *(scene.prompt for scene in request.settings.storyboard)])
    named = mentions(text)
    sentences = [sentence for cameo in cameos for sentence in _one_cameo(cameo)]
    sentences += [
        f"Two cameos are called {name}: rename one." for name in sorted({n for n in names if names.count(n) > 1})
    ]
    unnamed = [name for name in names if name not in named]
    sentences += [f"The prompt never names @{name}: write it where the character appears." for name in unnamed]
    sentences += [f"The prompt names @{name}, but no such cameo is chosen." for name in sorted(named - set(names))]
    return [ValidationProblem("cameos", sentence) for sentence in sentences]


def _one_cameo(cameo: Cameo) -> list[str]:
    sentences = []
    if not CAMEO_NAME.fullmatch(cameo.name):
        sentences.append(f"“{cameo.name}” cannot be a cameo's name: use up to 40 letters, digits, “_” or “-”.")
    if not cameo.images:
        sentences.append(f"The cameo {cameo.name} has no picture: add at least one.")
    return sentences


def mentions(text: str) -> set[str]:
    """The names a text mentions as `@name`."""
    return set(MENTION.findall(text))


def _image(settings: ClipSettings) -> list[ValidationProblem]:
    image = settings.image
    if image is None:
        return []
    if image.mime not in IMAGE_TYPES:
        return [ValidationProblem("image", f"{image.mime} is no picture that can be sent: use JPEG, PNG or WebP.")]
    if not _has_size(image, settings.size):
        text = f"The reference image has {image.width}x{image.height} pixels, the clip {settings.size}"
        return [ValidationProblem("image", f"{text}: they must be equal. Crop the image or choose its size.")]
    return []


def _has_size(image: StoredImage, size: str) -> bool:
    """True also for a size that is none, which is said elsewhere."""
    try:
        return (image.width, image.height) == pixels(size)
    except ValueError:
        return True


def _tuning(settings: ClipSettings) -> list[ValidationProblem]:
    strange = [name for name in settings.tuning if name not in TUNING_DIALS]
    sentences = [f"There is no dial “{name}”: the dials are {', '.join(TUNING_DIALS)}." for name in strange]
    sentences += [
        f"The dial {name} is at {value:g}: set it between -1 and 1."
        for name, value in settings.tuning.items()
        if not -1 <= value <= 1
    ]
    return [ValidationProblem("tuning", sentence) for sentence in sentences]

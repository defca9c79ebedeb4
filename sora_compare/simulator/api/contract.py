"""What the API accepts: every field of a create request checked before a job exists."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sora_compare.simulator.api.catalogue import DEFAULT_MODEL, DEFAULT_SECONDS, DEFAULT_SIZE, MODELS, SIZES
from sora_compare.simulator.api.jobs import Request, seed_of
from sora_compare.simulator.api.photographs import NotAPhotograph, photograph_size
from sora_compare.simulator.api.problems import InvalidValue, NotAllowed, NotServed, Problem
from sora_compare.simulator.studio.presets import PRESETS, TUNABLE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sora_compare.simulator.api.catalogue import Model
    from sora_compare.simulator.api.forms import Form
    from sora_compare.simulator.api.state import Cameo

KNOWN = {
    "prompt", "model", "seconds", "size", "seed", "style", "style_tuning", "storyboard", "cameos", "input_reference",
}  # fmt: skip
UNUSED = {"user", "metadata"}
"""Fields that gateways add and that decide nothing."""
LONGEST_PROMPT = 32_000
LONGEST_LENIENT_S = 60
LARGEST_LENIENT_SIDE, SMALLEST_SIDE = 4096, 32
LARGEST_SEED = 2**32 - 1
MOST_CAMEOS = 3
MOST_SCENES = 25
MOST_PICTURES = 8
LONGEST_NAME = 80
TIME_SLACK_S = 1e-6


@dataclass(frozen=True, slots=True)
class Rules:
    """How strict the server is: lenient takes any whole seconds up to 60 and any small even size, for tests."""

    is_lenient: bool = False


def checked_request(form: Form, rules: Rules, cameos: Mapping[str, Cameo]) -> tuple[Request, bytes | None]:
    """The request, and the reference picture's bytes if one came.

    Raises:
        Problem: with status 400, the field in `param` and a message that says what is allowed.
    """
    fields = form.fields
    unknown = sorted((fields.keys() | form.files.keys()) - KNOWN - UNUSED)
    if unknown:
        raise InvalidValue(unknown[0], f"Unknown parameter: '{unknown[0]}'.", "unknown_parameter")
    model = _model(fields.get("model", DEFAULT_MODEL))
    seconds = _seconds(fields.get("seconds", DEFAULT_SECONDS), model, rules)
    width, height = _size(fields.get("size", DEFAULT_SIZE), rules)
    shots = _shots(fields.get("storyboard"), model, seconds)
    prompt = _prompt(fields.get("prompt"), may_be_missing=bool(shots))
    request = Request(
        model=model.name,
        prompt=prompt,
        seconds=seconds,
        width=width,
        height=height,
        seed=_seed(fields.get("seed"), prompt or str(shots), seconds, f"{width}x{height}"),
        style=_style(fields.get("style")),
        tuning=_tuning(fields.get("style_tuning"), model),
        shots=shots,
        cameos=_cameos(fields.get("cameos"), model, prompt + " ".join(words for _, _, words in shots), cameos),
    )
    return request, _reference(form, width, height)


def checked_cameo(form: Form) -> tuple[str, str, list[bytes]]:
    """Name, description and pictures of a new character.

    Raises:
        Problem: see `checked_request`.
    """
    name = str(form.fields.get("name", "")).strip()
    if not name or len(name) > LONGEST_NAME or any(letter.isspace() for letter in name):
        raise InvalidValue("name", f"'name' must have 1 to {LONGEST_NAME} characters and no spaces.")
    pictures = form.files.get("reference_images", [])
    if not 1 <= len(pictures) <= MOST_PICTURES:
        raise InvalidValue("reference_images", f"Send 1 to {MOST_PICTURES} pictures in 'reference_images'.")
    for picture in pictures:
        _photograph_size("reference_images", picture)
    return name, str(form.fields.get("description", "")), pictures


def _model(value: object) -> Model:
    if not isinstance(value, str) or value not in MODELS:
        raise NotAllowed("model", value, tuple(MODELS))
    return MODELS[value]


def _seconds(value: object, model: Model, rules: Rules) -> int:
    text = str(value)
    whole = int(text) if text.isascii() and text.isdigit() else 0
    if rules.is_lenient and 1 <= whole <= LONGEST_LENIENT_S:
        return whole
    if whole not in model.seconds:
        raise NotAllowed("seconds", value, model.seconds)
    return whole


def _size(value: object, rules: Rules) -> tuple[int, int]:
    width, _, height = str(value).partition("x")
    is_numbers = all(part.isascii() and part.isdigit() and len(part) <= 4 for part in (width, height))  # noqa: PLR2004 - digits
    if rules.is_lenient and is_numbers:
        sides = (int(width), int(height))
        if all(SMALLEST_SIDE <= side <= LARGEST_LENIENT_SIDE and side % 2 == 0 for side in sides):
            return sides
    if value not in SIZES:
        raise NotAllowed("size", value, SIZES)
    return int(width), int(height)


def _prompt(value: object, param: str = "prompt", *, may_be_missing: bool = False) -> str:
    if value is None and may_be_missing:
        return ""
    if value is None:
        raise InvalidValue(param, f"Missing required parameter: '{param}'.", "missing_required_parameter")
    if not isinstance(value, str) or not value.strip():
        raise InvalidValue(param, f"Invalid '{param}': it is empty. Describe the video in words.", "empty_string")
    if len(value) > LONGEST_PROMPT:
        message = f"Invalid '{param}': {len(value)} characters are too many; the maximum is {LONGEST_PROMPT}."
        raise InvalidValue(param, message, "string_above_max_length")
    return value


def _seed(value: object, words: str, seconds: int, size: str) -> int:
    if value is None:
        return seed_of(words, seconds, size)
    text = str(value)
    if isinstance(value, (bool, float)) or not text.isascii() or not text.isdigit() or int(text) > LARGEST_SEED:
        raise InvalidValue("seed", f"Invalid 'seed': '{value}'. Send a whole number from 0 to {LARGEST_SEED}.")
    return int(text)


def _style(value: object) -> str:
    if value in (None, ""):
        return ""
    if value not in PRESETS:
        raise NotAllowed("style", value, tuple(PRESETS))
    return str(value)


def _tuning(value: object, model: Model) -> dict[str, float]:
    if value in (None, {}):
        return {}
    if not model.has_extras:
        raise NotServed("style_tuning", model.name)
    if not isinstance(value, dict) or not value.keys() <= set(TUNABLE):
        raise InvalidValue("style_tuning", f"'style_tuning' takes numbers for: {', '.join(TUNABLE)}.")
    return {name: _number(f"style_tuning.{name}", one, -1.0, 1.0) for name, one in value.items()}


def _number(param: str, value: object, low: float, high: float) -> float:
    try:
        number = math.nan if isinstance(value, bool) else float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        number = math.nan
    if not low <= number <= high:
        raise InvalidValue(param, f"Invalid '{param}': '{value}'. Send a number from {low:g} to {high:g}.")
    return number


def _shots(value: object, model: Model, seconds: int) -> tuple[tuple[float, float, str], ...]:
    if value is None:
        return ()
    if not model.has_extras:
        raise NotServed("storyboard", model.name)
    scenes = value.get("scenes") if isinstance(value, dict) else None
    if not isinstance(scenes, list) or not 1 <= len(scenes) <= MOST_SCENES:
        raise InvalidValue("storyboard", f"'storyboard' must be {{\"scenes\": [...]}} with 1 to {MOST_SCENES} scenes.")
    shots = tuple(_shot(index, scene, seconds) for index, scene in enumerate(scenes))
    ends = [0.0, *(shot[1] for shot in shots)]
    for index, (shot, end) in enumerate(zip(shots, ends, strict=False)):
        if abs(shot[0] - end) > TIME_SLACK_S:
            what = "overlaps the scene before it" if shot[0] < end else "leaves a gap before it"
            raise InvalidValue(
                f"storyboard.scenes[{index}].start", f"Scene {index + 1} {what}: it must start at {end:g} s."
            )
    if abs(ends[-1] - seconds) > TIME_SLACK_S:
        raise InvalidValue(
            "storyboard", f"The last scene ends at {ends[-1]:g} s; it must end with the clip at {seconds} s."
        )
    return shots


def _shot(index: int, scene: Any, seconds: int) -> tuple[float, float, str]:  # noqa: ANN401 - unchecked JSON
    where = f"storyboard.scenes[{index}]"
    if not isinstance(scene, dict):
        raise InvalidValue(where, f"'{where}' must be an object with start, end and prompt.")
    start = _number(f"{where}.start", scene.get("start"), 0, seconds)
    end = _number(f"{where}.end", scene.get("end"), 0, seconds)
    if end <= start:
        raise InvalidValue(f"{where}.end", f"Scene {index + 1} must end after it starts.")
    return start, end, _prompt(scene.get("prompt"), f"{where}.prompt")


def _cameos(value: object, model: Model, words: str, known: Mapping[str, Cameo]) -> tuple[str, ...]:
    if value in (None, []):
        return ()
    if not model.has_extras:
        raise NotServed("cameos", model.name)
    if not isinstance(value, list) or len(value) > MOST_CAMEOS:
        raise InvalidValue("cameos", f"'cameos' must be a list of at most {MOST_CAMEOS} ids.")
    for one in value:
        if one not in known:
            raise InvalidValue("cameos", f"Cameo '{one}' not found.", "not_found")
        if f"@{known[one].name}" not in words:
            raise InvalidValue("prompt", f"The prompt does not name the cameo: write '@{known[one].name}' in it.")
    return tuple(value)


def _reference(form: Form, width: int, height: int) -> bytes | None:
    if "input_reference" in form.fields:
        raise InvalidValue("input_reference", "Send 'input_reference' as a file in a multipart form.")
    pictures = form.files.get("input_reference", [])
    if not pictures:
        return None
    found = _photograph_size("input_reference", pictures[0])
    if found != (width, height):
        message = f"The picture is {found[0]}x{found[1]}; it must have the size of the video, {width}x{height}."
        raise InvalidValue("input_reference", message, "invalid_image_size")
    return pictures[0]


def _photograph_size(param: str, data: bytes) -> tuple[int, int]:
    try:
        return photograph_size(data)
    except NotAPhotograph as error:
        raise Problem(400, f"Invalid '{param}': {error}.", param=param, code="invalid_image") from error

"""What a create looks like on the wire, by the profile's body mode; nothing here talks to a network."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from sora_compare.errors import ConfigurationError
from sora_compare.settings import Secret

if TYPE_CHECKING:
    from sora_compare.domain.requests import Cameo, ClipRequest
    from sora_compare.endpoints.profiles import Profile

STANDARD_LENGTH_FIELD = "seconds"
JSON_TYPE = "application/json"
SUFFIXES = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp"}


@dataclass(frozen=True, slots=True)
class CreateCall:
    """Arguments for the SDK's `videos.create`."""

    arguments: dict[str, Any]
    extra_body: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)


def sendable_key(endpoint: str, key: Secret) -> Secret:
    """The key as a header carries it, without blanks around it.

    Raises:
        ConfigurationError: it holds a character that no header can carry. The libraries below would repeat the
            whole key in their message.
    """
    text = key.reveal().strip()
    if not (text.isascii() and (text.isprintable() or not text)):
        raise ConfigurationError(
            f"The key of “{endpoint}” holds a character that no request can carry, such as a line break or an "
            "accent. Set it again in the environment or in .streamlit/secrets.toml and start again."
        )
    return Secret(text)


def create_call(request: ClipRequest, profile: Profile, cameo_ids: list[str], image: bytes | None) -> CreateCall:
    """The call for one request.

    Args:
        request: what is asked.
        profile: how the server wants it.
        cameo_ids: the server's ids of the request's cameos.
        image: bytes of the reference image, when the request has one.
    """
    settings = request.settings
    is_json = profile.body == "json"
    arguments: dict[str, Any] = {"model": request.model, "prompt": request.prompt, "size": settings.size}
    extra: dict[str, Any] = {}
    if profile.length_field == STANDARD_LENGTH_FIELD:
        arguments["seconds"] = str(settings.seconds)
    else:
        extra[profile.length_field] = settings.seconds
    if settings.image and image is not None:
        name = f"reference{SUFFIXES.get(settings.image.mime, '')}"
        arguments["input_reference"] = (name, image, settings.image.mime)
    extra |= {name: value for name, value in _features(request, cameo_ids).items() if value not in (None, {}, [])}
    if not is_json:
        extra = {name: _as_field(value) for name, value in extra.items()}
    # With a file the body must be multipart whatever the profile prefers.
    headers = {"Content-Type": JSON_TYPE} if is_json and image is None else {}
    return CreateCall(arguments, extra, headers)


def _features(request: ClipRequest, cameo_ids: list[str]) -> dict[str, Any]:
    settings = request.settings
    scenes = [asdict(scene) for scene in settings.storyboard]
    return {
        "seed": settings.seed,
        "style": settings.style,
        "style_tuning": dict(settings.tuning),
        "storyboard": {"scenes": scenes} if scenes else None,
        "cameos": cameo_ids,
    }


def _as_field(value: Any) -> Any:  # noqa: ANN401  # whatever JSON holds
    """Nested values as JSON text: most servers read multipart fields that way."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def cameo_form(cameo: Cameo, images: list[bytes]) -> tuple[dict[str, str], list[tuple[str, tuple[str, bytes, str]]]]:
    """Fields and files for the article's `POST /videos/cameos`."""
    files = [
        ("reference_images", (f"image{n}{SUFFIXES.get(stored.mime, '')}", content, stored.mime))
        for n, (stored, content) in enumerate(zip(cameo.images, images, strict=True))
    ]
    return {"name": cameo.name, "description": cameo.description}, files

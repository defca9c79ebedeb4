"""Settings: the only reader of environment variables and of `.streamlit/secrets.toml`."""

from __future__ import annotations

import math
import os
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, SupportsIndex
from urllib.parse import urlsplit

from platformdirs import user_data_path
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sora_compare.domain.endpoints import SIMULATOR, Endpoint
from sora_compare.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

OPENAI_BASE_URL = "https://api.openai.com/v1"
SECRETS_FILE = Path(".streamlit/secrets.toml")
DEFAULT_SPEED = 10.0
"""How many times faster than the article's figures the built-in simulator renders."""
DEFAULT_CACHE_MB = 512
SIMULATOR_POLL_S = 0.25
SHORTEST_OWNER_TOKEN = 16
"""Characters; 64 bits when they are hexadecimal digits drawn at random."""
PROJECT = Path(__file__).resolve().parent.parent
LAUNCHER = PROJECT / "sora_compare" / "launcher"
APP_FOLDER = LAUNCHER if LAUNCHER.is_dir() else PROJECT
"""Where app.py and pages/ are: inside an installed package, or at the top of a clone."""


class Secret:
    """A key that never shows itself: not in `repr`, logs, errors or exports."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def __repr__(self) -> str:
        return "Secret(…)"

    def __bool__(self) -> bool:
        return bool(self._value)

    def __reduce_ex__(self, protocol: SupportsIndex) -> str:
        raise TypeError("a key is not kept: it is read from its source each time")

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Secret:
        return self

    def reveal(self) -> str:
        """The key itself, for the request's header and nothing else."""
        return self._value


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that comes from outside the program.

    Attributes:
        home: the data folder.
        endpoints: by name; the simulator is always among them.
        default_endpoint: the one both arms start with.
        secrets: keys by source ("env:NAME", "secrets:NAME").
        key_hosts: to which hosts, each as "host" or "host:port", endpoints added on a page may send which key.
        deploy_environment: DEPLOY_ENV.
        owner_token: SORA_COMPARE_OWNER_TOKEN; empty for a new one at every start.
        owners: e-mail addresses that own the app when they log in ([access] owners in secrets.toml).
        simulator_speed: see DEFAULT_SPEED.
        database_url: SORA_COMPARE_DATABASE_URL, a PostgreSQL database for the records; empty for a file in `home`.
        cache_bytes: size of the local cache, of SORA_COMPARE_CACHE_MB (2^20 bytes each).
        policy_file: SORA_COMPARE_POLICY, a version policy kept as a TOML file; None when it is in the data folder.
    """

    home: Path
    endpoints: dict[str, Endpoint]
    default_endpoint: str = SIMULATOR
    secrets: dict[str, Secret] = field(default_factory=dict, repr=False)
    key_hosts: dict[str, frozenset[str]] = field(default_factory=dict)
    deploy_environment: str = "development"
    simulator_speed: float = DEFAULT_SPEED
    owner_token: Secret = field(default_factory=lambda: Secret(""))
    owners: frozenset[str] = frozenset()
    policy_file: Path | None = None
    cache_bytes: int = DEFAULT_CACHE_MB * 2**20
    database_url: Secret = field(default_factory=lambda: Secret(""))

    def key_for(self, endpoint: Endpoint) -> Secret:
        """The endpoint's key; an empty one when it has none or its source is not set."""
        return self.secrets.get(endpoint.key_source, Secret(""))


def load(environment: Mapping[str, str] | None = None, secrets_file: Path | None = None) -> Settings:
    """Read the settings.

    Raises:
        ConfigurationError: a value that cannot be used, named with what to do.
    """
    env = os.environ if environment is None else environment
    secrets = _read_secrets(secrets_file or _secrets_path())
    default = _default_endpoint(env, secrets)
    named = [_named_endpoint(name, table) for name, table in _tables(secrets).items()]
    endpoints = {one.name: one for one in (_simulator(), *default, *named)}
    first = next((one.name for one in default if one.base_url != OPENAI_BASE_URL), None)
    return Settings(
        home=_home(env),
        endpoints=endpoints,
        default_endpoint=first or next((one.name for one in named), SIMULATOR),
        secrets=_keys(env, secrets),
        key_hosts=_key_hosts(env, secrets),
        deploy_environment=env.get("DEPLOY_ENV", "development"),
        owner_token=_owner_token(env),
        owners=frozenset(str(one).strip() for one in secrets.get("access", {}).get("owners", [])),
        simulator_speed=_number(env, "SORA_COMPARE_SIMULATOR_SPEED", DEFAULT_SPEED),
        policy_file=_policy_file(env),
        cache_bytes=int(_number(env, "SORA_COMPARE_CACHE_MB", DEFAULT_CACHE_MB) * 2**20),
        database_url=Secret(env.get("SORA_COMPARE_DATABASE_URL", "").strip()),
    )


def trusts_proxies(environment: Mapping[str, str] | None = None) -> bool:
    """Whether the operator named proxies to believe; uvicorn reads which ones from the same variable by itself."""
    env = os.environ if environment is None else environment
    return bool(env.get("FORWARDED_ALLOW_IPS", "").strip())


def _owner_token(env: Mapping[str, str]) -> Secret:
    token = env.get("SORA_COMPARE_OWNER_TOKEN", "").strip()
    if token and len(token) < SHORTEST_OWNER_TOKEN:
        raise ConfigurationError(
            f"SORA_COMPARE_OWNER_TOKEN has {len(token)} characters and could be guessed: "
            f"choose at least {SHORTEST_OWNER_TOKEN}, or leave it out for a new one at every start."
        )
    return Secret(token)


def _home(env: Mapping[str, str]) -> Path:
    chosen = _path(env, "SORA_COMPARE_HOME")
    return user_data_path("sora-compare", appauthor=False) if chosen is None else chosen


def _policy_file(env: Mapping[str, str]) -> Path | None:
    return _path(env, "SORA_COMPARE_POLICY")


def _path(env: Mapping[str, str], name: str) -> Path | None:
    chosen = env.get(name, "").strip()
    try:
        return Path(chosen).expanduser().absolute() if chosen else None
    except RuntimeError as error:
        raise ConfigurationError(f"{name} is “{chosen}”: there is no such user; write the whole path.") from error


def _simulator() -> Endpoint:
    return Endpoint(
        name=SIMULATOR,
        base_url="",
        profile="simulator",
        poll_interval_s=SIMULATOR_POLL_S,
        watch_limit_s=900,
        concurrency=2,  # one pair at a time: more would only wait for the same cores, and show as render time
    )


def _default_endpoint(env: Mapping[str, str], secrets: dict[str, Any]) -> list[Endpoint]:
    base_url = str(env.get("OPENAI_BASE_URL") or secrets.get("OPENAI_BASE_URL", "")).strip()
    has_key = bool(env.get("OPENAI_API_KEY") or secrets.get("OPENAI_API_KEY"))
    if not base_url and not has_key:
        return []
    source = "env:OPENAI_API_KEY" if env.get("OPENAI_API_KEY") else "secrets:OPENAI_API_KEY"
    url = checked_base_url(base_url or OPENAI_BASE_URL)
    is_openai = url == OPENAI_BASE_URL
    return [
        Endpoint(
            name="openai" if is_openai else "default",
            base_url=url,
            key_source=source if has_key else "",
            profile="openai" if is_openai else "generic",
            poll_interval_s=10.0 if is_openai else _number(env, "SORA_COMPARE_POLL_S", 2.0),
        )
    ]


class EndpointTable(BaseModel):
    """A table [endpoints.NAME] as people write it; a field that is not here is a slip, such as `concurency`."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    base_url: str
    key: str = ""
    key_source: str = ""
    profile: str = "generic"
    poll_interval_s: Annotated[float, Field(gt=0)] = 10.0
    watch_limit_s: Annotated[float, Field(gt=0)] = 3600.0
    concurrency: Annotated[int, Field(ge=1)] = 4
    requests_per_minute: Annotated[int, Field(ge=1)] | None = None


def _named_endpoint(name: str, table: object) -> Endpoint:
    if name == SIMULATOR:
        raise ConfigurationError(f"[endpoints.{name}] in {SECRETS_FILE} has the simulator's name: choose another.")
    try:
        found = EndpointTable.model_validate(table, strict=True)
    except ValidationError as error:
        # Of what pydantic says only the field and the rule: the value may be a key.
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        field_name, known = first["loc"][0] if first["loc"] else "it", ", ".join(EndpointTable.model_fields)
        raise ConfigurationError(
            f"[endpoints.{name}] in {SECRETS_FILE}: {field_name} cannot be used ({first['msg'].lower()}). "
            f"Its fields are {known}; base_url is required."
        ) from None
    own_key = f"secrets:endpoints.{name}" if found.key else ""
    settings = found.model_dump(exclude={"base_url", "key", "key_source"})
    return Endpoint(
        name=name, base_url=checked_base_url(found.base_url), key_source=found.key_source or own_key, **settings
    )


def checked_base_url(url: str) -> str:
    """The URL without a trailing slash.

    Raises:
        ConfigurationError: when it is no http or https address, or carries a key; it is not repeated, since people
            paste keys into the wrong field.
    """
    try:
        parts = urlsplit(url.strip())
        is_address = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address:
        raise ConfigurationError("The base URL is not an address: write it as https://host/v1.")
    if parts.username or parts.password:
        raise ConfigurationError("The base URL holds a password: put the key in OPENAI_API_KEY instead.")
    if parts.query or parts.fragment:
        raise ConfigurationError("The base URL goes on after “?” or “#”: write it as https://host/v1.")
    return url.strip().rstrip("/")


def _keys(env: Mapping[str, str], secrets: dict[str, Any]) -> dict[str, Secret]:
    keys = {f"env:{name}": Secret(value) for name, value in env.items() if name.endswith("_KEY")}
    keys |= {f"secrets:{name}": Secret(value) for name, value in secrets.items() if isinstance(value, str)}
    tables = _tables(secrets)
    keys |= {f"secrets:endpoints.{name}": Secret(str(table["key"])) for name, table in tables.items() if "key" in table}
    return keys


def _key_hosts(env: Mapping[str, str], secrets: dict[str, Any]) -> dict[str, frozenset[str]]:
    pairs = [one.strip().partition("=") for one in env.get("SORA_COMPARE_KEYS", "").split(",") if one.strip()]
    listed = [(name.strip(), host.strip()) for name, _, host in pairs]
    table = secrets.get("keys", {})
    listed += [(name, str(host)) for name, host in table.items()] if isinstance(table, dict) else [("", "")]
    if not all(name and host for name, host in listed):
        raise ConfigurationError(
            "Keys are listed with their hosts: SORA_COMPARE_KEYS=NAME_KEY=host,OTHER_KEY=host, or in secrets.toml "
            'under [keys] NAME_KEY = "host".'
        )
    return {name: frozenset(host for one, host in listed if one == name) for name, _ in listed}


def _tables(secrets: dict[str, Any]) -> dict[str, Any]:
    tables = secrets.get("endpoints", {})
    if not isinstance(tables, dict):
        raise ConfigurationError(f"In {SECRETS_FILE} each endpoint is a table: [endpoints.NAME] with a base_url.")
    return tables


def _secrets_path() -> Path:
    local = Path.cwd() / SECRETS_FILE
    return local if local.exists() else PROJECT / SECRETS_FILE


def _read_secrets(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read ({error.strerror}): check its permissions.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} is not valid TOML: {error}.") from error


def _number(env: Mapping[str, str], name: str, default: float) -> float:
    text = env.get(name, "").strip()
    try:
        value = float(text) if text else default
    except ValueError:
        value = -1.0
    if not (value > 0 and math.isfinite(value)):
        raise ConfigurationError(f"{name} is “{text}”: give a number above 0, or leave it out.")
    return value

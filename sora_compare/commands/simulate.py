"""`python -m sora_compare simulate`: run the simulator until told to stop."""

from __future__ import annotations

import contextlib
import ipaddress
import json
import os
import signal
import socket
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn

from sora_compare.errors import ConfigurationError, SimulatorFailed
from sora_compare.simulator.api.connections import BreakableProtocol
from sora_compare.simulator.api.contract import Rules
from sora_compare.simulator.api.faults import Faults, rules_from
from sora_compare.simulator.api.server import Api, build_app
from sora_compare.simulator.api.state import StateFolder
from sora_compare.simulator.api.videos import Limits, Videos
from sora_compare.simulator.studio.clip_source import RenderingStudio, StockStudio
from sora_compare.simulator.studio.workers import Workers

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

LOOPBACK = "127.0.0.1"
PARENT_CHECK_S = 0.5
GOODBYE_S = 3.0
BACKLOG = 2048
GRACE_S = 1
KEEP_ALIVE_S = 75
"""Longer than anybody polls: a connection closed just as a request leaves looks like a lost answer."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's flags."""
    parser.add_argument("--port", type=int, default=8765, help="0 takes any free port (default: %(default)s)")
    parser.add_argument("--host", default=LOOPBACK, help="address to listen on (default: %(default)s)")
    parser.add_argument("--allow-remote", action="store_true", help="let --host be reached by other machines")
    parser.add_argument("--json", action="store_true", help='print {"base_url": …} when ready, and nothing else')
    parser.add_argument(
        "--speed", type=_positive, default=10.0, help="times faster than the published figures (default: %(default)s)"
    )
    parser.add_argument("--state", type=Path, help="folder to keep jobs in (default: one that goes at the end)")
    parser.add_argument(
        "--workers",
        type=int,
        default=max(1, (os.cpu_count() or 2) - 1),
        help="rendering processes (default: %(default)s)",
    )
    parser.add_argument("--max-jobs", type=int, default=500, help="unfinished jobs before 429 (default: %(default)s)")
    parser.add_argument(
        "--lifetime", type=_positive, default=86_400.0, help="seconds that content stays (default: %(default)s)"
    )
    parser.add_argument(
        "--keep-jobs",
        type=int,
        default=5_000,
        help="jobs kept; then the oldest go (default: %(default)s)",
    )
    parser.add_argument(
        "--keep-bytes", type=int, default=4_000_000_000, help="bytes of clips kept likewise (default: %(default)s)"
    )
    parser.add_argument("--stability", choices=["on", "off"], default="on", help="off: no job fails by chance")
    parser.add_argument("--lenient", action="store_true", help="take any whole seconds and any small even size")
    parser.add_argument("--faults", type=Path, help="JSON file with faults to show (see docs/simulator.md)")
    parser.add_argument("--no-render", action="store_true", help="hand out plain stock clips instead of drawing")
    parser.add_argument("--exit-with-parent", action="store_true", help="end when standard input closes")


def run(arguments: argparse.Namespace) -> int:
    """Serve until SIGTERM or SIGINT; 0 afterwards.

    Raises:
        SimulatorFailed: the port, the host, the state folder or the faults cannot be used.
    """
    # uvicorn raises the signal again once it has ended; from here on that means: tidy up and go.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)
    faults = _faults(arguments.faults)
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(_listener(arguments.host, arguments.port, may_be_remote=arguments.allow_remote))
        state = StateFolder(stack.enter_context(_folder(arguments.state)))
        workers = Workers(max(1, arguments.workers))
        stack.callback(workers.close)
        server = _server(arguments, state, workers, faults, _announcement(listener, as_json=arguments.json))
        if arguments.exit_with_parent:
            _watch_parent(server)
        server.run([listener])
    return 0


class _Server(uvicorn.Server):
    """Says when it is ready."""

    announce: Callable[[], None]

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.announce()


def _server(
    arguments: argparse.Namespace, state: StateFolder, workers: Workers, faults: Faults, announce: Callable[[], None]
) -> _Server:
    limits = Limits(
        speed=arguments.speed,
        has_stability=arguments.stability == "on",
        max_unfinished=arguments.max_jobs,
        lifetime_s=arguments.lifetime,
        kept_jobs=arguments.keep_jobs,
        kept_bytes=arguments.keep_bytes,
    )
    studio = StockStudio(state, workers) if arguments.no_render else RenderingStudio(state, workers)
    videos = Videos(state, studio, limits)
    api = Api(videos, Rules(is_lenient=arguments.lenient), faults)
    app = build_app(api, ready=videos.resume, closed=workers.close)
    config = uvicorn.Config(
        app,
        http=BreakableProtocol,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
        timeout_keep_alive=KEEP_ALIVE_S,
    )
    server = _Server(config)
    server.announce = announce
    return server


def _announcement(listener: socket.socket, *, as_json: bool) -> Callable[[], None]:
    def announce() -> None:
        host, port = listener.getsockname()[:2]
        base_url = f"http://{f'[{host}]' if ':' in host else host}:{port}/v1"
        print(f"The simulator answers at {base_url} (any key; Ctrl+C ends it).", file=sys.stderr, flush=True)  # noqa: T201 - the command's message
        if as_json:
            print(json.dumps({"base_url": base_url}), flush=True)  # noqa: T201 - the command's result

    return announce


@contextlib.contextmanager
def _listener(host: str, port: int, *, may_be_remote: bool) -> Iterator[socket.socket]:
    address = _address(host, may_be_remote=may_be_remote)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((address, port))
            listener.listen(BACKLOG)
        except (OSError, OverflowError) as error:
            why = str(getattr(error, "strerror", None) or error).lower()
            raise SimulatorFailed(
                f"port {port} on {host} cannot be used ({why}); choose another with --port"
            ) from error
        yield listener


def _address(host: str, *, may_be_remote: bool) -> str:
    literal = LOOPBACK if host == "localhost" else host
    try:
        address = ipaddress.ip_address(literal)
    except ValueError as error:
        raise SimulatorFailed(f"--host takes an address such as {LOOPBACK}, not “{host}”") from error
    if not (address.is_loopback or may_be_remote):
        raise SimulatorFailed(f"{host} can be reached by other machines; add --allow-remote if that is wanted")
    return literal


@contextlib.contextmanager
def _folder(chosen: Path | None) -> Iterator[Path]:
    if chosen is not None:
        yield chosen
        return
    with tempfile.TemporaryDirectory(prefix="sora-compare-simulator-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def _faults(path: Path | None) -> Faults:
    if path is None:
        return Faults([])
    try:
        return Faults(rules_from(json.loads(path.read_bytes())))
    except OSError as error:
        raise SimulatorFailed(f"the faults file {path} cannot be read ({error.strerror})") from error
    except ConfigurationError as error:
        raise SimulatorFailed(f"the faults file {path} cannot be used: {str(error).rstrip('.')}") from error
    except ValueError as error:
        raise SimulatorFailed(f"the faults file {path} is not valid JSON ({error})") from error


def _watch_parent(server: uvicorn.Server) -> None:
    parent = os.getppid()
    gone = threading.Event()

    def read() -> None:
        with contextlib.suppress(OSError, ValueError):
            while os.read(sys.stdin.fileno(), 4096):
                pass
        gone.set()

    def watch() -> None:
        while not gone.wait(PARENT_CHECK_S) and os.getppid() == parent:
            pass
        server.should_exit = True
        time.sleep(GOODBYE_S)
        os._exit(0)

    threading.Thread(target=read, daemon=True).start()
    threading.Thread(target=watch, daemon=True).start()


def _leave(number: int, frame: object) -> None:  # noqa: ARG001 - as the signal module calls it
    raise SystemExit(0)


def _positive(text: str) -> float:
    value = float(text)
    if not value > 0:
        raise ValueError
    return value

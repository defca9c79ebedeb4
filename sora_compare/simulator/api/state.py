"""The state folder: each job a JSON file beside its clip, complete before anybody is told of it."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from sora_compare.errors import SimulatorFailed
from sora_compare.simulator.api.jobs import Job

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MARKER = "sora-compare-simulator.json"
LAYOUT = 1
FOLDERS = ("jobs", "clips", "references", "cameos")
VARIANTS = {"video": ".mp4", "thumbnail": ".webp", "spritesheet": ".jpg"}


class JobMissing(LookupError):
    """No job of that id is on disk."""


@dataclass(frozen=True, slots=True)
class Cameo:
    """A character that can be named in prompts; `pictures` are file names in its folder."""

    id: str
    name: str
    description: str
    pictures: tuple[str, ...]
    created_at: int


class StateFolder:
    """Reads and writes the folder, which several simulators may share.

    Raises:
        SimulatorFailed: when the folder is not ours or not writable.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        try:
            root.mkdir(parents=True, exist_ok=True)
            self._check_ownership()
            for name in FOLDERS:
                (root / name).mkdir(exist_ok=True)
        except OSError as error:
            raise SimulatorFailed(f"the state folder {root} is not usable ({error.strerror})") from error

    def _check_ownership(self) -> None:
        marker = self.root / MARKER
        if marker.exists():
            return
        if any(self.root.iterdir()):
            raise SimulatorFailed(f"the folder {self.root} holds files of somebody else; give --state an empty folder")
        write_whole(marker, json.dumps({"layout": LAYOUT}).encode())

    def clip(self, job_id: str, variant: str = "video") -> Path:
        """Where a job's file is."""
        return self.root / "clips" / f"{job_id}{VARIANTS[variant]}"

    def files(self, name: str) -> tuple[Path, Path, Path]:
        """Clip, thumbnail and sprite sheet."""
        return self.clip(name), self.clip(name, "thumbnail"), self.clip(name, "spritesheet")

    @property
    def references(self) -> Path:
        """Folder of the pictures that jobs start from."""
        return self.root / "references"

    def save(self, job: Job) -> None:
        """Write the job; it is on disk when this returns."""
        write_whole(self.root / "jobs" / f"{job.id}.json", json.dumps(job.to_dict()).encode())

    def jobs(self) -> Iterator[Job]:
        """Every readable job."""
        for path in (self.root / "jobs").glob("*.json"):
            with contextlib.suppress(JobMissing):
                yield self.load(path.stem)

    def job_ids(self) -> set[str]:
        """The ids of all jobs, whoever made them."""
        return {path.stem for path in (self.root / "jobs").glob("*.json")}

    def load(self, job_id: str) -> Job:
        """A job as it stands on disk.

        Raises:
            JobMissing: there is none, or its file was damaged by somebody.
        """
        if not job_id.replace("_", "").isalnum():
            raise JobMissing(job_id)
        try:
            return Job.from_json(json.loads((self.root / "jobs" / f"{job_id}.json").read_bytes()))
        except (OSError, KeyError, TypeError, ValueError) as error:
            raise JobMissing(job_id) from error

    def claim(self, job_id: str) -> IO[bytes] | None:
        """The right to render a job, held until the file is closed or its process ends; None while another has it."""
        lock = (self.root / "jobs" / f".{job_id}.lock").open("wb")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            return None
        return lock

    def save_reference(self, data: bytes) -> str:
        """Keep a picture; its name for `Request.reference`."""
        name = secrets.token_hex(16)
        write_whole(self.references / name, data)
        return name

    def save_cameo(self, name: str, description: str, pictures: list[bytes], now: float) -> Cameo:
        """Keep a character and its pictures."""
        cameo_id = f"cameo_{secrets.token_hex(12)}"
        names = tuple(f"{cameo_id}.{index}" for index in range(len(pictures)))
        for file_name, data in zip(names, pictures, strict=True):
            write_whole(self.root / "cameos" / file_name, data)
        cameo = Cameo(cameo_id, name, description, names, int(now))
        details = {field: getattr(cameo, field) for field in Cameo.__slots__}
        write_whole(self.root / "cameos" / f"{cameo_id}.json", json.dumps(details).encode())
        return cameo

    def cameos(self) -> dict[str, Cameo]:
        """Every character, by id."""
        found: dict[str, Cameo] = {}
        for path in (self.root / "cameos").glob("*.json"):
            data: dict[str, Any] = json.loads(path.read_bytes())
            found[path.stem] = Cameo(**{**data, "pictures": tuple(data["pictures"])})
        return found

    def picture(self, cameo: Cameo) -> Path:
        """The picture that stands for a character."""
        return self.root / "cameos" / cameo.pictures[0]

    def remove_content(self, job: Job) -> None:
        """Delete a job's files."""
        for variant in VARIANTS:
            self.clip(job.id, variant).unlink(missing_ok=True)
        if job.request.reference:
            (self.references / job.request.reference).unlink(missing_ok=True)

    def remove(self, job: Job) -> None:
        """Delete a job and its files."""
        for name in (f"{job.id}.json", f".{job.id}.lock"):
            (self.root / "jobs" / name).unlink(missing_ok=True)
        self.remove_content(job)

    def bytes_of(self, job: Job) -> int:
        """How much disk a job's files take."""
        paths = [self.clip(job.id, variant) for variant in VARIANTS]
        return sum(path.stat().st_size for path in paths if path.exists())


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that it is there whole or not at all, whatever happens."""
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    with partial.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make a rename in the folder last through a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

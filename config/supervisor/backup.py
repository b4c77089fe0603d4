"""Database and media in one file: also the way to another machine, or across major versions of PostgreSQL."""

import contextlib
import os
import shutil
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from config.supervisor.instance import BASE_DIR, Instance
from config.supervisor.postgres import NAME, Postgres, binary
from config.supervisor.product import say
from config.supervisor.refusal import Refusal
from config.supervisor.services import Services

DUMP, MEDIA = "database.dump", "media"


def backup(instance: Instance, file: str = "") -> None:
    """Of the running instance, or of one that is stopped."""
    media = media_root(instance)
    target = Path(file or BASE_DIR / "backups" / f"annotator-{time.strftime('%Y%m%d-%H%M%S')}.tar").absolute()
    target.parent.mkdir(parents=True, exist_ok=True)
    with database(instance) as postgres, tempfile.TemporaryDirectory(dir=target.parent) as folder:
        dump, whole = Path(folder) / DUMP, Path(folder) / "whole.tar"
        tool("pg_dump", "--format=custom", f"--file={dump}", postgres.url())
        with tarfile.open(whole, "w") as archive:
            archive.add(dump, DUMP)
            if media.exists():
                archive.add(media, MEDIA)
        whole.chmod(0o600)
        whole.replace(target)
    say(f"Wrote {target} ({target.stat().st_size / 2**20:.1f} MB), with the images of {media}.")


def restore(instance: Instance, file: str = "") -> None:
    """Into a database beside the present one, which is replaced when all is there."""
    media = media_root(instance)
    source = Path(file).absolute()
    if not file or not source.is_file():
        raise Refusal("Which backup? Say it with `make restore FILE=backups/annotator-....tar`.")
    with database(instance, stopped=True) as postgres, tempfile.TemporaryDirectory(dir=instance.var) as folder:
        try:
            with tarfile.open(source) as archive:
                unpack(archive, Path(folder))
        except tarfile.TarError:
            raise Refusal(f"{source} is no whole backup: choose another file.") from None
        fresh = f"{NAME}_restored"
        postgres.run("postgres", f"DROP DATABASE IF EXISTS {fresh}", f"CREATE DATABASE {fresh} OWNER {NAME}")
        tool("pg_restore", "--no-comments", "--exit-on-error", f"--dbname={postgres.url(fresh)}", f"{folder}/{DUMP}")
        put_back(Path(folder) / MEDIA, media)
        postgres.run("postgres", f"DROP DATABASE {NAME}", f"ALTER DATABASE {fresh} RENAME TO {NAME}")
        (instance.var / "demo").touch()
    say(f"Restored {source}, its images into {media}. Start with `make up`.")


def unpack(archive: tarfile.TarFile, folder: Path) -> None:
    """Its files, as far as they lie in the folder. (Early versions of Python 3.11 know no filter for `extractall`.)"""
    for member in archive:
        target = (folder / member.name).resolve()
        if member.isfile() and target.is_relative_to(folder.resolve()):
            target.parent.mkdir(parents=True, exist_ok=True)
            with archive.extractfile(member) as source, target.open("wb") as file:  # type: ignore[union-attr]
                shutil.copyfileobj(source, file)


def media_root(instance: Instance) -> Path:
    """The folder of the images, whoever was told of it."""
    told = instance.told()
    if storage := told.get("MEDIA_STORAGE"):
        raise Refusal(f"The images are kept by {storage}: back them up there, and the database with pg_dump.")
    return Path(told.get("MEDIA_ROOT") or instance.media).absolute()


def put_back(fresh: Path, media: Path) -> None:
    """Beside what is there: a file is named for its bytes, so what is of one name is the same."""
    for file in fresh.rglob("*"):
        if file.is_file():
            target = media / file.relative_to(fresh)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(file, target)


@contextlib.contextmanager
def database(instance: Instance, *, stopped: bool = False) -> Iterator[Postgres]:
    """PostgreSQL of this folder: the running one, or else it is started for the moment."""
    instance.prepare()
    try:
        instance.lock("a backup or restore is under way")
    except Refusal:
        if stopped:
            raise
        yield Postgres(instance)
    else:
        with Services(instance) as services:
            yield services.postgres


def tool(name: str, *arguments: str) -> None:
    done = subprocess.run([binary(name), *arguments], env=os.environ, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Refusal(
            f"{name} failed ({done.stderr.strip().splitlines()[-1:] or done.returncode}): nothing was replaced."
        )

"""What is sealed to an instance can be read there and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.instance import channel
from infra.instance.files import File
from infra.instance.outcomes import Failed, Outcome
from infra.instance.system import System
from infra.rollout import sealing

SECRET = {"path": "/etc/nginx/oss-proxy/key.pem", "content": "ein Geheimnis\n" * 100, "mode": 0o600}


@pytest.fixture
def instance(tmp_path: Path) -> System:
    return System(root=tmp_path)


def test_sealed_files_arrive_as_they_are(instance: System) -> None:
    sealed = sealing.seal(channel.certificate(instance), [SECRET])
    assert channel.unseal(instance, sealed) == (File(**SECRET),)


def test_the_key_pair_is_made_once_and_is_roots_alone(instance: System) -> None:
    assert channel.certificate(instance) == channel.certificate(instance)
    folder = instance.path(channel.FOLDER)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "key.pem").stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in folder.iterdir()) == ["certificate.pem", "key.pem"]


def test_the_message_shows_nothing(instance: System) -> None:
    import base64

    sealed = sealing.seal(channel.certificate(instance), [SECRET])
    assert b"Geheimnis" not in base64.b64decode(sealed)
    assert sealed != sealing.seal(channel.certificate(instance), [SECRET])


def test_another_instance_cannot_read_it(instance: System, tmp_path: Path) -> None:
    other = System(root=tmp_path / "other")
    sealed = sealing.seal(channel.certificate(other), [SECRET])
    channel.certificate(instance)
    with pytest.raises(Failed, match="another key") as caught:
        channel.unseal(instance, sealed)
    assert caught.value.outcome == Outcome.SECRETS_NOT_READABLE


@pytest.mark.parametrize("length", [0, 1, 100, 5000])
def test_the_placeholder_is_never_shorter(instance: System, length: int) -> None:
    files = [{**SECRET, "content": "ü" * length}]
    assert len(sealing.placeholder(files)) >= len(sealing.seal(channel.certificate(instance), files))
    assert sealing.placeholder([]) == ""

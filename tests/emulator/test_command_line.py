"""The command line: flags, refusals."""

import json

import pytest

from emulator.arm import GROUP
from vmapps_emulator import __main__ as command_line
from vmapps_emulator.server import serve


def test_flags_become_an_emulator(monkeypatch, tmp_path):
    served = []
    monkeypatch.setattr(command_line, "serve", lambda emulator, port, _context: served.append((emulator, port)))
    seed = tmp_path / "seed.json"
    seed.write_text(json.dumps({"resourceGroups": [{"id": GROUP}]}))
    flags = ["--port", "7", "--seed", str(seed), "--fleet", "3", "--polls", "1", "--retry-after-ms", "2"]
    more = ["--page-size", "4", "--latency-ms", "5", "--access-log", str(tmp_path / "log")]
    assert command_line.main(flags + more) == 0
    ((emulator, port),) = served
    assert port == 7
    shown = emulator.world.settings.shown()
    assert shown.items() >= {"polls": 1, "retryAfterMs": 2, "pageSize": 4, "latencyMs": 5}.items()
    assert sorted(group["name"] for group in emulator.world.store.groups.values()) == ["rg", "rg-fleet-0"]


def test_only_loopback_is_bound(capsys):
    assert command_line.main(["--host", "0.0.0.0"]) == 1
    assert capsys.readouterr().err == "vmapps_emulator: --host 0.0.0.0: only loopback is ever bound\n"


@pytest.mark.parametrize("flags", [["--polls", "-1"], ["--page-size", "0"], ["--port", "x"], ["--nothing"]])
def test_wrong_flags_end_with_the_usage(flags, capsys):
    with pytest.raises(SystemExit) as ended:
        command_line.main(flags)
    assert ended.value.code == 2
    assert "usage:" in capsys.readouterr().err


@pytest.mark.parametrize("port", ["70000", "1"])
def test_a_port_that_cannot_be_had(capsys, monkeypatch, port):
    if port == "1":
        import socket

        def refuse(*_args):
            raise OSError(13, "Permission denied")

        monkeypatch.setattr(socket.socket, "bind", refuse)
    assert command_line.main(["--port", port]) == 1
    assert capsys.readouterr().err.startswith(f"vmapps_emulator: port {port}: ")
    assert serve is command_line.serve

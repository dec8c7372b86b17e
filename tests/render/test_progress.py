"""What is said while a run is under way."""

from __future__ import annotations

from render import cases
from vmapps.core.action import VERBS
from vmapps.core.outcome import Applied, Failed, Report, Skipped
from vmapps.engine.events import Ended, Event, Finished, Started, Stopping, Throttled, Waiting
from vmapps.errors import Refused
from vmapps.render.paint import GLYPHS
from vmapps.render.progress import DONE, progress, silent

EVENTS: list[Event] = [
    Started(cases.UPLOAD),
    Finished(cases.UPLOAD, Applied(), 2.04),
    Started(cases.CREATE_GALLERY),
    Waiting(cases.CREATE_GALLERY, 20.0),
    Stopping(),
    Finished(cases.CREATE_GALLERY, Failed(Refused("no", scope="")), 65.0),
    Finished(cases.CREATE_APPLICATION, Skipped("x"), 0.0),
    Finished(cases.DELETE_VERSION, Applied(changed=False), 0.2),
    Ended(Report(())),
]
STOPPING = "Stopping: nothing new is begun, what is in flight is waited for. Once more leaves at once."


def said(verbose: bool = False, colour: bool = False) -> list[str]:
    lines: list[str] = []
    observe = progress(lines.append, 4, verbose=verbose, colour=colour)
    for event in EVENTS:
        observe(event)
    return lines


def test_a_line_for_every_step_that_ends() -> None:
    assert said() == [
        "[1/4] uploaded > Package/9f2c00000000 (2.0 s)",
        STOPPING,
        "[2/4] failed + Gallery/platform (1 min 5 s)",
        "[3/4] skipped + GalleryApplication/platform/nginx (0.0 s)",
        "[4/4] unchanged - GalleryApplicationVersion/platform/base/1.2.0 (0.2 s)",
    ]


def test_every_action_has_a_word_and_a_second_step_its_number() -> None:
    lines: list[str] = []
    observe = progress(lines.append, 4)
    for step in (cases.MODEL, cases.PUSHED, cases.FOLLOWED, cases.DISCARDED):
        observe(Finished(step, Applied(), 1.0))
    assert lines == [
        "[1/4] written ~ VirtualMachineScaleSet/rg-web/web-ss (1.0 s)",
        "[2/4] upgraded ^ VirtualMachineScaleSet/rg-web/web-ss#2 (1.0 s)",
        "[3/4] upgraded ^ VirtualMachineScaleSet/rg-web/api-ss (1.0 s)",
        "[4/4] discarded - Package/777777777777 (1.0 s)",
    ]
    assert DONE.keys() == GLYPHS.keys() == set(VERBS.values())


def test_verbose_tells_starts_and_waits() -> None:
    assert said(verbose=True)[2:5] == ["begun Gallery/platform", "waiting 20 s for Gallery/platform", STOPPING]


def test_a_failure_that_ends_the_run_is_named() -> None:
    lines: list[str] = []
    for observe in (progress(lines.append, 4), silent(lines.append)):
        observe(Stopping(cases.UPLOAD))
    said = "Package/9f2c00000000 did not succeed: nothing new is begun, what is in flight is waited for."
    assert lines == [said, said]


def test_colours_are_there_when_asked_for() -> None:
    assert "\x1b[" in said(colour=True)[0]
    assert not any("\x1b" in line for line in said())


def test_quiet_says_only_that_it_stops() -> None:
    lines: list[str] = []
    observe = silent(lines.append)
    for event in EVENTS:
        observe(event)
    assert lines == [STOPPING]


READS = "subscription-reads of subscription 1"
THROTTLED: list[Event] = [
    Throttled(READS, 1200.0, cases.CREATE_GALLERY, refused=True),
    Throttled(READS, 30.0, refused=True),
    Throttled(READS, 5.0, cases.CREATE_GALLERY),
    Throttled(READS, 0.2, cases.CREATE_GALLERY),
]


def told(verbose: bool) -> list[str]:
    lines: list[str] = []
    observe = progress(lines.append, 1, verbose=verbose)
    for event in THROTTLED:
        observe(event)
    return lines


def test_a_wait_that_azure_asks_for_is_told() -> None:
    assert told(verbose=False) == [
        f"Azure asks to wait 20 min 0 s for Gallery/platform: {READS}",
        f"Azure asks to wait 30 s: {READS}",
    ]


def test_verbose_tells_of_waits_for_room_too() -> None:
    assert told(verbose=True)[2:] == [f"waiting 5.0 s for Gallery/platform: {READS}"]


def test_a_log_tells_of_long_waits_unless_it_is_to_be_quiet() -> None:
    for quiet, lines in ((False, 1), (True, 0)):
        said: list[str] = []
        observe = silent(said.append, quiet=quiet)
        for event in THROTTLED:
            observe(event)
        assert len(said) == lines

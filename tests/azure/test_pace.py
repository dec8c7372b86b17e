"""How long writes have taken lately, and when to ask about the next one."""

from __future__ import annotations

from vmapps.azure.pace import LATELY, OTHERS, SCOUTS, Pace

PATCH = "PATCH virtualmachines"
NONE = 0.0


class Timed:
    def __init__(self) -> None:
        self.now = 0.0
        self.pace = Pace(lambda: self.now)

    def write(self, number: int, took: float, kind: str = PATCH, *, well: bool = True) -> None:
        self.pace.begun(f"poll/{number}", kind)
        self.now += took
        self.pace.ended(f"poll/{number}", well=well)


def test_with_room_for_all_questions_go_when_the_service_says() -> None:
    timed = Timed()
    timed.write(0, 30.0)
    for number in range(10):
        timed.pace.begun(f"poll/{number}", PATCH)
    assert timed.pace.wait("poll/9", 4.0, room=20) == 4.0
    assert timed.pace.wait("poll/9", 4.0, room=19) == 30.0


def test_with_little_room_they_go_when_the_shortest_of_the_like_ended() -> None:
    timed = Timed()
    for number, took in enumerate((35.0, 31.0, 90.0)):
        timed.write(number, took)
    timed.pace.begun("a", PATCH)
    assert timed.pace.wait("a", 4.0, NONE) == 31.0
    timed.now += 20.0
    assert timed.pace.wait("a", 4.0, NONE) == 11.0
    timed.now += 20.0
    assert timed.pace.wait("a", 4.0, NONE) == 4.0
    assert timed.pace.wait("a", 60.0, NONE) == 60.0, "never sooner than the service says"


def test_while_nothing_is_known_the_oldest_are_asked_about_for_all() -> None:
    timed = Timed()
    for number in range(SCOUTS + 2):
        timed.pace.begun(f"poll/{number}", PATCH)
    waits = [timed.pace.wait(f"poll/{number}", 4.0, NONE) for number in range(SCOUTS + 2)]
    assert waits == [4.0] * SCOUTS + [OTHERS * 4.0] * 2
    timed.pace.ended("poll/0", well=False)
    assert timed.pace.wait(f"poll/{SCOUTS}", 4.0, NONE) == 4.0, "the next one goes in its place"


def test_only_the_like_counts_and_only_what_ended_well() -> None:
    timed = Timed()
    timed.write(1, 30.0)
    timed.write(2, 1.0, well=False)
    timed.write(3, 2.0, "PUT galleries")
    timed.pace.ended("never begun", well=True)
    timed.pace.begun("a", PATCH)
    timed.pace.begun("b", "DELETE galleries")
    assert timed.pace.wait("a", 4.0, NONE) == 30.0
    assert timed.pace.wait("b", 4.0, NONE) == 4.0
    assert timed.pace.wait("never begun", 4.0, NONE) == 4.0


def test_what_is_long_ago_is_forgotten() -> None:
    timed = Timed()
    timed.write(0, 5.0)
    for number in range(LATELY):
        timed.write(number, 30.0)
    timed.pace.begun("a", PATCH)
    assert timed.pace.wait("a", 4.0, NONE) == 30.0

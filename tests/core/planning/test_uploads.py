from __future__ import annotations

from samples import STORE, address, package, resource_id, sha256
from vmapps.core.action import Assign, Change, Create, Update, Upload
from vmapps.core.diagnostic import Diagnostic
from vmapps.core.plan import Expectation
from vmapps.core.planning.findings import Draft
from vmapps.core.planning.uploads import needed, uploads
from vmapps.core.resource import Body, Link

ONE, TWO = package("one"), package("two")
PACKAGES = {one.sha256: one for one in (ONE, TWO)}


def version(*contents: str, kept: str = "") -> Draft:
    changes = tuple(Change(("x", content), None, STORE.link(sha256(content))) for content in contents)
    slots = ((("y",), STORE.link(sha256(kept))),) if kept else ()
    action = Create(changes) if not kept else Update((*changes, Change(("z",), None, 1)))
    return Draft(
        address("g", "a", "1.0.0"), resource_id("g", "a", "1.0.0"), action, "", expects=Expectation(slots=slots)
    )


def test_a_package_is_uploaded_once_and_only_if_it_is_not_there() -> None:
    several = [version("one"), version("one", "two")]
    found = list(uploads(several, PACKAGES, frozenset()))
    assert {one.address for one in found if isinstance(one, Draft)} == {ONE.address, TWO.address}
    assert len(found) == 2
    (missing,) = uploads(several, PACKAGES, frozenset({TWO.sha256}))
    assert isinstance(missing, Draft)
    assert missing.action == Upload(ONE.sha256, ONE.size, ONE.shown)


def test_a_version_that_is_only_changed_needs_its_package_too() -> None:
    assert needed([version("one", kept="two")]) == {ONE.sha256, TWO.sha256}


def test_links_of_others_need_no_upload() -> None:
    link = Change(("x",), None, Link("https://a/b", digest="d"))
    assert needed([Draft(address("g"), resource_id("g"), Create((link,)), "")]) == frozenset()


def test_an_entry_s_configuration_is_a_package_too() -> None:
    after: Body = {"configurationReference": STORE.link("a")}
    assert needed([Draft(address("g"), resource_id("g"), Assign((Change(("x",), None, after),)), "")]) == {"a"}


def test_a_package_that_is_nowhere_is_an_error() -> None:
    (problem,) = uploads([version("one")], {ONE.sha256: package("one", is_here=False)}, frozenset())
    assert isinstance(problem, Diagnostic)
    assert problem.code == "package-missing"
    assert ONE.sha256 in problem.hint
    assert list(uploads([version("one")], {ONE.sha256: package("one", is_here=False)}, frozenset({ONE.sha256}))) == []

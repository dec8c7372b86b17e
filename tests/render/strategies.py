"""Random values of the core: whatever a plan may hold, and more hostile than any real one."""

from __future__ import annotations

from hypothesis import strategies as st

from vmapps.core.action import Assign, Change, Check, Create, Delete, Discard, Update, UpgradeInstances, Upload, Verify
from vmapps.core.address import Address, ArmId
from vmapps.core.diagnostic import Diagnostic, Severity, Span
from vmapps.core.drift import Drift, DriftClass, DriftItem, Ignored
from vmapps.core.explain import Explained, Explanation, Neighbour, Reached, StepExplained, Wish
from vmapps.core.explain_live import LiveEntry, LiveMachine, LivePackage, LiveResource, Standing
from vmapps.core.outcome import Abandoned, Applied, Failed, NotNeeded, Report, Skipped, Stale
from vmapps.core.plan import Expectation, Note, Options, Plan, ProjectId, Step
from vmapps.core.resource import Link
from vmapps.core.status import Condition, Row, Status
from vmapps.errors import Refused

NASTY = [
    "\x1b[31mred",
    "\u202egnp.exe",
    "a\nb\tc\r\n",
    "https://h/c/b?sv=1&sig=CANARY%3D&se=2",
    "\x9b2J",
    "\u2028",
    "\u2067x",
]

MACHINE = Address("VirtualMachine", ("rg-web", "web-01"))
checks = st.builds(
    Check,
    st.just(ArmId("11111111-1111-1111-1111-111111111111", "rg-web", ("virtualMachines",), ("web-01",))),
    st.just(MACHINE),
    st.sampled_from([(), (("nginx", "1.1.0"),), (("agent", ""), ("nginx", "1.1.0"))]),
    st.booleans(),
)

texts = st.one_of(st.text(max_size=20), st.sampled_from(NASTY))
words = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=8)
names = st.text(st.characters(blacklist_characters="/", blacklist_categories=["Cs"]), min_size=1, max_size=8)
digests = st.text("0123456789abcdef", min_size=64, max_size=64)
kinds = st.sampled_from(["Gallery", "GalleryApplicationVersion", "VirtualMachine", "VirtualMachineScaleSet", "Package"])
addresses = st.builds(Address, kinds, st.lists(names, min_size=1, max_size=3).map(tuple))
arm_ids = st.builds(
    ArmId, words, words, st.just(("galleries", "applications")), st.tuples(words, words), st.just("Microsoft.Compute")
)
spans = st.builds(Span, texts, st.integers(1, 9999), st.integers(1, 200))
links = st.one_of(
    st.builds(Link, texts),
    st.builds(
        lambda url, blob, access: Link(url, blob=blob, access=access),
        texts,
        digests,
        st.sampled_from(["", "public", "storedPolicy"]),
    ),
    st.builds(lambda url, digest: Link(url, digest=digest), texts, digests),
)
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), texts, links
)
keys = st.one_of(texts, st.sampled_from(["link", "blob", "digest", "access", "map"]))
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(keys, inner, max_size=4)),
    max_leaves=8,
)
paths = st.lists(texts, min_size=1, max_size=3).map(tuple)
changes = st.builds(Change, paths, values, values)
entries = st.fixed_dictionaries(
    {"packageReferenceId": st.one_of(arm_ids.map(lambda one: str(one.child("versions", "1.2.3"))), texts)},
    optional={
        "order": st.integers(),
        "tags": st.one_of(texts, st.sampled_from(['{"vmapps-owner":"me","vmapps-machine":"ab"}', "[[[", '{"a":1}'])),
        "configurationReference": links,
        "treatFailureAsDeploymentFailure": st.booleans(),
    },
)
edits = st.builds(
    lambda name, before, after: Change(("applications", name), before, after),
    texts,
    st.none() | entries,
    st.none() | entries,
)
actions = st.one_of(
    st.builds(Upload, digests, st.integers(0, 2**40), texts),
    st.builds(Create, st.lists(changes, max_size=3).map(tuple)),
    st.builds(Update, st.lists(changes, min_size=1, max_size=3).map(tuple)),
    st.builds(Delete, st.lists(changes, max_size=1).map(tuple)),
    st.builds(Assign, st.lists(edits | changes, min_size=1, max_size=3).map(tuple)),
    st.builds(UpgradeInstances, st.lists(texts, max_size=15).map(tuple), st.booleans()),
    st.builds(
        Verify,
        st.lists(checks, max_size=3).map(tuple),
        st.integers(0, 3),
        st.sampled_from([0.0, 90.0]),
        st.lists(st.just(MACHINE), max_size=1).map(tuple),
    ),
    st.builds(Discard, digests),
)
expectations = st.builds(
    Expectation,
    st.lists(paths, max_size=2).map(tuple),
    digests,
    st.lists(st.tuples(paths, links), max_size=2).map(tuple),
    st.lists(changes, max_size=2).map(tuple),
    st.lists(paths, max_size=2).map(tuple),
)
steps = st.builds(
    Step,
    texts,
    addresses,
    st.none() | arm_ids,
    actions,
    texts,
    st.lists(texts, max_size=2).map(tuple),
    st.lists(texts, max_size=2).map(tuple),
    st.lists(spans, max_size=2).map(tuple),
    st.none() | st.integers(0, 9),
    expectations,
    st.lists(texts, max_size=2).map(tuple),
    st.lists(texts, max_size=2).map(tuple),
)
notes = st.builds(Note, texts, addresses, texts)
diagnostics = st.builds(Diagnostic, st.sampled_from(Severity), texts, texts, st.none() | spans, texts, texts)
options = st.builds(
    Options,
    st.booleans(),
    st.booleans(),
    texts,
    st.lists(texts, max_size=2).map(tuple),
    st.lists(texts, max_size=2).map(tuple),
    st.dictionaries(texts, st.integers(0, 99), max_size=2).map(lambda found: tuple(sorted(found.items()))),
    st.lists(texts, max_size=2).map(tuple),
    st.booleans(),
    st.booleans(),
    st.sampled_from(["auto", "none", "all"]),
    st.sampled_from(["asDeclared", "single"]),
    st.integers(0, 9),
    st.lists(texts, max_size=2).map(tuple),
    st.booleans(),
)
plans = st.builds(
    Plan,
    st.builds(ProjectId, texts, texts, texts),
    options,
    st.lists(steps, max_size=4, unique_by=lambda step: step.id).map(tuple),
    st.lists(notes, max_size=3).map(tuple),
    st.lists(diagnostics, max_size=3).map(tuple),
    st.lists(diagnostics, max_size=2).map(tuple),
)
failures = st.builds(
    lambda message, scope, code, request_id, hint: Refused(
        message, scope=scope, code=code, request_id=request_id, hint=hint
    ),
    texts,
    texts,
    texts,
    texts,
    texts,
)
outcomes = st.one_of(
    st.builds(Applied, st.booleans(), texts, texts),
    st.builds(Failed, failures),
    st.builds(Skipped, texts),
    st.just(NotNeeded()),
    st.builds(Stale, texts),
    st.builds(Abandoned, st.booleans()),
)
reports = st.builds(Report, st.lists(st.tuples(steps, outcomes), max_size=4).map(tuple), st.booleans())
rows = st.builds(
    Row,
    addresses,
    st.just("") | texts,
    texts,
    st.sampled_from(Condition),
    *(st.just("") | texts,) * 4,
    st.lists(addresses, max_size=2).map(tuple),
    st.sampled_from(Standing),
)
statuses = st.builds(
    lambda several, foreign, why, diagnostics: Status(
        several, several, foreign, 3, 1, {row.machine: why for row in several[:1]}, (why,), {why: why}, diagnostics
    ),
    st.lists(rows, max_size=6).map(tuple),
    st.integers(0, 3),
    texts,
    st.lists(diagnostics, max_size=2).map(tuple),
)
drift_items = st.builds(
    DriftItem,
    st.sampled_from(DriftClass),
    addresses,
    texts,
    st.lists(changes | edits, max_size=3).map(tuple),
    st.just("") | texts,
    st.just("") | texts,
    st.booleans(),
)
drifts = st.builds(
    lambda items, several, ignored, why, found: Drift(
        items, several, found, ignored, 3, 1, {one.address: why for one in items[:1]}, (why,), {why: why}
    ),
    st.lists(drift_items, max_size=3).map(tuple),
    st.lists(notes, max_size=2).map(tuple),
    st.lists(st.builds(Ignored, drift_items, texts), max_size=2).map(tuple),
    texts,
    st.lists(diagnostics, max_size=2).map(tuple),
)
neighbours = st.lists(st.builds(Neighbour, texts, texts), max_size=3).map(tuple)
lives = st.one_of(
    st.none(),
    st.builds(LiveResource, texts, st.booleans(), texts),
    st.builds(LivePackage, st.none() | st.booleans()),
    st.builds(
        LiveMachine,
        *(texts,) * 5,
        st.lists(st.builds(LiveEntry, texts, texts, st.sampled_from(Standing), texts), max_size=3).map(tuple),
    ),
)
explanations = st.builds(
    Explanation,
    texts,
    st.lists(
        st.builds(
            Explained,
            addresses,
            st.lists(st.builds(StepExplained, steps, neighbours, st.integers(0, 9), neighbours), max_size=2).map(tuple),
            texts,
            st.lists(spans, max_size=2).map(tuple),
            lives,
            st.lists(st.builds(Wish, addresses, addresses, texts, spans, st.booleans()), max_size=2).map(tuple),
            st.none() | st.lists(st.builds(Reached, addresses, neighbours, texts), max_size=12).map(tuple),
            st.lists(notes, max_size=2).map(tuple),
            st.lists(diagnostics, max_size=2).map(tuple),
        ),
        max_size=2,
    ).map(tuple),
    st.just(()),
    st.lists(diagnostics, max_size=1).map(tuple),
)

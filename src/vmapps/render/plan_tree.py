"""The plan as the tree of its JSON document, described by `plan.schema.json`.

`refusals` are among the `diagnostics`, marked `guard`. An upload's changes are its sha256, size and file, an upgrade's
its instances and whether they are pushed, a discard's the sha256 that goes. What only the execution of a saved plan
needs (ARM ids, what a step expects of the rest) is under `fingerprint`.
"""

from __future__ import annotations

import hashlib

from vmapps import __version__
from vmapps.core.action import Change
from vmapps.core.diagnostic import Diagnostic
from vmapps.core.fields import spelled
from vmapps.core.plan import Note, Options, Plan, Step
from vmapps.render.action_json import told
from vmapps.render.json_text import Tree, compact
from vmapps.render.value_json import value_tree

FORMAT = 1
TOOL = "vmapps"


def plan_tree(plan: Plan) -> Tree:
    """The document, sealed with its fingerprint."""
    project = plan.project
    tree = {
        "formatVersion": FORMAT,
        "tool": {"name": TOOL, "version": __version__},
        "project": {"name": project.name, "owner": project.owner, "subscription": project.subscription},
        "options": _options(plan.options),
        "fingerprint": {"plan": "", "objects": {step.id: _object(step) for step in plan.steps}},
        "steps": [step_tree(step) for step in plan.steps],
        "notes": [note_tree(note) for note in plan.notes],
        "diagnostics": [
            *(diagnostic_tree(diagnostic) | {"guard": False} for diagnostic in plan.diagnostics),
            *(diagnostic_tree(refusal) | {"guard": True} for refusal in plan.refusals),
        ],
        "summary": plan.summary,
        "applyable": plan.applyable,
    }
    tree["fingerprint"]["plan"] = seal(tree)
    return tree


def fingerprint(plan: Plan) -> str:
    """What tells one plan from another: two with the same fingerprint do the same."""
    return str(plan_tree(plan)["fingerprint"]["plan"])


def seal(tree: Tree) -> str:
    """The fingerprint of a document, whatever its own value there is."""
    open_tree = {**tree, "fingerprint": {**tree["fingerprint"], "plan": ""}}
    return "sha256:" + hashlib.sha256(compact(open_tree, sort_keys=True).encode()).hexdigest()


def diagnostic_tree(diagnostic: Diagnostic) -> Tree:
    """One diagnostic."""
    return {
        "severity": str(diagnostic.severity),
        "code": diagnostic.code,
        "summary": diagnostic.summary,
        "source": str(diagnostic.span) if diagnostic.span else None,
        "hint": diagnostic.hint,
        "subject": diagnostic.subject,
    }


def change_trees(changes: tuple[Change, ...]) -> Tree:
    """Field changes."""
    return [
        {"path": spelled(change.path), "before": value_tree(change.before), "after": value_tree(change.after)}
        for change in changes
    ]


def _options(options: Options) -> Tree:
    return {
        "prune": options.prune,
        "adopt": options.adopt,
        "adoptFrom": options.adopt_from,
        "targets": list(options.targets),
        "excludes": list(options.excludes),
        "accept": dict(sorted(options.accept)),
        "allowReplace": list(options.allow_replace),
        "allowReinstall": options.allow_reinstall,
        "metadataNow": options.metadata_now,
        "guest": options.guest,
        "rollout": options.rollout,
        "throughWave": options.through_wave,
        "resume": list(options.resume),
        "rollbackOnHalt": options.rollback_on_halt,
    }


def _object(step: Step) -> Tree:
    return {
        "resource": str(step.resource) if step.resource else None,
        "paths": [spelled(path) for path in step.expects.paths],
        "digest": step.expects.digest,
        "slots": [{"path": spelled(path), "link": value_tree(link)} for path, link in step.expects.slots],
        "later": change_trees(step.expects.later),
        "kept": [spelled(path) for path in step.expects.kept],
        "waits": list(step.waits),
    }


def note_tree(note: Note) -> Tree:
    """One note."""
    return {"code": note.code, "address": str(note.address), "text": note.text}


def step_tree(step: Step) -> Tree:
    """One step, without what only its execution needs."""
    return {
        "id": step.id,
        "address": str(step.address),
        "action": step.verb,
        "because": step.because,
        "changes": change_trees(told(step.action)),
        "guest": list(step.guest),
        "needs": list(step.needs),
        "source": [str(span) for span in step.source],
        "wave": step.wave,
        "onlyIf": list(step.only_if),
    }

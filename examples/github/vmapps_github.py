"""Puts what vmapps says on GitHub: one comment or issue, replaced each time; and finds the plan of a merged request.

Only Python's own library is used. What is written comes from files; the token is read from GITHUB_TOKEN and goes to
GITHUB_API_URL alone. A comment is ours when its first line is the hidden marker that `--format markdown` begins with.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

LONGEST = 65_536
"""Characters that GitHub takes."""


def call(method: str, path: str, body: Any = None) -> Any:
    """One request to the API of this repository; ends the program with a sentence when it is refused."""
    url = f"{os.environ['GITHUB_API_URL']}/repos/{os.environ['GITHUB_REPOSITORY']}/{path}"
    headers = {
        "Accept": "application/vnd.github+json",
        "Authorization": f"Bearer {os.environ['GITHUB_TOKEN']}",
        "X-GitHub-Api-Version": "2022-11-28",
    }
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, headers, method=method)  # noqa: S310  the runner's own API
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return json.load(answer)
    except urllib.error.HTTPError as error:
        sys.exit(f"{method} {path}: {error.code} {error.reason}")
    except urllib.error.URLError as error:
        sys.exit(f"{method} {path}: {error.reason}")


def everything(path: str, key: str = "") -> Iterator[Any]:
    """The items of a list, over all its pages."""
    page = 1
    while True:
        found = call("GET", f"{path}{'&' if '?' in path else '?'}per_page=100&page={page}")
        items = found[key] if key else found
        yield from items
        if len(items) < 100:
            return
        page += 1


def text_of(file: str, instead: str, what: str) -> str:
    """What to say: the file; or, when the command printed nothing there, what it complained of."""
    text = Path(file).read_text(encoding="utf-8")
    if text.strip():
        return text
    complaint = Path(instead).read_text(encoding="utf-8").strip() or "It said nothing: see the job's log."
    ticks = "`" * (3 + complaint.count("`"))
    head = f"<!-- vmapps {what} failed -->\n\n### vmapps {what} did not come to an end\n\n{ticks}\n"
    return f"{head}{complaint[: LONGEST - 1000 - 2 * len(ticks)]}\n{ticks}\n"


def first_words(text: str) -> str:
    """The marker."""
    return text.partition("\n")[0].strip()


def is_ours(item: Any, what: str, marker: str) -> bool:
    """Whether this is the comment or issue to replace: of the same project, or of a run that failed before."""
    first = first_words(item.get("body") or "")
    failed = f"<!-- vmapps {what} failed -->"
    of_any_project = marker == failed and first.startswith(f"<!-- vmapps {what} ")
    return first in (marker, failed) or of_any_project


def comment(number: str, text: str, what: str) -> None:
    """Replace our comment on a pull request, or write the first one."""
    marker = first_words(text)
    for found in everything(f"issues/{number}/comments"):
        if is_ours(found, what, marker):
            call("PATCH", f"issues/comments/{found['id']}", {"body": text})
            return
    call("POST", f"issues/{number}/comments", {"body": text})


def open_issues(what: str, marker: str) -> Iterator[Any]:
    """Our open issues; the list of issues has pull requests in it too."""
    for found in everything("issues?state=open"):
        if "pull_request" not in found and is_ours(found, what, marker):
            yield found


def issue(text: str, what: str, title: str) -> None:
    """Update our open issue, or open one."""
    for found in open_issues(what, first_words(text)):
        call("PATCH", f"issues/{found['number']}", {"body": text})
        return
    call("POST", "issues", {"title": title, "body": text})


def close(what: str) -> None:
    """Close our open issues: all is well again."""
    for found in open_issues(what, f"<!-- vmapps {what} failed -->"):
        call("PATCH", f"issues/{found['number']}", {"state": "closed", "state_reason": "completed"})


def approved(workflow: str) -> None:
    """Say which run of the preview made the plan of the pull request that this commit merged."""
    commit = os.environ["GITHUB_SHA"]
    merged = [one for one in everything(f"commits/{commit}/pulls") if one.get("merged_at")]
    if len(merged) != 1:
        sys.exit(f"{commit} merges {len(merged)} pull requests, not one: plan and apply by hand")
    head, number = merged[0]["head"]["sha"], merged[0]["number"]
    query = f"actions/workflows/{workflow}/runs?head_sha={head}&event=pull_request&status=success"
    runs = [one["id"] for one in everything(query, "workflow_runs")]
    if not runs:
        sys.exit(f"no preview of #{number} at {head} went well: plan and apply by hand")
    with Path(os.environ["GITHUB_OUTPUT"]).open("a", encoding="utf-8") as output:
        output.write(f"run={max(runs)}\npull-request={number}\n")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("comment", "issue", "close"):
        command = commands.add_parser(name)
        command.add_argument("--what", required=True, choices=["plan", "apply", "drift"])
        if name == "comment":
            command.add_argument("number")
        if name != "close":
            command.add_argument("file")
            command.add_argument("--or", dest="instead", required=True, metavar="FILE")
        if name == "issue":
            command.add_argument("--title", required=True)
    commands.add_parser("approved").add_argument("workflow")
    asked = parser.parse_args()
    match asked.command:
        case "comment":
            comment(asked.number, text_of(asked.file, asked.instead, asked.what), asked.what)
        case "issue":
            issue(text_of(asked.file, asked.instead, asked.what), asked.what, asked.title)
        case "close":
            close(asked.what)
        case _:
            approved(asked.workflow)


if __name__ == "__main__":
    main()

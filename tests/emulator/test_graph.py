"""Resource Graph: the subset of the query language, its pages, its refusals."""

from typing import Any

import pytest

from emulator.arm import APPLICATION, BELOW, MACHINE, SUBSCRIPTION, Arm, Json, machine_body

GRAPH = "/providers/Microsoft.ResourceGraph/resources"
OTHER = "22222222-2222-2222-2222-222222222222"
MACHINES = "resources | where type =~ 'Microsoft.Compute/virtualMachines'"
# As the documentation of VM applications shows it (azure-facts 5.4 [MG]).
DOCUMENTED = """
resources // every machine and scale set
| where type == "microsoft.compute/virtualmachines" or type == "microsoft.compute/virtualmachinescalesets"
| where properties has "applicationProfile"
| extend applications = iff(type == "microsoft.compute/virtualmachines",
    properties["applicationProfile"]["galleryApplications"],
    properties["virtualMachineProfile"]["applicationProfile"]["galleryApplications"])
| mv-expand applications
| project id, name, type, location, applications["packageReferenceId"], applications["order"]
"""


@pytest.fixture
def ready(arm: Arm) -> Arm:
    """Two machines with an application, one in another subscription without."""
    arm.publish()
    for name, order in (("a", 1), ("b", 2)):
        arm.done("PUT", MACHINE + name, machine_body(tags={"order": str(order)}))
        arm.assign({"packageReferenceId": f"{APPLICATION}/versions/1.0.0", "order": order}, machine=MACHINE + name)
    group = f"/subscriptions/{OTHER}/resourceGroups/RG-Other"
    arm.done("PUT", group, {"location": "West Europe"})
    arm.done("PUT", f"{group}/providers/Microsoft.Compute/virtualMachines/C", {**machine_body(), "location": "West US"})
    return arm


def asked(arm: Arm, query: str, *, subscriptions: list[str] | None = None, **options: Any) -> Json:
    body: Json = {"query": query, "options": options}
    if subscriptions is not None:
        body["subscriptions"] = subscriptions
    answer = arm.call("POST", GRAPH, body, api="2022-10-01")
    assert answer.status_code == 200, answer.text
    assert answer.headers["x-ms-user-quota-remaining"]
    found: Json = answer.json()
    return found


def names(arm: Arm, query: str, **more: Any) -> list[str]:
    return [row["name"] for row in asked(arm, query, **more)["data"]]


def test_a_row_is_as_resource_graph_shows_it(ready: Arm):
    (row,) = asked(ready, f"{MACHINES} | where name == 'C'")["data"]
    assert row["type"] == "microsoft.compute/virtualmachines"
    assert (row["location"], row["resourceGroup"], row["subscriptionId"]) == ("westus", "rg-other", OTHER)
    assert row["properties"]["storageProfile"]["osDisk"]["osType"] == "Linux"
    assert row["id"].endswith("/resourceGroups/RG-Other/providers/Microsoft.Compute/virtualMachines/C")


def test_the_documented_query_of_assignments_works(ready: Arm):
    rows = asked(ready, DOCUMENTED)["data"]
    assert [(row["name"], row["applications_order"]) for row in rows] == [("vma", 1), ("vmb", 2)]
    assert all(row["applications_packageReferenceId"] == f"{APPLICATION}/versions/1.0.0" for row in rows)
    assert list(rows[0])[:4] == ["id", "name", "type", "location"]


def test_the_documented_query_of_versions_works(ready: Arm):
    query = """resources | where type == "microsoft.compute/galleries/applications/versions"
    | parse id with "/subscriptions/" SubId "/resourceGroups/" rgName "/providers/Microsoft.Compute/galleries/"
      galleryName "/applications/" appName "/versions/" versionNumber
    | extend p = properties["publishingProfile"]
    | project id, galleryName, appName, versionNumber, properties["provisioningState"], p["source"]["mediaLink"]"""
    (row,) = asked(ready, query)["data"]
    assert (row["galleryName"], row["appName"], row["versionNumber"]) == ("g", "app", "1.0.0")
    assert row["properties_provisioningState"] == "Succeeded"
    assert row["p_source_mediaLink"].startswith("https://")


@pytest.mark.parametrize(
    ("test", "found"),
    [
        ("name in~ ('VMA', 'c')", ["vma", "C"]),
        ("name in ('VMA', 'C')", ["C"]),
        ("name !in~ ('vma', 'vmb')", ["C"]),
        ("name contains 'M' and not(name == 'vma')", ["vmb"]),
        ("name !contains 'm' or name endswith 'B'", ["vmb", "C"]),
        ("properties has 'applicationprofile'", ["vma", "vmb"]),
        ("properties has 'application'", []),
        ("tags.order > '1'", ["vmb"]),
        ("tags['order'] == '1' and isnotempty(tags.order)", ["vma"]),
        ("isnull(tags)", ["C"]),
        ("array_length(properties.applicationProfile.galleryApplications) == 1", ["vma", "vmb"]),
        ("properties.applicationProfile.galleryApplications[0].order >= 2", ["vmb"]),
        ("(location == 'westus' or name startswith 'VM') and tolower(name) != 'vmb'", ["vma", "C"]),
        ("id !~ '' and coalesce(tags.nothing, name) =~ 'c'", ["C"]),
        ("strcat(name, '-', tostring(1)) == 'vma-1'", ["vma"]),
    ],
)
def test_where(ready: Arm, test, found):
    assert names(ready, f"{MACHINES} | where {test}") == found


def test_rows_are_ordered_limited_counted_and_made_distinct(ready: Arm):
    assert names(ready, f"{MACHINES} | order by name asc") == ["C", "vma", "vmb"]
    assert names(ready, f"{MACHINES} | sort by location desc, name | take 2") == ["C", "vmb"]
    assert asked(ready, f"{MACHINES} | count")["data"] == [{"Count": 3}]
    assert asked(ready, f"{MACHINES} | distinct location | order by location asc")["data"] == [
        {"location": "eastus"},
        {"location": "westus"},
    ]
    assert list(asked(ready, f"{MACHINES} | project a = name, properties.vmId")["data"][0]) == ["a", "properties_vmId"]
    assert "properties" not in asked(ready, f"{MACHINES} | project-away properties, sku")["data"][0]
    expanded = asked(ready, f"{MACHINES} | mv-expand t = tags limit 1 | where isnotnull(t) | project name, t.order")
    assert expanded["data"] == [{"name": "vma", "t_order": "1"}, {"name": "vmb", "t_order": "2"}]


def test_subscriptions_bound_a_query_and_other_tables_exist(ready: Arm):
    assert names(ready, MACHINES, subscriptions=[OTHER.upper()]) == ["C"]
    assert names(ready, "resourcecontainers | project name", subscriptions=[OTHER]) == ["RG-Other"]
    assert asked(ready, "computeresources")["data"] == []
    assert names(ready, "Resources | where type endswith '/extensions' | take 1") == ["VMAppExtension"]


def test_pages_are_followed_by_a_token(ready: Arm):
    page = asked(ready, f"{MACHINES} | project id, name | order by id asc", **{"$top": 2})
    assert (page["count"], page["totalRecords"], page["resultTruncated"]) == (2, 3, "false")
    rest = asked(ready, f"{MACHINES} | project id, name", **{"$top": 2, "$skipToken": page["$skipToken"]})
    assert (rest["count"], rest["resultTruncated"], "$skipToken" in rest) == (1, "false", False)
    assert asked(ready, f"{MACHINES} | project name", **{"$top": 2})["resultTruncated"] == "true"
    assert asked(ready, MACHINES, **{"$skip": 2})["count"] == 1


def test_a_table_has_columns(ready: Arm):
    query = f"{MACHINES} | project name, number = properties.applicationProfile.galleryApplications[0].order"
    table = asked(ready, query, resultFormat="table")["data"]
    assert table["columns"] == [{"name": "name", "type": "string"}, {"name": "number", "type": "integer"}]
    assert table["rows"] == [["vma", 1], ["vmb", 2], ["C", None]]


@pytest.mark.parametrize(
    ("query", "code", "words"),
    [
        ("resources | summarize count() by type", "ParserFailure", "'summarize' where 'where' or"),
        ("securityresources", "ParserFailure", "'securityresources' where"),
        ("resources | where colour == 'red'", "SemanticError", "named 'colour'; known: id"),
        ("resources | where ago(5) > 1", "SemanticError", "Unknown function: 'ago'"),
        ("resources | where iff(true) == 1", "SemanticError", "wrong number of arguments"),
        ("resources | where name ==", "ParserFailure", "the end of the query"),
        ("resources | where (name == 'a'", "ParserFailure", "where ')' was expected"),
        ("resources | take many", "ParserFailure", "a whole number"),
        ("resources where", "ParserFailure", "'|' or the end of the query"),
        ("resources | where name == 'a' ; drop", "ParserFailure", "';'"),
        ("resources | project p = properties.[0]", "ParserFailure", "a name"),
        ("resources | where name[x] == 1", "ParserFailure", "a text or a number"),
    ],
)
def test_anything_else_is_a_clear_refusal(arm: Arm, query, code, words):
    answer = arm.call("POST", GRAPH, {"query": query}, api="2022-10-01")
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert (error["code"], error["details"][0]["code"], error["details"][1]["code"]) == (
        "BadRequest",
        "InvalidQuery",
        code,
    )
    assert words in error["details"][1]["message"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"query": " "},
        {"query": "resources", "facets": []},
        {"query": "resources", "options": {"$top": 1001}},
        {"query": "resources", "options": {"$skipToken": "x"}},
        {"query": "resources", "options": {"resultFormat": "csv"}},
        {"query": "resources", "options": {"colour": "red"}},
        {"query": "resources", "options": []},
        {"query": "resources", "subscriptions": "all"},
    ],
)
def test_a_request_is_checked(arm: Arm, body):
    assert arm.call("POST", GRAPH, body, api="2022-10-01").status_code == 400


def test_only_what_may_be_read_is_shown(ready: Arm):
    rule = {"effect": "Deny", "actions": ["*/virtualMachines/read"], "scope": f"{BELOW}/virtualMachines/vma"}
    ready.control("POST", "rbac", [rule])
    assert names(ready, MACHINES) == ["vmb", "C"]
    assert ready.call("GET", GRAPH, api="2022-10-01").status_code == 405
    assert SUBSCRIPTION in str(asked(ready, MACHINES))

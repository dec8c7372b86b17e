"""Azure's public regions: the display name that the service answers with for a region's short name."""

from functools import lru_cache

_DISPLAY = (
    "Australia Central",
    "Australia Central 2",
    "Australia East",
    "Australia Southeast",
    "Austria East",
    "Belgium Central",
    "Brazil South",
    "Brazil Southeast",
    "Canada Central",
    "Canada East",
    "Central India",
    "Central US",
    "Central US EUAP",
    "Chile Central",
    "China East",
    "China East 2",
    "China East 3",
    "China North",
    "China North 2",
    "China North 3",
    "East Asia",
    "East US",
    "East US 2",
    "East US 2 EUAP",
    "France Central",
    "France South",
    "Germany North",
    "Germany West Central",
    "Indonesia Central",
    "Israel Central",
    "Italy North",
    "Japan East",
    "Japan West",
    "Jio India Central",
    "Jio India West",
    "Korea Central",
    "Korea South",
    "Malaysia West",
    "Mexico Central",
    "New Zealand North",
    "North Central US",
    "North Europe",
    "Norway East",
    "Norway West",
    "Poland Central",
    "Qatar Central",
    "South Africa North",
    "South Africa West",
    "South Central US",
    "South India",
    "Southeast Asia",
    "Spain Central",
    "Sweden Central",
    "Sweden South",
    "Switzerland North",
    "Switzerland West",
    "UAE Central",
    "UAE North",
    "UK South",
    "UK West",
    "USGov Arizona",
    "USGov Texas",
    "USGov Virginia",
    "West Central US",
    "West Europe",
    "West India",
    "West US",
    "West US 2",
    "West US 3",
)


@lru_cache(maxsize=1024)
def normal(name: str) -> str:
    """A region's short name: ``East US 2`` and ``eastus2`` are one."""
    return name.replace(" ", "").lower()


_BY_SHORT = {normal(name): name for name in _DISPLAY}


def display(name: str) -> str:
    """The display name (recording test_gallery_e2e: eastus2 -> East US 2); an unknown region as it came."""
    return _BY_SHORT.get(normal(name), name)

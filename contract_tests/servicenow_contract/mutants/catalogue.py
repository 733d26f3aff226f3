"""Every mutant of a server by name."""

import re
from collections.abc import Mapping, Sequence

from attrs import evolve

from servicenow_contract.contract.fragment import Fragment
from servicenow_contract.contract.requirements import Level
from servicenow_contract.mutants import (
    answering,
    crossed,
    derived_answers,
    derived_requests,
    holding,
    refusing,
    showing,
    sometimes,
    taking,
)
from servicenow_contract.mutants.kinds import Mutant

LESSER: Mapping[Level, Sequence[str]] = {
    Level.SHOULD: (
        # What the page does not mark may be missing.
        "answers_an_empty_object",
        "hides_the_(?!resource_type).*",
        "names_no_findings",
        # A list of errors may be empty, and so may its texts.
        "says_nothing_about_.*",
        "tells_(nothing|blanks)_with_.*",
        "throttles_without_errors",
        # Media types stand in the example alone.
        "calls_itself_.*",
        "names_no_media_type_.*",
        "throttles_as_text",
        "takes_(any_media_type|plain_text|forms|xml|octet_streams|types_that_begin_like_json)",
        "takes_another_media_type_given_.*",
        # The page names two states of a ticket, and not that there are no others.
        "calls_the_ticket_(pending|completed_in_small_letters)",
        # Forms of an address that the page does not show.
        "refuses_(percent_encoded_addresses|small_percent_letters|nav_to_.*|encoded_ampersands)",
        "refuses_(parameters_behind_the_sys_id|capital_hexadecimal|.*_in_the_instance)",
        "refuses_(addresses_.*|instances_of_two_labels|other_forms_than_the_page)",
        "refuses_(workspaces|portals|hosts_in_capitals|schemes_in_capitals)",
        "bends_.*_(less_.*|needed|gone|once|short)_in_.*",
    ),
    Level.MAY: (
        # A parser may take more than JSON (RFC 8259, section 9).
        "ignores_trailing_commas_and_comments",
        "guesses_the_encoding",
        "takes_control_characters_in_strings",
        "takes_single_quotes",
        # What was attached may show late, and is asked again.
        "answers_with_the_state_before",
        "loses_one_(of_three_findings|of_as_many_as_allowed|below_the_limit)",
        # The page bounds no id, and names no letters of theirs.
        "refuses_ids_(over_64_letters|with_an_equals_sign)",
    ),
}
"""The mutants whose promise binds less than a MUST, by patterns of their names."""


def _levelled(mutant: Mutant) -> Mutant:
    lesser = (
        level
        for level, patterns in LESSER.items()
        if any(re.fullmatch(each, mutant.name) for each in patterns)
    )
    return evolve(mutant, level=next(lesser, mutant.level))


WRITTEN = (
    *refusing.TABLE,
    *taking.TABLE,
    *answering.TABLE,
    *showing.TABLE,
    *holding.TABLE,
    *refusing.HALVES,
    *sometimes.TABLE,
    *sometimes.CONCURRENCY,
)
"""The mutants that are written by hand."""


def catalogue(contract: Fragment) -> Mapping[str, Mutant]:
    """All mutants, with those that the contract's keywords bring along.

    Raises ValueError when two have one name.
    """
    derived = (
        *answering.of_statuses(contract),
        *derived_requests.mutants(contract),
        *derived_answers.mutants(contract),
        *crossed.mutants(),
    )
    found: dict[str, Mutant] = {}
    for each in (*WRITTEN, *derived):
        if each.name in found:
            raise ValueError(f"two mutants are called {each.name}")
        found[each.name] = _levelled(each)
    return found

"""What promotions say of each other, held against the records of those others: docs/format.md."""

from compared import COMPARED, check_compared, named, served_in
from found import check_found
from kept import check_kept
from lanes import check_beside_nothing, check_drifted, check_overtaken, check_passports_in_turn, check_put_back, check_releases, check_succession, check_upon_lent
from late import check_late
from naming import check_again, check_named
from told import Told, room_of


def check_beside(promotions, whole, late, time):
    """What stands `beside the others of the log`, and what was kept from another. Answers what only a record's own word tells."""
    by_name = {each.name: each for each in promotions}
    told = Told(time)
    notes = told.notes
    for each in promotions:
        notes += check_kept(each, by_name, whole, told) + check_again(each, by_name, whole, told) + check_named(each, by_name, whole, time)
        notes += check_late(each, late)
    check_put_back(promotions, by_name, whole, told)
    # What two say that are both there no third takes back.
    check_drifted(promotions, told)
    check_releases(promotions, told, whole)
    check_overtaken(promotions, told, whole)
    check_passports_in_turn(promotions, told)
    check_upon_lent(promotions, told)
    check_succession(by_name, told, whole)
    check_compared(promotions, served_in(promotions), told, whole)
    if whole:
        notes += check_beside_nothing(promotions, told) + check_found(promotions, room_of)
    elif any("release" in each.state["request"] for each in promotions):
        notes.append("whether releases were the first of their model and target, or updates, and none newer was before them is told by the whole log")
    if not whole and any(named(record, COMPARED) for each in promotions for _, record in each.records):
        notes.append("whether candidates were compared with what served then is told by the whole log")
    if not whole and any(each.beside_nothing is not None for each in promotions):
        notes.append("whether nothing ran where a candidate was to run in shadow is told by the whole log")
    return notes

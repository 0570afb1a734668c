# METADATA
# title: Gates
# description: >-
#   Judges the facts about a candidate (input, core/gates/facts.ts) by the thresholds that apply to it
#   (data.thresholds, core/gates/thresholds.ts). Everything is proven: a rule that nothing shows to hold has failed.
#   Each file beside this one adds to two partial rules. rules[id] says what is required and where it would stand;
#   readings[id] says what was read for it, as {value, where, holds}, and `required` where that differs by reading. A
#   rule that reads what a gap is about in other words names it as `reads`.
# scope: package
package countersign.gates

required := {id | some id, _ in rules}

passed contains id if {
	some id, rule in rules
	count(readings[id]) > 0
	every reading in readings[id] {
		reading.holds == true
	}
	count(gaps_about(rule)) == 0
}

failed := required - passed

# METADATA
# description: One finding for every rule, as core/gates/policy-result.ts expects them.
# entrypoint: true
findings contains finding if {
	some id, rule in rules
	shown := representative(id)
	finding := {
		"rule": id,
		"gate": rule.gate,
		"subject": rule.subject,
		"required": object.get(shown, "required", rule.required),
		"status": status(id),
		"observed": shown.value,
		"where": shown.where,
		"dryRun": dry_run(id),
	}
}

# Both have to agree before anything is called passed.
status(id) := "passed" if {
	id in passed
	not id in failed
} else := "failed" if {
	count(readings[id]) > 0
	count(gaps_about(rules[id])) == 0
} else := "missing"

# Of several readings the one to show is a gap, else the first that does not hold, else the first.
representative(id) := {"value": null, "where": gap.where} if {
	gap := sort(gaps_about(rules[id]))[0]
} else := broken[0] if {
	broken := [reading | some reading in sort(readings[id]); reading.holds == false]
	count(broken) > 0
} else := sort(readings[id])[0] if {
	count(readings[id]) > 0
} else := {"value": null, "where": rules[id].place}

# A gap is what a report should say and does not say in a form that can be judged.
gaps_about(rule) := {gap |
	subject := object.get(rule, "reads", rule.subject)
	some gap in input.gaps
	gap.subject == subject
}

# Where a rule would have read: the first document of the kind, else the place where one should be declared.
document_of(kind) := names[0] if {
	names := sort([document.name | some document in input.evidence; document.kind == kind])
	count(names) > 0
} else := "freeze.json#/evidence"

# A number within a bound: both numbers, and at least one end to hold it against.
default within(_, _) := false

within(value, bound) if {
	is_number(value)
	ends := [end | some name, end in bound; name in {"min", "max"}]
	count(ends) > 0
	count(ends) == count(bound)
	every end in ends {
		is_number(end)
	}
	value >= object.get(bound, "min", value)
	value <= object.get(bound, "max", value)
}

# A bound for a value or for both ends of its interval, out of one that may hold both.
value_bound(bound) := object.remove(bound, ["interval"])

default within_interval(_, _) := false

within_interval(interval, bound) if {
	is_number(interval.low)
	is_number(interval.high)
	interval.low <= interval.high
	within(interval.low, bound)
	within(interval.high, bound)
}

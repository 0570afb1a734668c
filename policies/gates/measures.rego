package countersign.gates

# Unit tests, data validation, toxicity and the shadow run: every measure that has a bound, within it.
rules[id] := {
	"gate": "measure",
	"place": document_of(kind),
	"subject": ["measure", kind, name],
	"required": value_bound(bound),
} if {
	some kind, bounds in data.thresholds.measures
	some name, bound in bounds
	id := measure_id(kind, name)
}

readings[id] contains {"value": measure.value, "where": measure.where, "holds": within(measure.value, value_bound(bound))} if {
	some measure in input.measures
	bound := data.thresholds.measures[measure.kind][measure.name]
	id := measure_id(measure.kind, measure.name)
}

rules[id] := {
	"gate": "measure",
	"place": document_of(kind),
	"subject": ["measure", kind, name, "interval"],
	"reads": ["measure", kind, name],
	"required": bound.interval,
} if {
	some kind, bounds in data.thresholds.measures
	some name, bound in bounds
	is_object(bound.interval)
	id := interval_id(measure_id(kind, name))
}

readings[id] contains {"value": measure.interval, "where": measure.where, "holds": within_interval(measure.interval, bound)} if {
	some measure in input.measures
	is_object(measure.interval)
	bound := data.thresholds.measures[measure.kind][measure.name].interval
	id := interval_id(measure_id(measure.kind, measure.name))
}

measure_id(kind, name) := concat(".", [kind, name])

package countersign.gates

# Every group of the facet must lie within the bound.
rules[id] := {
	"gate": "fairness",
	"place": document_of("bias"),
	"subject": ["facet", facet, metric],
	"required": value_bound(bound),
} if {
	some facet, metrics in data.thresholds.fairness
	some metric, bound in metrics
	id := fairness_id(facet, metric)
}

readings[id] contains {"value": reading.value, "where": reading.where, "holds": within(reading.value, value_bound(bound))} if {
	some reading in input.facets
	bound := data.thresholds.fairness[reading.facet][reading.metric]
	id := fairness_id(reading.facet, reading.metric)
}

rules[id] := {
	"gate": "fairness",
	"place": document_of("bias"),
	"subject": ["facet", facet, metric, "interval"],
	"reads": ["facet", facet, metric],
	"required": bound.interval,
} if {
	some facet, metrics in data.thresholds.fairness
	some metric, bound in metrics
	is_object(bound.interval)
	id := interval_id(fairness_id(facet, metric))
}

readings[id] contains {"value": reading.interval, "where": reading.where, "holds": within_interval(reading.interval, bound)} if {
	some reading in input.facets
	is_object(reading.interval)
	bound := data.thresholds.fairness[reading.facet][reading.metric].interval
	id := interval_id(fairness_id(reading.facet, reading.metric))
}

fairness_id(facet, metric) := concat(".", ["fairness", facet, metric])

package countersign.gates

# Every group of the facet must lie within the bound.
rules[id] := {"gate": "fairness", "place": document_of("bias"), "subject": ["facet", facet, metric], "required": bound} if {
	some facet, metrics in data.thresholds.fairness
	some metric, bound in metrics
	id := fairness_id(facet, metric)
}

readings[id] contains {"value": reading.value, "where": reading.where, "holds": within(reading.value, bound)} if {
	some reading in input.facets
	bound := data.thresholds.fairness[reading.facet][reading.metric]
	id := fairness_id(reading.facet, reading.metric)
}

fairness_id(facet, metric) := concat(".", ["fairness", facet, metric])

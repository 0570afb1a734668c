package countersign.gates

rules[id] := {"gate": "quality", "place": document_of("model-quality"), "subject": ["metric", metric], "required": bound} if {
	some metric, bound in data.thresholds.quality
	id := quality_id(metric)
}

readings[id] contains {"value": metric.value, "where": metric.where, "holds": within(metric.value, bound)} if {
	some metric in input.metrics
	bound := data.thresholds.quality[metric.name]
	id := quality_id(metric.name)
}

quality_id(metric) := concat(".", ["quality", metric])

package countersign.gates

rules[id] := {
	"gate": "quality",
	"place": document_of("model-quality"),
	"subject": ["metric", metric],
	"required": value_bound(bound),
} if {
	some metric, bound in data.thresholds.quality
	id := quality_id(metric)
}

readings[id] contains {"value": metric.value, "where": metric.where, "holds": within(metric.value, value_bound(bound))} if {
	some metric in input.metrics
	bound := data.thresholds.quality[metric.name]
	id := quality_id(metric.name)
}

# The whole confidence interval, where that is asked for: a value without one is not enough.
rules[id] := {
	"gate": "quality",
	"place": document_of("model-quality"),
	"subject": ["metric", metric, "interval"],
	"reads": ["metric", metric],
	"required": bound.interval,
} if {
	some metric, bound in data.thresholds.quality
	is_object(bound.interval)
	id := interval_id(quality_id(metric))
}

readings[id] contains {"value": metric.interval, "where": metric.where, "holds": within_interval(metric.interval, bound)} if {
	some metric in input.metrics
	is_object(metric.interval)
	bound := data.thresholds.quality[metric.name].interval
	id := interval_id(quality_id(metric.name))
}

quality_id(metric) := concat(".", ["quality", metric])

interval_id(id) := concat(".", [id, "interval"])

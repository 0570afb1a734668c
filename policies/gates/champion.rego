package countersign.gates

earlier := "earlier-releases.json#/releases"

# What the candidate does not say matters here as soon as there is something to compare it with.
default compared(_) := []

compared(subject) := subject if count(input.releases) > 0

# No metric is worse than the champion's by more than is allowed.
rules[id] := {
	"gate": "champion",
	"place": earlier,
	"subject": ["champion", metric],
	"reads": compared(["metric", metric]),
	"required": slack,
} if {
	some metric, slack in data.thresholds.champion.quality
	id := champion_id(metric)
}

readings[id] contains {
	"value": metric.value,
	"where": metric.where,
	"required": bound,
	"holds": within(metric.value, bound),
} if {
	some metric in input.metrics
	slack := data.thresholds.champion.quality[metric.name]
	bound := bound_from(slack, {old.value | some old in input.releases[0].metrics; old.name == metric.name})
	id := champion_id(metric.name)
}

# Of several values of the champion's the best one counts.
bound_from(slack, values) := {"min": rounded(max(values) - slack.dropAtMost)} if {
	is_number(slack.dropAtMost)
	count(values) > 0
}

bound_from(slack, values) := {"max": rounded(min(values) + slack.riseAtMost)} if {
	is_number(slack.riseAtMost)
	count(values) > 0
}

# No group is further from the ideal than in the best of the earlier releases by more than is allowed. The champion has
# to have been measured; older releases are compared where they were.
rules[id] := {
	"gate": "champion",
	"place": earlier,
	"subject": ["champion", facet, metric],
	"reads": compared(["facet", facet, metric]),
	"required": slack,
} if {
	some facet, metrics in data.thresholds.champion.fairness
	some metric, slack in metrics
	id := champion_facet_id(facet, metric)
}

readings[id] contains {
	"value": reading.value,
	"where": reading.where,
	"required": bound,
	"holds": within(reading.value, bound),
} if {
	some reading in input.facets
	slack := data.thresholds.champion.fairness[reading.facet][reading.metric]
	count(distances(reading, slack, input.releases[0])) > 0
	recent := array.slice(input.releases, 0, data.thresholds.champion.releases)
	least := min({distance | some release in recent; some distance in distances(reading, slack, release)})
	bound := {"min": rounded((slack.ideal - least) - slack.awayAtMost), "max": rounded((slack.ideal + least) + slack.awayAtMost)}
	id := champion_facet_id(reading.facet, reading.metric)
}

# A group that the champion does not know cannot be compared, which is not the same as being no worse.
readings[id] contains {"value": "no such group before", "where": reading.where, "holds": false} if {
	some reading in input.facets
	slack := data.thresholds.champion.fairness[reading.facet][reading.metric]
	is_object(input.releases[0])
	count(distances(reading, slack, input.releases[0])) == 0
	id := champion_facet_id(reading.facet, reading.metric)
}

distances(reading, slack, release) := {abs(old.value - slack.ideal) |
	some old in release.facets
	old.facet == reading.facet
	old.metric == reading.metric
	old.group == reading.group
}

# The first release has nothing to be compared with, once somebody has looked.
readings[id] contains {"value": "first release", "where": earlier, "holds": true} if {
	input.releases == []
	some id in champion_ids
}

champion_ids contains champion_id(metric) if some metric, _ in data.thresholds.champion.quality

champion_ids contains champion_facet_id(facet, metric) if {
	some facet, metrics in data.thresholds.champion.fairness
	some metric, _ in metrics
}

champion_id(metric) := concat(".", ["champion", "quality", metric])

champion_facet_id(facet, metric) := concat(".", ["champion", "fairness", facet, metric])

# Differences of decimal fractions carry binary noise.
rounded(number) := round(number * 1000000000) / 1000000000

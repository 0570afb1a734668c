package countersign.gates

# The thresholds are those for this candidate, and they ask for something. An unknown model type has none.
rules["policy.applies"] := {
	"gate": "policy",
	"place": "policies/thresholds.yaml",
	"subject": ["policy", input.model.type, input.target.name],
	"required": "thresholds",
}

readings["policy.applies"] contains {"value": "thresholds", "where": "policies/thresholds.yaml", "holds": true} if {
	data.thresholds.modelType == input.model.type
	object.get(data.thresholds, "target", input.target.name) == input.target.name
	count(data.thresholds.artifacts) > 0
	count(data.thresholds.evidence) > 0
	count(data.thresholds.quality) > 0
}

package countersign.gates

rules["data.schema"] := {
	"gate": "schema",
	"place": document_of("data-schema"),
	"subject": ["schema"],
	"required": {"max": data.thresholds.data.maximumViolations},
}

readings["data.schema"] contains {"value": schema.value, "where": schema.where, "holds": within(schema.value, bound)} if {
	some schema in input.schema
	bound := {"max": data.thresholds.data.maximumViolations}
}

rules["data.pii"] := {
	"gate": "pii",
	"place": document_of("data-schema"),
	"subject": ["pii"],
	"required": data.thresholds.data.allowedPii,
}

# What is seen are the flagged columns that nobody allowed.
readings["data.pii"] contains {"value": sort(flagged), "where": pii.where, "holds": flagged == set()} if {
	some pii in input.pii
	is_array(pii.columns)
	allowed := {column | some column in data.thresholds.data.allowedPii}
	flagged := {column | some column in pii.columns} - allowed
}

package countersign.gates

# Whether the target's machine can hold the model: by the size of its file, and by what its card says that it needs.
rules[id] := {
	"gate": "capacity",
	"place": document_of("model-card"),
	"subject": ["capacity", name],
	"reads": ["measure", "model-card", need],
	"required": {"max": object.get(data.thresholds.capacity, ["machine", field], null)},
} if {
	is_object(data.thresholds.capacity)
	some name, [need, field] in capacity_needs
	id := concat(".", ["capacity", name])
}

capacity_needs := {
	"memory": ["memory_gib", "memoryGib"],
	"accelerators": ["accelerators", "accelerators"],
	"accelerator-memory": ["accelerator_memory_gib", "acceleratorMemoryGib"],
}

readings[id] contains {"value": need.value, "where": need.where, "holds": within(need.value, {"max": has})} if {
	some name, [measure, field] in capacity_needs
	has := data.thresholds.capacity.machine[field]
	some need in array.concat(declared_needs(measure), derived_needs(name))
	id := concat(".", ["capacity", name])
}

declared_needs(measure) := [{"value": need.value, "where": need.where} |
	some need in input.measures
	need.kind == "model-card"
	need.name == measure
]

# Nothing is derived where the card has to declare it and does not, so that a silent card is missing and not satisfied.
default derived_needs(_) := []

derived_needs("memory") := [{"value": (size * data.thresholds.capacity.sizeFactor) + data.thresholds.capacity.reserveGib, "where": "freeze.json#/artifacts"}] if {
	said_enough("memory_gib")
	size := sum([artifact.size | some artifact in input.artifacts; artifact.role == "model"]) / 1073741824
	size > 0
}

derived_needs("accelerators") := [{"value": 0, "where": "freeze.json#/artifacts"}] if said_enough("accelerators")

derived_needs("accelerator-memory") := [{"value": 0, "where": "freeze.json#/artifacts"}] if {
	said_enough("accelerator_memory_gib")
}

said_enough(_) if data.thresholds.capacity.declared == false

said_enough(measure) if count(declared_needs(measure)) > 0

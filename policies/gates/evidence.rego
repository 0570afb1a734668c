package countersign.gates

# At least one document of every required kind, and none of that kind that cannot be read.
rules[id] := {"gate": "evidence", "place": document_of(kind), "subject": ["evidence", kind], "required": "readable"} if {
	some kind in data.thresholds.evidence
	id := concat(".", ["evidence", kind])
}

readings[id] contains {"value": readability(document), "where": document.name, "holds": document.readable == true} if {
	some document in input.evidence
	document.kind in data.thresholds.evidence
	id := concat(".", ["evidence", document.kind])
}

default readability(_) := "unreadable"

readability(document) := "readable" if document.readable == true

# At least one artifact of every required role.
rules[id] := {"gate": "artifact", "place": "freeze.json#/artifacts", "subject": ["artifact", role], "required": "frozen"} if {
	some role in data.thresholds.artifacts
	id := concat(".", ["artifact", role])
}

readings[id] contains {"value": "frozen", "where": artifact.name, "holds": true} if {
	some artifact in input.artifacts
	artifact.role in data.thresholds.artifacts
	id := concat(".", ["artifact", artifact.role])
}

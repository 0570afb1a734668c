package countersign.gates

rules[id] := {"gate": "security", "place": document_of("security-scan"), "subject": ["scan", severity], "required": {"max": most}} if {
	some severity, most in data.thresholds.security
	id := security_id(severity)
}

readings[id] contains {"value": scan.value, "where": scan.where, "holds": within(scan.value, {"max": most})} if {
	some scan in input.scans
	most := data.thresholds.security[scan.severity]
	id := security_id(scan.severity)
}

security_id(severity) := concat(".", ["security", severity])

package countersign.gates

# The bytes that were hashed are the bytes that were declared, for every file that the manifest names.
rules[id] := {"gate": "digest", "place": file.name, "subject": ["digest", file.name], "required": file.declared} if {
	some file in files
	id := digest_id(file)
}

readings[id] contains {"value": file.computed, "where": file.name, "holds": file.computed == file.declared} if {
	some file in files
	is_string(file.computed)
	is_string(file.declared)
	id := digest_id(file)
}

files contains file if some file in input.artifacts

files contains file if some file in input.evidence

digest_id(file) := concat(".", ["digest", file.name])

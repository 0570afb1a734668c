package countersign.gates

# Until when a rule reports without blocking; null where it blocks. Instants are texts whose order is that of time.
default dry_run(_) := null

dry_run(id) := max(open) if {
	open := {entry.until |
		some entry in data.thresholds.dryRun
		covers(entry.rule, id)
		input.now < entry.until
	}
	count(open) > 0
}

covers(entry, id) if entry == id

covers(entry, id) if startswith(id, concat("", [entry, "."]))

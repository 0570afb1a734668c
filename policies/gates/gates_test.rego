package countersign.gates_test

import data.countersign.gates

thresholds := {
	"modelType": "credit-scoring",
	"artifacts": ["model"],
	"evidence": ["model-quality", "bias"],
	"quality": {"auc": {"min": 0.72}},
	"fairness": {"sex": {"DI": {"min": 0.8, "max": 1.25}}},
	"data": {"maximumViolations": 0, "allowedPii": ["postcode"]},
	"security": {"critical": 0},
}

candidate := {
	"model": {"name": "m", "type": "credit-scoring", "version": "1"},
	"target": {"name": "production"},
	"artifacts": [{"role": "model", "name": "model.json", "declared": "aa", "computed": "aa"}],
	"evidence": [
		{"kind": "model-quality", "name": "q.json", "readable": true, "declared": "bb", "computed": "bb"},
		{"kind": "bias", "name": "b.json", "readable": true, "declared": "cc", "computed": "cc"},
	],
	"metrics": [{"name": "auc", "value": 0.8, "where": "q.json#/auc"}],
	"facets": [{"facet": "sex", "group": "female", "metric": "DI", "value": 0.9, "where": "b.json#/DI"}],
	"schema": [{"value": 0, "where": "d.json#/violations"}],
	"pii": [{"columns": ["postcode"], "where": "d.json#/pii"}],
	"scans": [{"severity": "critical", "value": 0, "where": "s.json#/critical"}],
	"gaps": [],
}

# What did not pass, when these members of the candidate are others.
open_rules(changes) := {finding.rule: finding.status |
	some finding in gates.findings with input as object.union(candidate, changes) with data.thresholds as thresholds
	finding.status != "passed"
}

test_a_good_candidate_passes_every_rule if {
	open_rules({}) == {}
	count(gates.findings) == 12 with input as candidate with data.thresholds as thresholds
}

test_no_input_passes_nothing if {
	found := gates.findings with input as {} with data.thresholds as thresholds
	count(found) > 0
	every finding in found {
		finding.status == "missing"
	}
}

test_no_thresholds_pass_nothing_but_digests if {
	found := {finding.rule | some finding in gates.findings; finding.status == "passed"} with input as candidate
		with data.thresholds as {}
	found == {"digest.model.json", "digest.q.json", "digest.b.json"}
}

test_thresholds_of_another_model_type_do_not_apply if {
	open_rules({"model": {"type": "fraud"}}) == {"policy.applies": "missing"}
}

test_thresholds_of_another_target_do_not_apply if {
	found := gates.findings with input as candidate with data.thresholds as object.union(thresholds, {"target": "test"})
	some finding in found
	finding.rule == "policy.applies"
	finding.status == "missing"
}

test_a_bound_without_ends_holds_nothing if {
	found := gates.findings with input as candidate with data.thresholds as object.union(object.remove(thresholds, ["quality"]), {"quality": {"auc": {}}})
	some finding in found
	finding.rule == "quality.auc"
	finding.status == "failed"
}

test_no_metrics_at_all_is_missing_not_passed if {
	open_rules({"metrics": []}) == {"quality.auc": "missing"}
}

test_a_text_is_not_a_number if {
	open_rules({"metrics": [{"name": "auc", "value": "0.9", "where": "q"}]}) == {"quality.auc": "failed"}
}

test_null_is_not_below_a_maximum if {
	open_rules({"scans": [{"severity": "critical", "value": null, "where": "s"}]}) == {"security.critical": "failed"}
}

test_one_bad_reading_of_two_fails if {
	low := {"facet": "sex", "group": "other", "metric": "DI", "value": 0.5, "where": "b.json#/other"}
	open_rules({"facets": array.concat(candidate.facets, [low])}) == {"fairness.sex.DI": "failed"}
}

test_a_gap_blocks_beside_a_good_reading if {
	gap := {"subject": ["metric", "auc"], "where": "q2.json#/auc", "why": "is null"}
	open_rules({"gaps": [gap]}) == {"quality.auc": "missing"}
}

test_only_allowed_columns_may_be_personal if {
	open_rules({"pii": [{"columns": ["postcode", "email"], "where": "d"}]}) == {"data.pii": "failed"}
}

test_unreadable_evidence_fails if {
	unreadable := {"kind": "bias", "name": "b.json", "readable": false, "declared": "cc", "computed": "cc"}
	open_rules({"evidence": [candidate.evidence[0], unreadable]}) == {"evidence.bias": "failed"}
}

test_other_bytes_fail if {
	open_rules({"artifacts": [object.union(candidate.artifacts[0], {"computed": "ff"})]}) == {"digest.model.json": "failed"}
}

test_absent_bytes_are_missing if {
	open_rules({"artifacts": [object.union(candidate.artifacts[0], {"computed": null})]}) == {"digest.model.json": "missing"}
}

test_thresholds_that_ask_for_no_evidence_do_not_apply if {
	found := gates.findings with input as candidate with data.thresholds as object.union(thresholds, {"evidence": []})
	some finding in found
	finding.rule == "policy.applies"
	finding.status == "missing"
}

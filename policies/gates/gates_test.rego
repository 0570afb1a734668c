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

with_plan(change) := {"plans": [{"where": "p.json#/resource_changes", "changes": [change]}]}

iac_rules(change) := {finding.rule |
	limits := object.union(thresholds, {"infrastructure": {
		"deletions": 0,
		"instances": 1,
		"instanceTypes": ["ml.m5.large"],
		"keepStateful": true,
		"noWildcards": true,
	}})
	some finding in gates.findings with input as object.union(candidate, with_plan(change)) with data.thresholds as limits
	finding.gate == "infrastructure"
	finding.status != "passed"
}

bucket := {"address": "b", "type": "aws_s3_bucket", "action": "create", "instances": [], "allows": []}

test_a_plan_that_creates_passes if iac_rules(bucket) == set()

test_a_plan_must_be_there if {
	limits := object.union(thresholds, {"infrastructure": {"deletions": 0}})
	some finding in gates.findings with input as candidate with data.thresholds as limits
	finding.rule == "iac.deletions"
	finding.status == "missing"
}

test_a_deleted_bucket_fails_twice if {
	iac_rules(object.union(bucket, {"action": "delete"})) == {"iac.deletions", "iac.stateful"}
}

test_a_replaced_bucket_fails if iac_rules(object.union(bucket, {"action": "replace"})) == {"iac.stateful"}

test_unknown_permissions_fail if iac_rules(object.union(bucket, {"allows": null})) == {"iac.permissions"}

test_permissions_that_name_what_they_allow_pass if {
	iac_rules(object.union(bucket, {"allows": ["s3:GetObject on arn:aws:s3:::b/*"]})) == set()
}

test_wildcards_fail if {
	every allowed in ["* on a", "s3:* on a", "s3:GetObject on *", "anybody: sts:AssumeRole on itself"] {
		iac_rules(object.union(bucket, {"allows": [allowed]})) == {"iac.permissions"}
	}
}

test_open_machines_fail if {
	open_machine := {"type": null, "count": null}
	iac_rules(object.union(bucket, {"instances": [open_machine]})) == {"iac.instances", "iac.instance-types"}
}

test_a_rule_on_trial_says_until_when if {
	trial := object.union(thresholds, {"dryRun": [{"rule": "quality", "until": "2026-12-01T00:00:00.000Z"}]})
	weak := object.union(candidate, {"metrics": [{"name": "auc", "value": 0.5, "where": "q"}], "now": "2026-11-01T00:00:00.000Z"})
	said := {finding.rule: finding.dryRun |
		some finding in gates.findings with input as weak with data.thresholds as trial
		finding.status != "passed"
	}
	said == {"quality.auc": "2026-12-01T00:00:00.000Z"}
}

test_without_a_clock_nothing_is_on_trial if {
	trial := object.union(thresholds, {"dryRun": [{"rule": "quality", "until": "2026-12-01T00:00:00.000Z"}]})
	every finding in gates.findings {
		finding.dryRun == null
	} with input as candidate with data.thresholds as trial
}

champion_status(changes) := {finding.status |
	limits := object.union(thresholds, {"champion": {"quality": {"auc": {"dropAtMost": 0.02}}, "fairness": {}, "releases": 1}})
	some finding in gates.findings with input as object.union(candidate, changes) with data.thresholds as limits
	finding.rule == "champion.quality.auc"
}

test_the_first_release_is_compared_with_nothing if champion_status({"releases": []}) == {"passed"}

test_nobody_looked_is_not_the_first_release if champion_status({}) == {"missing"}

test_no_worse_than_the_champion_passes if {
	champion_status({"releases": [{"metrics": [{"name": "auc", "value": 0.82}], "facets": []}]}) == {"passed"}
}

test_worse_than_the_champion_fails if {
	champion_status({"releases": [{"metrics": [{"name": "auc", "value": 0.83}], "facets": []}]}) == {"failed"}
}

test_an_unmeasured_champion_is_missing if {
	champion_status({"releases": [{"metrics": [], "facets": []}]}) == {"missing"}
}

memory_status(machine, card) := {finding.status |
	limits := object.union(thresholds, {"capacity": object.union({"sizeFactor": 2, "reserveGib": 1, "declared": false}, machine)})
	sized := object.union(candidate, {"artifacts": [object.union(candidate.artifacts[0], {"size": 1073741824})], "measures": card})
	some finding in gates.findings with input as sized with data.thresholds as limits
	finding.rule == "capacity.memory"
}

test_a_machine_holds_the_model if memory_status({"machine": {"memoryGib": 3}}, []) == {"passed"}

test_a_machine_is_too_small if memory_status({"machine": {"memoryGib": 2.9}}, []) == {"failed"}

test_an_unknown_machine_is_missing if memory_status({}, []) == {"missing"}

test_a_declared_need_counts_where_it_is_larger if {
	need := {"kind": "model-card", "name": "memory_gib", "value": 4, "where": "c"}
	memory_status({"machine": {"memoryGib": 3}}, [need]) == {"failed"}
}

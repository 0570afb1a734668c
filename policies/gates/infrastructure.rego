package countersign.gates

# Resources that hold what cannot be made again. Add those of your own providers.
stateful_types := {
	"AWS::Backup::BackupVault",
	"AWS::Cognito::UserPool",
	"AWS::DocDB::DBCluster",
	"AWS::DynamoDB::GlobalTable",
	"AWS::DynamoDB::Table",
	"AWS::EC2::Volume",
	"AWS::ECR::Repository",
	"AWS::EFS::FileSystem",
	"AWS::ElastiCache::CacheCluster",
	"AWS::ElastiCache::ReplicationGroup",
	"AWS::FSx::FileSystem",
	"AWS::Glue::Database",
	"AWS::Glue::Table",
	"AWS::KMS::Key",
	"AWS::Kinesis::Stream",
	"AWS::Logs::LogGroup",
	"AWS::MSK::Cluster",
	"AWS::MemoryDB::Cluster",
	"AWS::Neptune::DBCluster",
	"AWS::OpenSearchService::Domain",
	"AWS::RDS::DBCluster",
	"AWS::RDS::DBInstance",
	"AWS::Redshift::Cluster",
	"AWS::S3::Bucket",
	"AWS::SQS::Queue",
	"AWS::SSM::Parameter",
	"AWS::SageMaker::FeatureGroup",
	"AWS::SageMaker::ModelPackageGroup",
	"AWS::SecretsManager::Secret",
	"AWS::Timestream::Table",
	"aws_backup_vault",
	"aws_cloudwatch_log_group",
	"aws_cognito_user_pool",
	"aws_db_cluster_snapshot",
	"aws_db_instance",
	"aws_docdb_cluster",
	"aws_dynamodb_global_table",
	"aws_dynamodb_table",
	"aws_ebs_volume",
	"aws_ecr_repository",
	"aws_efs_file_system",
	"aws_elasticache_cluster",
	"aws_elasticache_replication_group",
	"aws_fsx_lustre_file_system",
	"aws_fsx_ontap_file_system",
	"aws_fsx_openzfs_file_system",
	"aws_fsx_windows_file_system",
	"aws_glacier_vault",
	"aws_glue_catalog_database",
	"aws_glue_catalog_table",
	"aws_kinesis_stream",
	"aws_kms_key",
	"aws_memorydb_cluster",
	"aws_msk_cluster",
	"aws_neptune_cluster",
	"aws_opensearch_domain",
	"aws_rds_cluster",
	"aws_redshift_cluster",
	"aws_s3_bucket",
	"aws_s3_object",
	"aws_sagemaker_feature_group",
	"aws_sagemaker_model_package_group",
	"aws_secretsmanager_secret",
	"aws_sqs_queue",
	"aws_ssm_parameter",
	"aws_timestreamwrite_table",
}

rules[id] := {"gate": "infrastructure", "place": document_of("iac-plan"), "subject": ["plan", name], "required": {"max": most}} if {
	some name in ["deletions", "replacements", "instances"]
	most := data.thresholds.infrastructure[name]
	id := concat(".", ["iac", name])
}

readings["iac.deletions"] contains {"value": count(deleted), "where": plan.where, "holds": within(count(deleted), bound)} if {
	some plan in plans
	bound := {"max": data.thresholds.infrastructure.deletions}
	deleted := [change | some change in plan.changes; change.action == "delete"]
}

readings["iac.replacements"] contains {"value": count(replaced), "where": plan.where, "holds": within(count(replaced), bound)} if {
	some plan in plans
	bound := {"max": data.thresholds.infrastructure.replacements}
	replaced := [change | some change in plan.changes; change.action == "replace"]
}

# What a plan leaves open may be any number.
readings["iac.instances"] contains {"value": seen, "where": plan.where, "holds": within(seen, bound)} if {
	some plan in plans
	bound := {"max": data.thresholds.infrastructure.instances}
	seen := machines_of(plan)
}

machines_of(plan) := sum(counts) if {
	counts := [machine.count | some change in plan.changes; some machine in change.instances]
	every number in counts {
		is_number(number)
	}
} else := "an open number"

rules["iac.instance-types"] := {
	"gate": "infrastructure",
	"place": document_of("iac-plan"),
	"subject": ["plan", "instance-types"],
	"required": data.thresholds.infrastructure.instanceTypes,
}

# What is seen are the types that nobody allowed; one that the plan leaves open is one of them.
readings["iac.instance-types"] contains {"value": sort(others), "where": plan.where, "holds": others == set()} if {
	some plan in plans
	allowed := {type | some type in data.thresholds.infrastructure.instanceTypes}
	named := {type_of(machine) | some change in plan.changes; some machine in change.instances}
	others := named - allowed
}

default type_of(_) := "an open type"

type_of(machine) := machine.type if is_string(machine.type)

rules["iac.stateful"] := {
	"gate": "infrastructure",
	"place": document_of("iac-plan"),
	"subject": ["plan", "stateful"],
	"required": "kept",
} if {
	data.thresholds.infrastructure.keepStateful == true
}

readings["iac.stateful"] contains {"value": sort(lost), "where": plan.where, "holds": lost == set()} if {
	some plan in plans
	lost := {change.address | some change in plan.changes; change.type in stateful_types; not change.action in {"create", "update"}}
}

rules["iac.permissions"] := {
	"gate": "infrastructure",
	"place": document_of("iac-plan"),
	"subject": ["plan", "permissions"],
	"required": "no wildcard",
} if {
	data.thresholds.infrastructure.noWildcards == true
}

# What is seen are the resources that allow everything, and those of which the plan does not say what they allow.
readings["iac.permissions"] contains {"value": sort(wide), "where": plan.where, "holds": wide == set()} if {
	some plan in plans
	wide := {change.address | some change in plan.changes; not narrow(change)}
}

narrow(change) if {
	is_array(change.allows)
	every allowed in change.allows {
		not wildcard(allowed)
	}
}

# Every action, every action of a service, any action on everything, what anybody may do, and the managed policies that
# allow all.
wildcard(allowed) if startswith(allowed, "* on ")

wildcard(allowed) if startswith(allowed, "anybody: ")

wildcard(allowed) if endswith(allowed, " on *")

wildcard(allowed) if contains(allowed, ":policy/AdministratorAccess on ")

wildcard(allowed) if contains(allowed, ":policy/PowerUserAccess on ")

wildcard(allowed) if contains(allowed, ":* on ")

plans contains plan if {
	some plan in input.plans
	is_array(plan.changes)
}

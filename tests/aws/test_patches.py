"""Each patch of moto stands beside a test that shows that stock moto still lacks it: a patch without one is refused here."""

from . import (
    budgets,
    ecr,
    jobs,
    network,
    policies,
    replication,
    runtime,
    sagemaker,
    scaling,
    server,
    test_budgets,
    test_ecr,
    test_network,
    test_policies,
    test_replication,
    test_sagemaker,
    test_scaling,
    test_server,
    test_variants,
    variants,
)

CANNOT_UPDATE = test_sagemaker.test_stock_moto_cannot_update_an_endpoint
LACKING = {
    policies.deny_only_when_the_condition_is_met: test_policies.test_stock_moto_denies_what_the_policy_allows,
    sagemaker.accept_every_hosting_instance_type: test_sagemaker.test_stock_moto_refuses_machines_that_exist,
    sagemaker.describe_without_empty_blocks: test_sagemaker.test_stock_moto_invents_empty_blocks,
    sagemaker.refuse_names_that_are_taken: test_sagemaker.test_stock_moto_takes_a_name_twice,
    sagemaker.remember_the_deployment_configuration: test_sagemaker.test_stock_moto_forgets_the_deployment_configuration,
    sagemaker.isolate_models: test_sagemaker.test_stock_moto_isolates_no_model,
    sagemaker.update_endpoints: CANNOT_UPDATE,
    variants.remember_shadow_variants: test_variants.test_stock_moto_forgets_shadow_variants,
    variants.keep_the_kind_of_an_endpoint: CANNOT_UPDATE,
    scaling.scale_what_is_kept_warm: test_scaling.test_stock_moto_cannot_scale_what_a_serverless_variant_keeps_warm,
    scaling.tag_scalable_targets: test_scaling.test_stock_moto_knows_no_tags_of_a_target,
    scaling.keep_the_machine_of_a_scaled_variant: CANNOT_UPDATE,
    network.describe_rules_of_groups_and_prefix_lists: test_network.test_stock_moto_forgets_what_a_rule_is_for,
    ecr.address_repositories_on_a_loopback_registry: test_ecr.test_stock_moto_has_repositories_at_aws_only,
    ecr.describe_images_of_the_registry: test_ecr.test_stock_moto_does_not_see_what_was_pushed,
    runtime.invoke_the_container: test_server.test_stock_moto_answers_for_endpoints_that_do_not_exist,
    runtime.invoke_the_container_later: test_server.test_stock_moto_answers_an_asynchronous_invocation_without_an_endpoint,
    jobs.transform_with_the_container: test_server.test_stock_moto_completes_a_transform_job_that_has_no_model,
    budgets.tell_the_subscribers: test_budgets.test_stock_moto_does_not_tell_whom_a_budget_tells,
    budgets.tag_budgets: test_budgets.test_stock_moto_has_no_tags_of_budgets,
    budgets.update_budgets: test_budgets.test_stock_moto_cannot_update_a_budget,
    replication.tell_all_of_a_rule: test_replication.test_stock_moto_forgets_what_a_rule_is_for,
}
"""Each patch, and what shows that it is needed."""


def test_every_patch_is_needed() -> None:
    assert set(LACKING) == set(server.PATCHES)
    assert all(test.__name__.startswith("test_stock_moto_") for test in LACKING.values())

# Written by byocgen from byocgen.yaml. Change the manifest, not this file.
# What features share: each one's part is a local in its own file.
locals {
  # policy documents of the execution role
  role_policies = concat(local.role_policies_rollout)

  # policy documents of the key
  key_policies = []

  # alarms that roll an update back, beside those of every endpoint
  rollback_alarms = merge(local.rollback_alarms_waiting)

  # who is told when an alarm fires
  alarm_actions = []

  # folders of the bucket whose objects are deleted after some days
  expirations = {}

  # share of the requests that is kept, and where; null: none
  capture = null

  # variables of the container, beside the manifest's
  environment = {}

  # policy that bounds the execution role; null: none
  boundary = null

  # policy documents of the bucket of logs
  log_policies = []

  # whether the containers have no outbound network; null: they have one
  isolation = null

  # production variants beside primary
  variants = []

  # shadow variants
  shadows = []

  # where an asynchronous endpoint leaves its answers; null: callers wait for them
  async = null

  # where the containers run in a VPC; null: outside of one
  network = null
}

# What only an endpoint tells whose callers wait.

locals {
  rollback_alarms_waiting = {
    overhead = {
      description = "One in ten requests to the new machines spends more than 5 s outside of the container"
      metric      = "OverheadLatency"
      statistic   = "p90"
      threshold   = 5 * 1000 * 1000
    }
  }
}

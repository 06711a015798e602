# What an endpoint tells whose callers wait. A request counts one over the number of machines in InvocationsPerInstance, so the quotient
# of the two sums is that number.

locals {
  graphs_of_mode = [
    {
      title = "Requests"
      unit  = "a minute"
      lines = [{ of = local.invocations, name = "Invocations", stat = "Sum", label = "requests" }]
    },
    {
      title = "Machines that answer"
      unit  = "machines"
      lines = []
      made = concat([
        for index, region in keys(local.region_codes) : [
          [{ expression = "all${index} / share${index}", label = "machines ${region}", region = region }],
          concat([local.invocations, "Invocations"], local.variant, [{ id = "all${index}", stat = "Sum", visible = false, region = region }]),
          concat([local.invocations, "InvocationsPerInstance"], local.variant, [{ id = "share${index}", stat = "Sum", visible = false, region = region }]),
        ]
      ]...)
    },
    {
      title = "Time on the way, beside the container's"
      unit  = "microseconds"
      lines = [for stat in ["p50", "p99"] : { of = local.invocations, name = "OverheadLatency", stat = stat, label = stat }]
    },
  ]
}

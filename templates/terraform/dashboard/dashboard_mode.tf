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
        for index, one in setproduct(keys(local.region_codes), range(length(local.variants))) : [
          [{ expression = "all${index} / share${index}", label = "machines${local.called[one[1]]} ${one[0]}", region = one[0] }],
          concat([local.invocations, "Invocations"], local.dimensions[one[1]], [{ id = "all${index}", stat = "Sum", visible = false, region = one[0] }]),
          concat([local.invocations, "InvocationsPerInstance"], local.dimensions[one[1]], [{ id = "share${index}", stat = "Sum", visible = false, region = one[0] }]),
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

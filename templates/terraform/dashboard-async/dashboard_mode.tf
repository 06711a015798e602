# What an asynchronous endpoint tells: what waits, for how long, and what came of it.

locals {
  endpoint = ["EndpointName", var.name]

  graphs_of_mode = [
    {
      title = "Requests that wait"
      unit  = "requests"
      lines = [
        { of = local.invocations, name = "ApproximateBacklogSize", stat = "Maximum", label = "all", dimensions = local.endpoint },
        { of = local.invocations, name = "ApproximateBacklogSizePerInstance", stat = "Maximum", label = "a machine", dimensions = local.endpoint },
      ]
    },
    {
      title = "Age of the oldest request"
      unit  = "seconds"
      lines = [{ of = local.invocations, name = "ApproximateAgeOfOldestRequest", stat = "Maximum", label = "age", dimensions = local.endpoint }]
    },
    {
      title = "Requests that failed or waited too long"
      unit  = "a minute"
      lines = [for name in ["InvocationFailures", "ExpiredRequests"] : { of = local.invocations, name = name, stat = "Sum", label = name }]
    },
    {
      title = "Time in the queue"
      unit  = "microseconds"
      lines = [for stat in ["p50", "p99"] : { of = local.invocations, name = "TimeInBacklog", stat = stat, label = stat }]
    },
  ]
}

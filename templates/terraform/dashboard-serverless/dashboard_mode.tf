# What a serverless endpoint tells: how many of the allowed requests run, and how long a cold start takes.

locals {
  graphs_of_mode = [
    {
      title = "Requests"
      unit  = "a minute"
      lines = [{ of = local.invocations, name = "Invocations", stat = "Sum", label = "requests" }]
    },
    {
      title = "Requests at one time, of those allowed"
      unit  = "share"
      lines = [{ of = local.invocations, name = "ServerlessConcurrentExecutionsUtilization", stat = "Maximum", label = "share" }]
    },
    {
      title = "Cold starts"
      unit  = "microseconds"
      lines = [
        { of = local.invocations, name = "ModelSetupTime", stat = "p99", label = "start p99" },
        { of = local.invocations, name = "OverheadLatency", stat = "p99", label = "overhead p99" },
      ]
    },
  ]
}

# What only an asynchronous endpoint tells. SageMaker counts failures for the endpoint, not for a configuration of it.

locals {
  rollback_alarms_async = {
    failures = {
      description         = "More than five requests in a minute fail: in the container, at its request or at its answer in S3"
      metric              = "InvocationFailures"
      statistic           = "Sum"
      threshold           = 5
      every_configuration = true
    }
  }
}

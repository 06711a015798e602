# What Application Auto Scaling would answer where the stack reads the answer.

mock_resource "aws_appautoscaling_target" {
  defaults = { arn = "arn:aws:application-autoscaling:eu-west-1:123456789012:scalable-target/0000abcd" }
}

mock_resource "aws_appautoscaling_policy" {
  defaults = { arn = "arn:aws:autoscaling:eu-west-1:123456789012:scalingPolicy:0000abcd:resource/sagemaker/endpoint/pricing/variant/primary:policyName/wake" }
}

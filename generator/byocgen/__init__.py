"""byocgen: from a model manifest to a SageMaker container and its Terraform, in a project that its team owns."""

__version__ = "0.1.0"

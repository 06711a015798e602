"""Stands in for `sagemaker_huggingface_inference_toolkit` where that is not installed."""

from serving.toolkit.hugging_face import decoder_encoder

__all__ = ["decoder_encoder"]

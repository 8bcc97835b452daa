"""The ways to a model. An SDK is imported at the first call that needs it."""

from __future__ import annotations

from tutorkit.models.local_names import PROVIDER
from tutorkit.models.names import ModelRef
from tutorkit.models.providers.anthropic import AnthropicProvider
from tutorkit.models.providers.base import Hear, Parsed, Provider, ProviderSettings, Sent
from tutorkit.models.providers.litellm import LiteLLMProvider
from tutorkit.models.providers.local import LocalProvider
from tutorkit.models.providers.openai import OpenAIProvider
from tutorkit.models.providers.scripted import ScriptedProvider, ScriptedReply
from tutorkit.models.providers.transformers_local import TransformersProvider

__all__ = [
    "Hear",
    "Parsed",
    "Provider",
    "ProviderSettings",
    "ScriptedProvider",
    "ScriptedReply",
    "Sent",
    "open_provider",
]


def open_provider(ref: ModelRef, settings: ProviderSettings, *, timeout: float, connections: int) -> Provider:
    """Return the way to a model; whether there really is one, its ``check`` tells."""
    if ref.provider == "openai":
        return OpenAIProvider(settings, base_url=ref.base_url, timeout=timeout, connections=connections)
    if ref.provider == "anthropic":
        return AnthropicProvider(settings, base_url=ref.base_url, timeout=timeout, connections=connections)
    if ref.provider == "local":
        return LocalProvider(timeout=timeout)
    if ref.provider == PROVIDER:
        return TransformersProvider(settings)
    return LiteLLMProvider(ref.provider, settings, base_url=ref.base_url, timeout=timeout)

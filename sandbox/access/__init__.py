"""The resource server: how an API checks who calls and what they may. Copy this even if you buy your identity provider."""

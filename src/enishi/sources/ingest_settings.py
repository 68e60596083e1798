"""What browsers' SDKs fetch before they send anything: settings that lead them back here."""

from __future__ import annotations

from typing import Final

from enishi.sources.ingest_keys import KnownSource

_NEVER: Final = "2020-01-01T00:00:00.000Z"


def segment_settings(key: str, host: str, scheme: str) -> dict[str, object]:
    """`GET /v1/projects/{key}/settings`: analytics-next sends nothing without `Segment.io` in it.

    Events go to `host` (with its port); no plugin, no other destination, no metrics.
    """
    return {
        "integrations": {
            "Segment.io": {
                "apiKey": key,
                "apiHost": f"{host}/v1",
                "protocol": scheme,
                "unbundledIntegrations": [],
                "addBundledMetadata": False,
                "versionSettings": {"version": "4.4.7", "componentTypes": ["browser"]},
            }
        },
        "edgeFunction": {},
        "analyticsNextEnabled": True,
        "middlewareSettings": {},
        "enabledMiddleware": {},
        "metrics": {"sampleRate": 0, "host": f"{host}/v1"},
        "legacyVideoPluginsEnabled": False,
        "remotePlugins": [],
    }


def rudder_settings(key: str, source: KnownSource, host: str, scheme: str) -> dict[str, object]:
    """`GET /sourceConfig/`: the source is enabled, has no destinations, and sends to `host`."""
    return {
        "source": {
            "id": source.id,
            "name": source.name,
            "writeKey": key,
            "enabled": True,
            "config": {
                "statsCollection": {
                    "errors": {"enabled": False},
                    "metrics": {"enabled": False},
                }
            },
            "connections": [],
            "destinations": [],
            "dataplanes": {},
            "workspaceId": "enishi",
            "updatedAt": _NEVER,
        },
        "dataplanes": {"us": [{"url": f"{scheme}://{host}", "default": True}]},
        "updatedAt": _NEVER,
    }

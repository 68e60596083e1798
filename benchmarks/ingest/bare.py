"""The least a server of this kind can do: read the body, answer 200. What ingest is measured by."""

from __future__ import annotations

from enishi.sources.ingest_answers import OK, Message, Receive, Send


async def application(scope: Message, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return
    while (await receive()).get("more_body", False):
        pass
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(OK))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": OK})


def main() -> None:
    """`python -m benchmarks.ingest.bare PORT`."""
    import sys

    from granian import Granian
    from granian.constants import Interfaces

    Granian(
        "benchmarks.ingest.bare:application",
        address="127.0.0.1",
        port=int(sys.argv[1]),
        interface=Interfaces.ASGI,
        workers=1,
        websockets=False,
        log_enabled=False,
    ).serve()


if __name__ == "__main__":
    main()

"""A slow network: 40 ms each way, and one segment in a hundred is lost. By netem where the kernel has it, else a proxy.

To the proxy, a lost segment comes again as RACK (RFC 8985) would send it: one segment (33 ms), a round trip and a
quarter later. What follows waits behind it.
"""

import asyncio
import random
import sys

DELAY = 0.040  # seconds
LOST = 0.01
AGAIN = 0.033 + 1.25 * 2 * DELAY

# Runs what follows in a network of its own, whose only link is slow.
NETEM = [
    "unshare",
    "--net",
    "sh",
    "-c",
    f'ip link set lo up && tc qdisc add dev lo root netem delay {DELAY * 1_000:.0f}ms loss {LOST:.0%} && exec "$@"',
    "sh",
]


async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Delay what is read, in order, until there is no more."""
    loop = asyncio.get_running_loop()
    under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def arrive() -> None:
        while True:
            arrival, data = await under_way.get()
            await asyncio.sleep(arrival - loop.time())
            if not data:
                return writer.close()
            writer.write(data)

    arriving = asyncio.create_task(arrive())
    arrival = 0.0
    try:
        while data := await reader.read(2**16):
            arrival = max(arrival, loop.time() + DELAY + (AGAIN if random.random() < LOST else 0))
            under_way.put_nowait((arrival, data))
    finally:
        under_way.put_nowait((arrival, b""))
    await arriving


async def serve(port: int, target: int) -> None:
    async def through(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", target)
        await asyncio.gather(carry(reader, far_writer), carry(far_reader, writer))

    async with await asyncio.start_server(through, "127.0.0.1", port) as server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2])))

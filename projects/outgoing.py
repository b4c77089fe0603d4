"""Connections to addresses that people have given: none leads into the server's own network, unless whoever runs it
allows that.

What a name stands for is asked once, and the connection goes to the very address that was looked at: a name that stands
for another one a moment later changes nothing.
"""

import ipaddress
import socket
import time

from django.conf import settings

from projects.errors import Refusal

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

PUBLIC = ipaddress.IPv6Network("2000::/3")  # all that is given out; what lies elsewhere is for one network, or old
EXAMPLES = ipaddress.IPv6Network("3fff::/20")
THROUGH_NAT = ipaddress.IPv6Network("64:ff9b::/96")  # whose last 32 bits are an address of the other kind
PRIVATE = (
    "This server does not connect to private addresses. Whoever runs it can allow that: see ALLOW_PRIVATE_BACKENDS in "
    "the README."
)


class Private(Refusal):
    default_code = "private_address"


def connected(host: str, port: int, seconds: float) -> socket.socket:
    """Raises Private, and OSError where nobody answers."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    allowed = [one for one in found if may_be_reached(str(one[4][0]))]
    if not allowed:
        raise Private(PRIVATE)
    until, error = time.monotonic() + seconds, OSError("no address")
    for family, kind, protocol, _, address in allowed:
        one = socket.socket(family, kind, protocol)
        try:
            one.settimeout(max(until - time.monotonic(), 0.1))
            one.connect(address)
        except OSError as why:
            one.close()
            error = why
        else:
            return one
    raise error


def may_be_reached(text: str) -> bool:
    address = meant(ipaddress.ip_address(text.partition("%")[0]))
    networks: list[Network] = settings.PRIVATE_BACKENDS
    if any(address in network for network in networks if network.version == address.version):
        return True
    if isinstance(address, ipaddress.IPv6Address) and (address not in PUBLIC or address in EXAMPLES):
        return False
    return address.is_global and not address.is_multicast


def meant(address: Address) -> Address:
    """The address that another one only wraps."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in THROUGH_NAT:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else address)

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("path", ["/", "/ws", "/ws/elsewhere/"])
def test_where_there_is_no_socket_one_is_turned_away(servers, path):
    with pytest.raises(InvalidStatus) as refused:
        connect(servers.url.replace("http", "ws", 1) + path, origin=servers.url)

    assert refused.value.response.status_code == 403

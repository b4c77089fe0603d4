"""`make backup` and `make restore`."""

import signal

from tests.supervisor.product import SECONDS


def test_a_backup_brings_everything_back(product):
    file = product.var.parent / "backup.tar"
    product.start()
    product.run("manage", "person", "zoe").wait(SECONDS)
    (product.var / "media").mkdir(exist_ok=True)
    (product.var / "media" / "photo").write_bytes(b"a photo")

    assert product.run("backup", str(file)).wait(SECONDS) == 0
    assert "already runs" in product.refused("restore", str(file))
    product.run("manage", "shell", "-c", "from projects.models import User; User.objects.all().delete()").wait(SECONDS)
    (product.var / "media" / "photo").unlink()
    product.end(signal.SIGINT)
    assert product.run("restore", str(file)).wait(SECONDS) == 0

    product.start()
    assert product.run("manage", "link", "zoe").wait(SECONDS) == 0
    assert (product.var / "media" / "photo").read_bytes() == b"a photo"


def test_a_file_that_is_no_backup_is_refused(product):
    file = product.var.parent / "notes.txt"
    file.write_text("no backup")

    assert "is no whole backup" in product.refused("restore", str(file))
    assert "Which backup?" in product.refused("restore")

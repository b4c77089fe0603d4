"""`make backup` and `make restore`."""

import signal
import tarfile

from tests.supervisor.product import SECONDS


def test_a_backup_brings_everything_back_wherever_the_images_are(product):
    """Only the start is told where: the other commands know it from there."""
    file, images = product.var.parent / "backup.tar", product.var.parent / "images"
    product.start(MEDIA_ROOT=str(images))
    product.sql("CREATE TABLE kept AS SELECT 'a row' AS name")
    (images / "originals").mkdir(parents=True)
    (images / "originals" / "photo").write_bytes(b"a photo")

    assert product.run("backup", str(file)).wait(SECONDS) == 0
    assert "already runs" in product.refused("restore", str(file))
    product.sql("DELETE FROM kept")
    (images / "originals" / "photo").write_bytes(b"damaged")
    product.end(signal.SIGINT)
    assert product.run("restore", str(file)).wait(SECONDS) == 0

    product.start(MEDIA_ROOT=str(images))
    assert product.sql("SELECT name FROM kept") == [("a row",)]
    assert (images / "originals" / "photo").read_bytes() == b"a photo"


def test_a_backup_of_a_stopped_product_is_for_its_owner_only(product):
    file = product.var.parent / "backups" / "backup.tar"
    (product.var / "media").mkdir(mode=0o755)
    (product.var / "media" / "photo").write_bytes(b"a photo")

    assert product.run("backup", str(file)).wait(SECONDS) == 0

    with tarfile.open(file) as archive:
        assert "media/photo" in archive.getnames()
    assert [path.stat().st_mode & 0o777 for path in (file, product.var / "media")] == [0o600, 0o700]
    assert list(file.parent.iterdir()) == [file]


def test_images_that_are_in_no_folder_are_not_left_out_unsaid(product):
    sentence = product.refused("backup", MEDIA_STORAGE="storages.backends.s3.S3Storage")

    assert sentence.startswith("The images are kept by storages.backends.s3.S3Storage")


def test_a_file_that_is_no_backup_is_refused(product):
    file = product.var.parent / "notes.txt"
    file.write_text("no backup")

    assert "is no whole backup" in product.refused("restore", str(file))
    assert "Which backup?" in product.refused("restore")

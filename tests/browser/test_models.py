"""A manager adds a model of their own, sees what it says of an image, and looks for things with it."""

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from projects.models import Project, User
from tests.detectors import networks
from tests.detectors.test_running import photo_of
from tests.images import encoded

pytestmark = pytest.mark.browser


def test_a_model_is_sent_seen_on_an_image_corrected_and_found_with(sign_in, alice: User, project: Project, tmp_path):
    photo_of(project, alice, encoded(Image.new("RGB", (200, 100), "navy"), "PNG"))
    rows = np.zeros((84, 6))
    rows[0], rows[1] = (16, 32, 16, 16, 0.9, 0.1), (48, 32, 8, 16, 0.2, 0.7)
    about = {"stride": "32", "names": "{0: 'cup', 1: 'plate'}"}
    (tmp_path / "cups.onnx").write_bytes(networks.constant(rows, image=["n", 3, 64, 64], about=about))
    (tmp_path / "photo.onnx").write_bytes(b"\x89PNG")
    page = sign_in(alice)
    page.goto(f"/projects/{project.pk}/")

    page.get_by_role("button", name="Models").click()
    models = page.get_by_role("dialog", name="Models")
    models.get_by_label("Add a model").set_input_files(tmp_path / "photo.onnx")
    expect(models.get_by_role("alert")).to_contain_text("This is no ONNX model")
    models.get_by_label("Add a model").set_input_files(tmp_path / "cups.onnx")

    new = page.get_by_role("dialog", name="A new model")
    expect(new.get_by_role("status")).to_have_text("2 found.")
    expect(new.locator("rect")).to_have_count(2)
    expect(new.get_by_label("What it is")).to_have_value("onnx_yolo")
    new.get_by_label("Threshold").fill("0.8")
    new.get_by_role("button", name="Try it").click()
    expect(new.get_by_role("status")).to_have_text("1 found.")
    new.get_by_role("button", name="Save").click()

    models.get_by_role("listitem").filter(has_text="cups 1").get_by_role("button", name="Find").click()
    find = page.get_by_role("dialog", name="cups 1")
    expect(find.get_by_label("Threshold")).to_have_value("0.8")
    find.get_by_role("button", name="Find in all items").click()
    expect(page.get_by_role("listitem").filter(has_text="cups 1")).to_contain_text("1 prediction")

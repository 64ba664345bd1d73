"""What the plan did is said as it was: what it writes in a sequence of its own it wrote."""

from deidentify.inventory import SeriesInventory
from deidentify.inventory_rulings import rulings
from deidentify.plan import compile_plan
from deidentify.rewrite import rewrite
from tests.deidentify.samples import brain, identity, save


def test_what_stands_in_a_sequence_that_the_plan_writes_is_written_by_it(tmp_path):
    plan = compile_plan("research", identity=identity())
    rewrite(save(brain(), tmp_path / "in.dcm"), tmp_path / "out.dcm", plan)
    inventory = SeriesInventory()
    inventory.add(tmp_path / "out.dcm")

    found = rulings(plan, list(inventory.rows()), "1.2.840.10008.5.1.4.1.1.4")

    codes = {path: ruling for path, ruling in found.items() if path.startswith("(0012,0064)(")}
    assert codes.keys() == {f"(0012,0064)(0008,{element})" for element in ("0100", "0102", "0104")}
    assert {ruling.action for ruling in codes.values()} == {"W"}
    # An item of ours may stand there beside items of the source, which were cleaned.
    assert found["(0018,A001)(0018,A003)"].action == "C"

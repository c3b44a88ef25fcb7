import pytest
import torch

from rnnviz.data import Tank, make_storms
from rnnviz.experiments import tank_control
from rnnviz.models import RecurrentController, read_tank_controller, threshold_controller, train_controller


def test_water_arrives_after_its_delay_and_leaves_through_the_valve():
    gauge = torch.zeros(12, 1)
    gauge[0] = 10.0
    closed = Tank(delay=3).run(gauge, lambda level, seen: torch.zeros_like(level))
    assert closed.level.flatten().tolist() == [50.0] * 4 + [60.0] * 8
    opened = Tank(delay=3, outlet=5, motor=0.5).run(gauge, lambda level, seen: torch.ones_like(level))
    assert opened.valve.flatten().tolist() == [0.5] + [1.0] * 11
    # Half a step's outlet, then a whole one's, then the water.
    assert opened.level.flatten().tolist()[:5] == [50.0, 47.5, 42.5, 37.5, 42.5]


def test_no_water_is_made_or_lost_but_over_the_rim():
    tank, storms = Tank(height=1e6), make_storms(steps=100, batch=4, seed=3)
    run = tank.run(storms, lambda level, seen: torch.full_like(level, 0.1))
    came, left = storms[: -1 - tank.delay].sum(0), tank.outlet * run.valve[:-1].sum(0)
    torch.testing.assert_close(run.level[-1], tank.mark + came - left, rtol=1e-5, atol=1e-2)
    assert Tank().run(storms + 20, lambda level, seen: torch.zeros_like(level)).level.max() == 100


def test_weather_is_seeded_and_what_cannot_be_is_refused():
    assert torch.equal(make_storms(50, 2, seed=1), make_storms(50, 2, seed=1))
    assert not torch.equal(make_storms(50, 2, seed=1), make_storms(50, 2, seed=2))
    with pytest.raises(ValueError, match="mark lies between"):
        Tank(mark=120)
    with pytest.raises(ValueError, match="both count from 1"):
        make_storms(steps=0)
    with pytest.raises(ValueError, match=r"should be \(time, batch\)"):
        Tank().run(torch.zeros(5), threshold_controller(50))
    with pytest.raises(ValueError, match="one opening a tank"):
        Tank().run(torch.zeros(5, 2), lambda level, gauge: level.sum())


def test_a_controller_forgets_between_runs():
    controller, storms = RecurrentController(4, seed=2), make_storms(20, 2, seed=4)
    with torch.no_grad():
        first = controller.tank.run(storms, controller.start())
        again = controller.tank.run(storms, controller.start())
    assert torch.equal(first.level, again.level)


def test_training_through_the_simulation_brings_the_level_nearer():
    controller = RecurrentController(8, seed=0)
    misses = train_controller(controller, updates=40, steps=60, batch=16, learning_rate=0.02)
    assert sum(misses[-5:]) < 0.7 * sum(misses[:5])


def test_the_shipped_controller_is_better_than_every_threshold(capsys):
    result = tank_control.run()
    assert result.holds
    assert 40 <= result.best <= 54
    assert result.recurrent < 7 < 12 < result.thresholds[result.best]
    # What it lives on is its memory: started anew at every step, it is worse than the best threshold.
    controller = read_tank_controller()
    with torch.no_grad():
        forgetful = controller.tank.run(
            make_storms(300, 64, seed=99), lambda level, gauge: controller.start()(level, gauge)
        )
    assert forgetful.miss(50) > 1.3 * result.recurrent
    assert tank_control.main() == 0
    assert "the best" in capsys.readouterr().out

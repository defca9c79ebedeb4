"""The scenes: chosen by words, composed alike for both models, right for December and faulty for October."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pytest

from sora_compare.simulator.studio.figures.court import BALL, GRAVITY, RIM
from sora_compare.simulator.studio.film import Film
from sora_compare.simulator.studio.order import Order, Realism
from sora_compare.simulator.studio.render import frames_of, render_clip
from sora_compare.simulator.studio.scenes import BY_CHANCE, SCENES, scene_for
from sora_compare.simulator.studio.scenes.basketball import Basketball
from sora_compare.simulator.studio.scenes.billiards import RADIUS, Billiards
from sora_compare.simulator.studio.scenes.blocks import GRAVITY as BLOCKS_GRAVITY
from sora_compare.simulator.studio.scenes.blocks import Blocks
from sora_compare.simulator.studio.scenes.cat import Cat
from sora_compare.simulator.studio.scenes.cloth import Cloth
from sora_compare.simulator.studio.scenes.fluid import Fluid
from sora_compare.simulator.studio.scenes.light import Light
from sora_compare.simulator.studio.scenes.scene import SceneRequest
from tests.simulator.clips import seen

if TYPE_CHECKING:
    from pathlib import Path

BASIC, PRECISE = Realism.BASIC, Realism.PRECISE
SEEDS = [1, 2, 3, 4]
LIGHT_SKIN_SEED = 9
"""Of a person whose open mouth is the only dark thing around it."""


def request(
    realism: Realism, *, seed: int = 1, seconds: float = 4.0, size: tuple[int, int] = (160, 90)
) -> SceneRequest:
    return SceneRequest(*size, seconds=seconds, fps=Fraction(30), seed=seed, realism=realism, prompt="")


def order(
    scene: str, realism: Realism = PRECISE, *, size: tuple[int, int] = (160, 90), seed: int = 1, seconds: float = 1.0
) -> Order:
    return Order(scene, seconds=seconds, width=size[0], height=size[1], seed=seed, realism=realism, scene=scene)


@pytest.mark.parametrize(("prompt", "scene"), [
    ("Un chat orange fait la sieste au soleil, sa queue remuant doucement", "cat"),
    ("A basketball player shoots at the hoop", "basketball"),
    ("Un tir au panier", "basketball"),
    ("A tower of wooden blocks falls", "blocks"),
    ("Collision entre deux boules", "billiards"),
    ("Coffee poured into a cup", "fluid"),
    ("De l'eau versée dans un verre", "fluid"),
    ("A red flag in the wind", "cloth"),
    ("Un drapeau claque au vent", "cloth"),
    ("Moving shadows of a lamp", "light"),
    ("Lumière et ombre", "light"),
    ("A woman speaks to the camera", "face"),
    ("Un visage qui parle", "face"),
    ("@小橘猫 在花园里追蝴蝶", "cat"),
    ("test-card please", "testcard"),
])  # fmt: skip
def test_a_prompts_words_choose_the_scene(prompt: str, scene: str) -> None:
    assert scene_for(prompt, 0) == scene
    assert scene_for(prompt.upper(), 99) == scene


@pytest.mark.parametrize(
    "prompt", ["A team at the window", "He catches a single category", "Un cadeau pour toi", "Boulevard"]
)
def test_words_that_only_begin_alike_choose_nothing(prompt: str) -> None:
    assert len({scene_for(prompt, seed) for seed in range(20)}) > 1


def test_other_prompts_choose_by_their_hash_and_seed() -> None:
    chosen = {scene_for("a quiet morning", seed) for seed in range(100)}
    assert chosen == set(BY_CHANCE)
    assert scene_for("a quiet morning", 5) == scene_for("a quiet morning", 5)


@pytest.mark.parametrize("scene", sorted(SCENES))
@pytest.mark.parametrize("size", [(64, 36), (32, 64)])
def test_every_scene_can_be_drawn_at_any_size(scene: str, size: tuple[int, int]) -> None:
    for realism in Realism:
        drawn = [
            planes.copy()
            for planes in frames_of(
                order(scene, realism, size=size, seconds=0.2), Film(order(scene, realism, size=size))
            )
        ]
        assert len(drawn) == 6
        assert drawn[0].shape == (size[1] * 3 // 2, size[0])


@pytest.mark.parametrize("scene", BY_CHANCE)
def test_both_models_begin_with_the_same_picture_and_then_differ(scene: str) -> None:
    first, second = Film(order(scene, BASIC, seconds=4)), Film(order(scene, PRECISE, seconds=4))
    start = [film.frame(0.0).astype(int) for film in (first, second)]
    other = Film(order(scene, PRECISE, seed=2, seconds=4)).frame(0.0).astype(int)
    apart = float(np.abs(start[0] - start[1]).mean())
    assert apart < 5.0
    assert apart < float(np.abs(start[1] - other).mean()) or scene == "blocks"
    later = [film.frame(2.6).copy().astype(int) for film in (first, second)]
    assert np.abs(later[0] - later[1]).max() > 60


@pytest.mark.parametrize("scene", sorted(SCENES))
def test_every_scene_but_the_plain_one_moves_and_sounds(scene: str) -> None:
    film = Film(order(scene, seconds=4))
    moved = int(np.abs(film.frame(0.5).astype(int) - film.frame(1.6).astype(int)).max())
    loud = float(np.abs(film.soundtrack()).max())
    assert (moved > 40, loud > 0.02) == ((False, False) if scene == "plain" else (True, True))
    assert loud <= 1.0


@pytest.mark.parametrize("seed", SEEDS)
def test_basketball_bounces_off_the_rim_in_december_and_passes_through_it_in_october(seed: int) -> None:
    def nearest(scene: Basketball) -> float:
        ends = [(scene.rim[0] + side * RIM, scene.rim[1]) for side in (-1, 1)]
        return min(float(np.hypot(*(shot.path.rows[:, :2] - end).T).min()) for shot in scene.shots for end in ends)

    december, october = (Basketball(request(realism, seed=seed)) for realism in (PRECISE, BASIC))
    assert nearest(december) > BALL * 0.95
    assert nearest(october) < BALL * 0.7
    assert any(one.kind == "rim" for shot in december.shots for one in shot.contacts)
    assert all(np.isfinite(shot.scored_s) for shot in december.shots)
    fall = np.diff(december.shots[0].path.rows[:120, 1], 2) * 240**2
    assert np.median(fall) == pytest.approx(GRAVITY, rel=0.02)


@pytest.mark.parametrize("seed", SEEDS)
def test_blocks_fall_as_gravity_says_in_december_and_float_in_october(seed: int) -> None:
    def fall(realism: Realism) -> float:
        return float(np.median(np.diff(Blocks(request(realism, seed=seed)).ball_paths[0].rows[:90, 1], 2)) * 240**2)

    assert fall(PRECISE) == pytest.approx(BLOCKS_GRAVITY, rel=0.02)
    assert fall(BASIC) == pytest.approx(BLOCKS_GRAVITY / 2, rel=0.02)


@pytest.mark.parametrize("seed", SEEDS)
def test_blocks_stand_until_they_are_hit_and_lie_still_at_the_end_in_december(seed: int) -> None:
    scene = Blocks(request(PRECISE, seed=seed))
    start = np.array([path.at(0.0)[:2] for path in scene.paths])
    before = np.array([path.at(0.45)[:2] for path in scene.paths])
    end = np.array([path.at(3.9)[:2] for path in scene.paths])
    assert np.abs(before - start).max() < 1.0
    assert np.abs(end - start).max() > 15.0


@pytest.mark.parametrize("seed", SEEDS)
def test_billiard_balls_stay_on_the_cloth_in_december_and_sink_into_the_cushions_in_october(seed: int) -> None:
    def beyond(realism: Realism) -> float:
        scene = Billiards(request(realism, seed=seed, seconds=5.0))
        return float((np.abs(scene.positions).max(axis=(0, 1)) + RADIUS - scene.half).max())

    assert beyond(PRECISE) < 0.8
    assert beyond(BASIC) > 2.0


def test_cloth_waves_in_december_and_swings_like_a_board_in_october() -> None:
    def bend(realism: Realism) -> float:
        _, down, _ = Cloth(request(realism)).bent(1.0)
        row = down[down.shape[0] // 2, 1:-1]
        line = np.polyval(np.polyfit(np.arange(len(row)), row, 1), np.arange(len(row)))
        return float(np.abs(row - line).max())

    assert bend(PRECISE) > 0.7
    assert bend(BASIC) < 0.25


def test_fluid_rises_smoothly_with_ripples_in_december_and_in_steps_in_october() -> None:
    december, october = (Fluid(request(realism)) for realism in (PRECISE, BASIC))
    times = np.linspace(0, 4, 200)
    levels = [[scene.level(float(t)) for t in times] for scene in (december, october)]
    assert levels[0] == sorted(levels[0])
    assert len(set(levels[0])) > 100
    assert len(set(levels[1])) <= 8
    assert levels[0][-1] == pytest.approx(levels[1][-1])


def test_shadows_follow_the_lamp_in_december_and_stay_in_october() -> None:
    def travelled(realism: Realism) -> float:
        scene = Light(request(realism))
        solid = scene._solids[2]
        middles = [scene.shadow(solid, np.array(scene.casting_lamp(t))).mean(axis=0) for t in np.linspace(0, 3, 20)]
        return float(np.ptp(np.array(middles), axis=0).max())

    assert travelled(PRECISE) > 10.0
    assert travelled(BASIC) == 0.0


def test_the_cats_tail_flows_in_december_and_jumps_in_october() -> None:
    def steps(realism: Realism) -> np.ndarray:
        scene = Cat(request(realism))
        tips = np.array([scene.tail(t)[-1] for t in np.arange(0, 4, 1 / 30)])
        return np.asarray(np.hypot(*np.diff(tips, axis=0).T))

    smooth, jerky = steps(PRECISE), steps(BASIC)
    assert smooth.max() < 2.5
    assert smooth.sum() > 20
    assert jerky.max() > 3.5
    assert np.mean(jerky == 0) > 0.8


@pytest.mark.parametrize(("realism", "late_s"), [(PRECISE, 0.0), (BASIC, 0.25)])
def test_lips_follow_the_voice_in_december_and_come_late_in_october(
    tmp_path: Path, realism: Realism, late_s: float
) -> None:
    """Measured in the finished clip: the dark of the open mouth against the loudness of the sound."""
    path = tmp_path / "face.mp4"
    render_clip(path, order("face", realism, size=(640, 360), seconds=3.0, seed=LIGHT_SKIN_SEED))
    clip = seen(path)
    mouths = np.array([frame[196:236, 290:350].mean(axis=2) for frame in clip.frames])
    opening = (mouths < 70).sum(axis=(1, 2)).astype(float)
    size = clip.rate // 30
    loudness = np.array([np.abs(clip.sound[k * size : (k + 1) * size]).mean() for k in range(len(clip.frames))])
    assert opening.max() > 40
    lags = range(-6, 16)
    fit = [np.corrcoef(loudness[10:-20], opening[10 + lag : len(opening) - 20 + lag])[0, 1] for lag in lags]
    assert lags[int(np.argmax(fit))] / 30 == pytest.approx(late_s, abs=0.04)


@pytest.mark.parametrize("scene", sorted(SCENES))
@pytest.mark.parametrize("style", ["", "noir"])
def test_every_frame_is_marked_as_simulated(scene: str, style: str) -> None:
    asked = Order(scene, seconds=0.1, width=320, height=180, seed=1, scene=scene, style=style)
    for planes in frames_of(asked, Film(asked)):
        corner = planes[160:178, 262:316]
        assert corner.max() > 180
        assert np.median(corner) < 140

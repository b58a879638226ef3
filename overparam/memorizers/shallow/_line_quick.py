"""Networks with one neuron for each knot, found by looking for a constant piece.

Turning a knot to the left adds its turn to the slope on the left of all knots; the sum must be 0.  If the knots up to
some place and no others are turned, the sum is the slope there.  So a place is wanted where the slope is 0 or can be
made so by moving knots, perhaps with some more knots turned besides.
"""

from overparam.exact import float_of
from overparam.memorizers.shallow._polygon import Plan, Polygon, outer_links

_TRIED = 32  # places of the constant piece for which single knots are turned


def quick_plan(polygon: Polygon) -> Plan | None:
    """A plan in which a piece is constant but for a few knots turned besides, or None if none is in sight."""
    return _constant_piece(polygon) or _moved_out(polygon)


def _plain(polygon: Polygon, n_left: int) -> Plan:
    return Plan([j < n_left for j in range(polygon.n_knots)], {}, {}, {})


def _constant_piece(polygon: Polygon) -> Plan | None:
    """A piece with slope 0, perhaps after splitting a turn inside a run."""
    slopes = polygon.slopes
    for before, after, link in outer_links(polygon):
        if slopes[before.stop - 1 if before else after.start - 1 if after else 0] == 0:
            return _plain(polygon, link)
    for number, run in enumerate(polygon.runs):
        for k in range(1, run.n_knots):
            point, link = run.start + 2 * k - 1, run.first + k
            if run.odd and slopes[point - 1] * slopes[point] <= 0:
                plan = _plain(polygon, link)
                return plan._replace(cuts={number: link}, shares={link: -slopes[point - 1]})
            if not run.odd and slopes[point] == 0:
                return _plain(polygon, link)
    return None


def _moved_out(polygon: Polygon) -> Plan | None:
    """A piece between two runs that can be turned as far as one wants in one direction, other knots turned besides."""
    places = []
    for i, (before, after, link) in enumerate(outer_links(polygon)):
        cuts = {"cut_before": before is not None and before.odd, "cut_after": after is not None and after.odd}
        if polygon.movable(before, after, **cuts):
            slope = polygon.slopes[before.stop - 1 if before else after.start - 1 if after else 0]
            sign = before.sign if before else -after.sign if after else 0
            places.append((sign * slope, i, before, after, link))  # a move adds to sign * slope, which must get to 0
    jumps = [jump for run in polygon.runs for jump in polygon.own(run)]
    # by default all runs are cut before their first knot, so that each further knot has the turn before it as well
    for run in polygon.runs:
        if run.odd:
            for k in range(1, run.n_knots):
                jumps[run.first + k] += polygon.turns[run.start + 2 * k - 1]
    largest = sorted(range(len(jumps)), key=lambda j: -abs(float_of(jumps[j])))
    places.sort(key=lambda place: place[0])
    for lacking, i, before, after, link in places[:_TRIED]:
        excess = lacking
        plan = _plain(polygon, link)
        sign = before.sign if before else -after.sign if after else 0
        near = {j for run in (before, after) if run for j in range(run.first, run.first + run.n_knots)}
        for j in largest:
            if excess <= 0:
                break
            helps = sign if j < link else -sign
            if j not in near and (jumps[j] > 0) == (helps > 0):
                plan.left[j] = not plan.left[j]
                excess -= abs(jumps[j])
        if excess <= 0:
            return plan._replace(cuts={i - 1: link} if before and before.odd else {}, moves={link: -excess})
    return None

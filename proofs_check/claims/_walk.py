"""Whether some walk through a layered graph adds up to 0, where each step may add any number of an interval.

The set of sums with which a state can be reached is a sorted list of disjoint intervals.  The search goes from both
ends, always on with the smaller side, drops what the rest of the way cannot bring back to 0, and asks where the two
sides meet whether one set holds a number and the other its opposite.  All ends of intervals are integers; then a walk
adds up to 0 in real numbers only if it does so in integers (round all steps down, and raise them one by one), so that
only integers need to be kept, and intervals without an integer between them are one.
"""

from proofs_check.budget import Budget

_DOING = "searching the subset sums"
_STEP = 1200  # units for one interval moved, sorted and merged
_INTERVAL = 1300  # bits of a pair of numbers and its places in lists, besides the digits

State = tuple[bool, int]
Interval = tuple[int, int]
Layer = dict[tuple[State, State], Interval]  # steps from one layer of states to the next, with what they may add
Sums = dict[State, list[Interval]]


def adds_up_to_zero(layers: list[Layer], start: State, begin: Interval, end: State, bits: int, budget: Budget) -> bool:
    """Whether a number of `begin` and the steps of some walk from `start` through all layers to `end` can add up to 0.

    `bits` bounds the length of all sums, and `budget` has been charged for the layers.

    Raises:
        OverBudget: the search would take too long.
    """
    # the least and the largest sum with which each state is reached, from the left and from the right
    reached: Sums = {start: [begin]}
    left = [reached] + [reached := _extremes(reached, layer) for layer in layers]
    reached = {end: [(0, 0)]}
    right = [reached] + [reached := _extremes(reached, _turned(layer)) for layer in reversed(layers)]
    ahead, behind, i, j = left[0], right[0], 0, 0
    while i + j < len(layers):
        if sum(map(len, ahead.values())) <= sum(map(len, behind.values())):
            ahead = _advanced(ahead, layers[i], right[-i - 2], bits, budget)
            i += 1
        else:
            behind = _advanced(behind, _turned(layers[-1 - j]), left[-j - 2], bits, budget)
            j += 1
    return any(_meet(ahead[state], behind[state]) for state in ahead if state in behind)


def _turned(layer: Layer) -> Layer:
    return {(target, source): step for (source, target), step in layer.items()}


def _extremes(sums: Sums, layer: Layer) -> Sums:
    """One interval a state: from the least to the largest sum after this layer."""
    after: Sums = {}
    for (source, target), (least, most) in layer.items():
        if source in sums:
            low, high = sums[source][0]
            old_low, old_high = after[target][0] if target in after else (low + least, high + most)
            after[target] = [(min(old_low, low + least), max(old_high, high + most))]
    return after


def _advanced(sums: Sums, layer: Layer, rest: Sums, bits: int, budget: Budget) -> Sums:
    """The sums after this layer, without those that no `rest` of the walk can bring to 0."""
    count = sum(len(sums.get(source, ())) for source, _ in layer)
    budget.spend(count * (_STEP + bits // 10), _DOING)
    size = (2 * bits + _INTERVAL) * count  # not held for good: the next layer's sums take their place
    if size > budget.memory:
        budget.hold(size, _DOING)
    after: Sums = {}
    for target in {target for _, target in layer} & rest.keys():
        least, most = rest[target][0]
        moved: list[Interval] = []
        for (source, reached), (a, b) in layer.items():
            if reached == target:
                pairs = ((low + a, high + b) for low, high in sums.get(source, ()))
                moved += [(low, high) for low, high in pairs if low <= -least and -most <= high]
        moved.sort()
        merged = moved[:1]
        for low, high in moved[1:]:
            if low > merged[-1][1] + 1:  # sums are integers
                merged.append((low, high))
            elif high > merged[-1][1]:
                merged[-1] = (merged[-1][0], high)
        after[target] = merged
    return after


def _meet(ahead: list[Interval], behind: list[Interval]) -> bool:
    """Whether 0 is the sum of a number of one set and one of the other."""
    i, j = 0, len(behind) - 1
    while i < len(ahead) and j >= 0:
        low, high = ahead[i][0] + behind[j][0], ahead[i][1] + behind[j][1]
        if low <= 0 <= high:
            return True
        if high < 0:
            i += 1
        else:
            j -= 1
    return False

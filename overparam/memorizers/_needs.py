"""What a construction asks of the data, decided exactly before anything is computed."""

from overparam.errors import InputError
from overparam.exact import ExactData
from overparam.memorizers._built import refusal
from overparam.memorizers._catalogue import Need


def unmet(construction: str, need: Need, data: ExactData) -> InputError | None:
    """The refusal, if these distinct points and their labels do not have what is needed."""
    match need:
        case "line":
            if data.dim != 1:
                why = f"it takes points with one coordinate, and these have {data.dim}"
                return refusal(construction, why, '"distinct" (projects any points to a line)')
        case "two labels":
            values = len(set(data.labels))
            if values > 2:
                why = (
                    f"its output is a sum of steps, so the labels must take at most two values, and these take {values}"
                )
                return refusal(construction, why, '"pairs" or "greedy" (ReLU, any real labels)')
    return None

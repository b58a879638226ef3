"""One theorem a file: what is assumed, for which data sets, exactly which number, and where it is proved."""

from proofs_check.theorems import (
    baum1988_threshold,
    bubeck2020_relu_baum,
    pairs_2n_over_d_plus_1,
    param_count,
    relu_distinct_worst_case,
    s_baum,
    sakurai1992_threshold,
    zhang2017_thm1,
)
from proofs_check.theorems._entry import Quantifier, Side, Theorem

THEOREMS: dict[str, Theorem] = {
    file.THEOREM.key: file.THEOREM
    for file in (
        param_count,
        pairs_2n_over_d_plus_1,
        relu_distinct_worst_case,
        zhang2017_thm1,
        baum1988_threshold,
        sakurai1992_threshold,
        bubeck2020_relu_baum,
        s_baum,
    )
}

__all__ = ["THEOREMS", "Quantifier", "Side", "Theorem"]

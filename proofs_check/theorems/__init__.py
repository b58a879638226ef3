"""One theorem a file: what is assumed, for which data sets, exactly which number, and where it is proved."""

from proofs_check.theorems import (
    bartlett2019_growth,
    baum1988_threshold,
    bubeck2020_relu_baum,
    cover1965_count,
    pairs_2n_over_d_plus_1,
    param_count,
    param_count_approx,
    param_count_no_bias,
    param_count_no_hidden_bias,
    param_count_no_output_bias,
    relu_distinct_worst_case,
    relu_growth,
    s_baum,
    sakurai1992_threshold,
    sontag1997,
    threshold_alternation,
    zhang2017_thm1,
)
from proofs_check.theorems._entry import HYPOTHESES, Quantifier, Side, Theorem

THEOREMS: dict[str, Theorem] = {
    file.THEOREM.key: file.THEOREM
    for file in (
        param_count,
        param_count_no_output_bias,
        param_count_no_hidden_bias,
        param_count_no_bias,
        param_count_approx,
        relu_growth,
        bartlett2019_growth,
        sontag1997,
        cover1965_count,
        threshold_alternation,
        pairs_2n_over_d_plus_1,
        relu_distinct_worst_case,
        zhang2017_thm1,
        baum1988_threshold,
        sakurai1992_threshold,
        bubeck2020_relu_baum,
        s_baum,
    )
}

__all__ = ["HYPOTHESES", "THEOREMS", "Quantifier", "Side", "Theorem"]

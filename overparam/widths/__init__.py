"""The ladder of widths of one data set: what is needed, what suffices, what was found, what gradient descent wants.

This is the first room that may ask the checker `proofs_check`: a network becomes *certified* here, when the checker
has accepted the files that stand on disk.
"""

from overparam._doors import door

__getattr__, __all__ = door(
    __name__,
    spec="Size WidthSpec validate",
    certify="Certificate certify folder_of",
    deposit="NotAccepted deposit",
    subjects="GivenMatrix LimitGram NetworkGram",
    prove="Proof prove_full_row_rank prove_lazy prove_least_eigenvalue prove_near prove_not_polynomial prove_position",
    given="prove_error prove_margin",
    exact="Bracket bracket",
    rank="rank_rung",
    found="FoundAt find_width",
    statistics="clopper_pearson evidence",
    threshold="Batch Threshold Trial split_confirm width_grid",
    grid="Cell CellThreshold ThresholdGrid threshold_grid",
    exponents="PowerLaw exponent_between fitted_range power_law rounded",
    second_look="SecondLook",
    protocol="Protocol",
    descent="DescentGrid descent_grid descent_threshold",
    ladder="Ladder climb constant_labels versions",
    cost="estimate",
)

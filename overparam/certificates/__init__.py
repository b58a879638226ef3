"""From floats to files: exact repair of a float network, and the data set and witness files that the checker reads.

`repair` moves a float ReLU network to a rational one that interpolates without error.  The statement, the claim by
which a witness is judged, is written by `proofs_check` or by a person, never here.
"""

from overparam._doors import door

__getattr__, __all__ = door(
    __name__,
    files="dataset_bytes dataset_sha256 matrix_bytes network_bytes network_sha256 proof_bytes spell_integers "
    "spelled_layers witness_bytes",
    factor="Factor WitnessError",
    grams="given_matrix limit_gram network_gram_of",
    eigenvalue="EigenvalueWitness eigenvalue_witness",
    rank="RankThreshold draw_neurons first_layer_rank rank_threshold",
    near="NearWitness near_witness polish_layers",
    lazy="LazyWitness coupled_network lazy_witness",
    position="position_witness_bytes separating_direction",
    branching="Decision Outcome Pruning decide_width",
    repair="is_interpolating movement repair",
)

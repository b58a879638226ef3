"""Tangent kernels J J^T of given networks: any function of parameters and points, by four methods that agree."""

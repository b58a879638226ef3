"""Any differentiable network, any of the losses, minibatches and noise: the engine by automatic differentiation."""

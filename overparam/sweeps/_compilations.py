"""How often XLA compiled in this process, counted from the first call on."""

_counted: list[int] = []  # empty until somebody listens


def compilations() -> int:
    """Programs compiled in this process since the first call of this function."""
    if not _counted:
        import jax.monitoring

        _counted.append(0)
        jax.monitoring.register_event_duration_secs_listener(_count)
    return _counted[0]


def _count(event: str, duration_secs: float, **kwargs: str | int) -> None:
    if event.endswith("backend_compile_duration"):
        _counted[0] += 1

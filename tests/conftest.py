from country import country  # noqa: F401

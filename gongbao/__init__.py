"""Gongbao (公报): raw records of health insurance in, the yearly statistical bulletin out."""

__version__ = "0.1.0"

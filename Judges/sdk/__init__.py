"""The cases of judge_sdk.py, a module per wire."""

"""Recipes: a folder per risk, a file per study, names and numbers only.

A recipe says which source, networks, baselines, claims and budgets a study has, by catalogue key; no code of
the engines is imported here, and no room decides anything by a risk's name.
"""

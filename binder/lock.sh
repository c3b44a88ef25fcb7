#!/usr/bin/env bash
# Writes binder/requirements.txt anew from the ranges in pyproject.toml and the few pins in binder/constraints.txt.
# Needs pip-tools (in the extra `dev`). The lock carries no index address and no "+cpu": which build of PyTorch
# a machine takes is that machine's choice (see the README), the version is ours.
set -euo pipefail
cd "$(dirname "$0")/.."
pip-compile --quiet --extra test --strip-extras --no-header --no-annotate --no-emit-index-url --no-emit-find-links \
  --no-emit-trusted-host --constraint binder/constraints.txt --output-file binder/requirements.txt "$@" pyproject.toml

lock=$(sed -E -e 's/^(torch==[0-9.]+)\+.*/\1/' -e '/^rnnviz( |\[|$)/d' binder/requirements.txt)
printf '# Made by binder/lock.sh from pyproject.toml: edit that, not this.\n%s\n' "$lock" >binder/requirements.txt

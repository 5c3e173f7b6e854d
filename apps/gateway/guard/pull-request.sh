#!/bin/sh
# Guards a repository that holds a gateway.yaml, its plugins and their lock. Run it in the CI of every pull request:
#   pull-request.sh <ref of the base branch> [gateway.yaml]
# It fails when the lock and the plugins disagree, and prints what the change means: bytes, rights and tool definitions.
# No plugin runs. SIGIL names the command of the gateway; "sigil" when it is not set.
set -eu
base=$1
config=${2:-gateway.yaml}
work=$(mktemp -d)
trap 'git worktree remove --force "$work/base" >/dev/null 2>&1 || true; rm -rf "$work"' EXIT
git worktree add --quiet --detach "$work/base" "$base"
if [ -e "$work/base/$config" ]; then
  "${SIGIL:-sigil}" lock verify --config "$config" --base "$work/base/$config"
else
  "${SIGIL:-sigil}" lock verify --config "$config"
fi

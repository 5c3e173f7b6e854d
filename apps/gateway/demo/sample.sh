# Sourced by demonstrations: an empty home and a gateway over the sample's published servers, already locked and approved.
set -eu
export SIGIL_CONFIG="$HOME/sigil/gateway.yaml"
plugins=$(cd "$(dirname "$0")/../plugins" && pwd)
cd "$HOME"

run() {
  printf '$ %s\n' "$*"
  "$@" 2>>"$HOME/errors.txt" || printf '(exit code %s)\n' "$?"
}
say() { printf '# %s\n' "$*"; }

mkdir sigil
cat >"$SIGIL_CONFIG" <<YAML
data: data
lock: $plugins/plugins.lock
consents: $plugins/consents.json
plugins: { everything: { path: $plugins/everything }, files: { path: $plugins/files } }
workspaces: { home: { allow: [tool.*] } }
users:
  ada: { permissions: [tool.*], workspaces: [home] }
  ben: { permissions: [tool.everything.*], workspaces: [home] }
sandbox: { run_as: { uid: 65534, gid: 65534 } }
YAML

#!/bin/sh
# Whoever can write the log edits it, and then cuts its end off.
. "$(dirname "$0")/weather.sh"

cat >>"$SIGIL_CONFIG" <<'YAML'
audit: { anchors: [{ file: ../elsewhere.checkpoints }] }
YAML
sigil add server >/dev/null
approve
run sigil audit verify
cp -R "$HOME/sigil/data/audit" "$HOME/kept"

say "One name in one record is another one now."
sed -i 's/"actor":"ada"/"actor":"eve"/' "$HOME"/sigil/data/audit/audit-000001.jsonl
run sigil audit verify

say "The log as it was, without its last two records."
cp "$HOME"/kept/* "$HOME/sigil/data/audit/"
sed -i '$d' "$HOME/sigil/data/audit/audit-000001.jsonl"
sed -i '$d' "$HOME/sigil/data/audit/audit-000001.jsonl"
run sigil audit verify

#!/bin/sh
# From an empty home to a server of somebody else behind the gateway: wrapped, reviewed, approved, answering.
# Run it with the command `sigil` on the path. `sigil up` is the last one and stays.
set -eu

export SIGIL_CONFIG="$HOME/sigil/gateway.yaml"
sigil init --user ada
sigil add npm:@modelcontextprotocol/server-everything@2026.8.31 --name everything -- stdio
sigil review everything | tee "$HOME/review.txt"
sigil approve everything --user ada --digest "$(sed -n 's/.*--digest \([0-9a-f]*\) .*/\1/p' "$HOME/review.txt")"
sigil up "$@"

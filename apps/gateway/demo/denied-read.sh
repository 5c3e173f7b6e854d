#!/bin/sh
# A published server for files is asked for one that nobody granted: refused to who may not ask, and not there for who may.
. "$(dirname "$0")/sample.sh"
echo "the account is 42" >"$HOME/secret.txt"

say "Ben may not use it: the decision says no, and nothing starts."
run sigil run files --tool read_text_file --arguments "{\"path\":\"$HOME/secret.txt\"}" --user ben --workspace home
grep -o 'denied, not_allowed' "$HOME/errors.txt"

say "Ada may. The server runs on all of /, which for it is its own folder and little else: the file is not there."
run sigil run files --tool read_text_file --arguments "{\"path\":\"$HOME/secret.txt\"}"

say "Both are on record."
sigil audit tail --limit 50 | grep read_text_file | grep -v 'call.completed' | sed 's/^[^ ]*  //; s/  decision.*//'

#!/bin/sh
# One published server, two lives: started by hand it sees every variable of whoever starts it, contained it sees what was declared.
. "$(dirname "$0")/sample.sh"
export BANK_PASSWORD=hunter22

say "Started by hand: does it see the password of the shell?"
printf '%s\n' \
  '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"demo","version":"1"}}}' \
  '{"jsonrpc":"2.0","method":"notifications/initialized"}' \
  '{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"get-env","arguments":{}}}' |
  node "$plugins/everything/node_modules/@modelcontextprotocol/server-everything/dist/index.js" stdio 2>/dev/null |
  grep -o 'BANK_PASSWORD[^,]*' | tr -d '\\' | head -1

say "The same bytes behind the gateway: all that it sees."
run sigil run everything --tool get-env

# Sourced by the demonstrations: an empty home, a gateway, and the server of somebody else, one tool, in ./server.
set -eu
export SIGIL_CONFIG="$HOME/sigil/gateway.yaml"
cd "$HOME"

# Shows a command and what it says; a refusal is shown with its exit code and does not end the demonstration.
run() {
  printf '$ %s\n' "$*"
  "$@" 2>&1 || printf '(exit code %s)\n' "$?"
}
say() { printf '# %s\n' "$*"; }
approve() {
  digest=$(sigil review weather | sed -n 's/.*--digest \([0-9a-f]*\) .*/\1/p')
  run sigil approve weather --user ada --digest "$digest"
}

sigil init --user ada >"$HOME/token.txt" 2>/dev/null
mkdir server
cat >server/plugin.yaml <<'YAML'
name: weather
version: 1.0.0
type: tool
execution: { tier: process }
adapter: mcp-stdio
entry: { command: [node, main.mjs] }
YAML
cat >server/main.mjs <<'JS'
import { createInterface } from "node:readline";
const description = "Tells the weather of a city";
const answers = {
  initialize: ({ protocolVersion }) => ({ protocolVersion, capabilities: { tools: {} }, serverInfo: { name: "weather", version: "1" } }),
  ping: () => ({}),
  "tools/list": () => ({ tools: [{ name: "weather", description, inputSchema: { type: "object" } }] }),
  "tools/call": () => ({ content: [{ type: "text", text: "sunny" }] }),
};
for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line);
  if (id !== undefined) console.log(JSON.stringify({ jsonrpc: "2.0", id, result: answers[method](params) }));
}
JS

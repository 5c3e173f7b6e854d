import { fileURLToPath } from "node:url";
import { createProcessHost, unconfinedRunner } from "@sigilrt/process-host";

const host = createProcessHost({ runner: unconfinedRunner() });
const program = fileURLToPath(new URL("weather-plugin.ts", import.meta.url));
const plugin = await host.launch({
  path: process.execPath,
  args: [...process.execArgv, program],
});

const { tools } = await plugin.describe();
console.log(tools.map(({ name }) => name));

const call = {
  tool: "weather",
  arguments: { city: "Bern" },
  requestId: "call-1",
  principal: { workspace: "home", user: "ada" },
};
const { signal } = new AbortController();
for await (const chunk of plugin.call(call, { signal, deadlineAt: Date.now() + 5000 })) {
  if (chunk.kind === "content" && chunk.content.kind === "text") console.log(chunk.content.text);
}

const { cause, code } = await plugin.close();
console.log(cause, code);
await host.close();

import { readSubject } from "../command-line.ts";
import type { Composition, PluginDesk } from "../composition.ts";
import { pluginOf } from "../plugin-name.ts";
import type { Terminal } from "../terminal.ts";
import { ownerOf } from "../tokens/token-verbs.ts";
import { UsageError } from "../usage-error.ts";
import { configOf, deskOf } from "./desk-of.ts";
import { learnVerb, scenarioOf } from "./learn-verb.ts";
import { type RunPlugin, runVerb } from "./run-verb.ts";

/** Runs `sigil run`: a tool of an approved plugin, or what waits, to learn from it. */
export async function runCommand(
  argv: readonly string[],
  composition: Composition,
  terminal: Terminal,
): Promise<number> {
  const given = readSubject("run", argv, "a plugin", {
    config: { type: "string" },
    json: { type: "boolean" },
    learn: { type: "boolean" },
    write: { type: "boolean" },
    tool: { type: "string" },
    arguments: { type: "string" },
    scenario: { type: "string" },
    user: { type: "string" },
    workspace: { type: "string" },
  });
  const { learn, write, user, workspace, ...calls } = given;
  const path = configOf(given.config, composition);
  const desk = deskOf(composition);
  const name = pluginOf(given.subject);
  const json = given.json === true;
  const hasOwner = user !== undefined || workspace !== undefined;
  if (learn === true) {
    if (hasOwner) throw new UsageError("Cannot run: --learn is nobody's call; leave out --user");
    return learnVerb(
      await desk.place(path),
      name,
      { scenario: await scenarioOf(calls), write: write === true, json },
      (tree, scenario) => desk.learn(path, tree, scenario),
      terminal,
    );
  }
  if (write === true || calls.scenario !== undefined) {
    throw new UsageError("Cannot run: --write and --scenario go with --learn");
  }
  const [call] = (await scenarioOf(calls)).calls;
  if (!call) throw new UsageError("Cannot run: it needs --tool, or --learn");
  const owner = hasOwner ? { owner: ownerOf("run", user, workspace) } : {};
  const ask = { plugin: name, ...call, ...owner };
  return runVerb(ask, { json }, (...asked) => ran(desk, path, ...asked), terminal);
}

function ran(
  desk: PluginDesk,
  path: string,
  ...[call, log]: Parameters<RunPlugin>
): ReturnType<RunPlugin> {
  if (desk.run) return desk.run(path, call, log);
  throw new Error(`Cannot run "${call.plugin}": this command runs plugins with --learn alone`);
}

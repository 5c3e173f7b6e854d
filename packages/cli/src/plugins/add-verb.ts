import { EXIT } from "../exit-code.ts";
import { escaped, type Terminal } from "../terminal.ts";
import type { PluginPlace } from "./plugin-place.ts";
import { sourceOf } from "./source.ts";
import { type StageOptions, stagePlugin } from "./stage.ts";

/** Brings a plugin to where it waits for a review, and says what comes next. */
export async function addVerb(
  place: PluginPlace,
  text: string,
  options: StageOptions & { readonly json: boolean },
  { out, err }: Terminal,
): Promise<number> {
  const source = await sourceOf(text);
  if (source.kind === "npm")
    err(`Laying out npm:${source.name}@${source.version}; no script of it runs`);
  const { tree, ...staged } = await stagePlugin(place.staged, source, options);
  if (options.json) {
    out(JSON.stringify(staged));
    return EXIT.ok;
  }
  out(escaped(`staged ${staged.name} ${staged.version} from ${staged.source}`));
  out(`  bytes  ${staged.digest}`);
  if (staged.proposed) {
    out(
      `  It came without plugin.yaml. One was proposed that asks for nothing: ${tree}/plugin.yaml`,
    );
  }
  out(`Nothing of it has run. Next: sigil review ${staged.name}`);
  return EXIT.ok;
}

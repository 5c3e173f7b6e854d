import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** The one file that plugin `notes` runs; it is checked in, so that a start builds nothing. */
export const notesBundle = new URL("../../plugins/notes/main.mjs", import.meta.url);

/** Builds plugin `notes` from its source and answers the bytes of {@link notesBundle}. */
export async function bundleNotes(): Promise<Uint8Array> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("notes.ts", import.meta.url))],
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node22.18",
    conditions: ["@sigilrt/source"],
    legalComments: "inline",
    absWorkingDir: fileURLToPath(new URL("../../../../", import.meta.url)),
    outfile: fileURLToPath(notesBundle),
    write: false,
    logLevel: "silent",
  });
  const [bundle] = outputFiles;
  if (!bundle) throw new Error("Cannot bundle plugin notes: the bundler wrote nothing");
  return bundle.contents;
}

// From source the Worker is TypeScript that imports TypeScript, from the package JavaScript.
const isSource = import.meta.url.endsWith(".ts");

/** The program of the Worker that writes the index. */
export const indexWorkerFile = new URL(
  `./worker/index-worker.${isSource ? "ts" : "js"}`,
  import.meta.url,
);

/** With what Node runs it: nothing of the program's own arguments. */
export const indexWorkerArguments: readonly string[] = isSource
  ? ["--conditions=@sigilrt/source"]
  : [];

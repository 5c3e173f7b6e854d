// From source the Workers are TypeScript, from the package JavaScript.
const ending = import.meta.url.endsWith(".ts") ? "ts" : "js";

/** The program of a run Worker. */
export const runWorkerFile = new URL(`./worker/run-worker.${ending}`, import.meta.url);

/** The program of the compile Worker. */
export const compileWorkerFile = new URL(`./worker/compile-worker.${ending}`, import.meta.url);

/** From source, what it imports of other packages is source as well. */
export const compileWorkerArguments: readonly string[] =
  ending === "ts" ? ["--conditions=@sigilrt/source"] : [];

import { PluginFailure } from "./plugin-failure.ts";

/** Answers what a host may read of an error that an author threw: the words of a failure, or the name of a class. */
export function wordsOf(error: unknown, work: string): string {
  return error instanceof PluginFailure ? error.message : `${work} failed with ${className(error)}`;
}

function className(error: unknown): string {
  if (!(error instanceof Error)) return `a thrown ${error === null ? "null" : typeof error}`;
  const name: unknown = Reflect.get(Object(error.constructor), "name");
  // A name is code of the author's, but it may be computed from anything.
  return typeof name === "string" && /^[\w$]{1,64}$/u.test(name) ? name : "Error";
}

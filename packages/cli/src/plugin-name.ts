import { UsageError } from "./usage-error.ts";

/** Reads the name of a plugin. What waits lies in a folder of its plugin's name, so a name that leads elsewhere is none. @throws {@link UsageError} */
export function pluginOf(text: string): string {
  if (/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/u.test(text) && text.length <= 64) return text;
  throw new UsageError(
    `Cannot use "${text}" as a plugin's name: lower-case letters, digits and single hyphens`,
  );
}

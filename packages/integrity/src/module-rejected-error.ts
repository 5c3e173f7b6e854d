import type { ModuleRejection } from "./rejection.ts";

/** An import or a read that the guard refused. */
export class ModuleRejectedError extends Error {
  /** The class's name. */
  override readonly name = "ModuleRejectedError";
  /** The refusal with its evidence. */
  readonly rejection: ModuleRejection;

  /** @param rejection - the refusal */
  constructor(rejection: ModuleRejection) {
    const subject = "path" in rejection ? rejection.path : rejection.specifier;
    const shown = JSON.stringify(subject.slice(0, 256));
    super(`Cannot load ${shown} for plugin "${rejection.plugin}": ${rejection.kind}`);
    this.rejection = rejection;
  }
}

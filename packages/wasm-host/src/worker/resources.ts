/** An error that an interface names, as the glue expects it. */
export const refusal = (payload: unknown): Error =>
  Object.assign(new Error("an import answered an error"), { payload });

/** A class of resources that a guest may name and can do nothing with. */
// oxlint-disable-next-line typescript/no-extraneous-class -- the glue tells resources by their class
export const nothing = (): new () => object => class {};

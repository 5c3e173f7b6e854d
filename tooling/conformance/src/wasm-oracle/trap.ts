/** How a guest ended that broke a rule of the format. */
export class Trap extends Error {
  readonly kind: string;

  constructor(kind: string) {
    super(kind);
    this.kind = kind;
  }
}

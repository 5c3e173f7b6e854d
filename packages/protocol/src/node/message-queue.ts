/** What has come and was not pulled yet, with its reader. */
export class MessageQueue {
  readonly #waiting: { readonly message: Uint8Array; readonly charge: number }[] = [];
  readonly #read: (charge: number) => void;
  #reader: PromiseWithResolvers<IteratorResult<Uint8Array, undefined>> | undefined;
  #end: { readonly error?: () => unknown } | undefined;

  /** `read` hears what each pulled message cost. */
  constructor(read: (charge: number) => void) {
    this.#read = read;
  }

  push(message: Uint8Array, charge: number): void {
    if (this.#end !== undefined) return;
    const reader = this.#reader;
    if (reader === undefined) {
      this.#waiting.push({ message, charge });
      return;
    }
    this.#reader = undefined;
    this.#read(charge);
    reader.resolve({ done: false, value: message });
  }

  /** Nothing more comes; what waits is still read, and then `error`, if there is one. */
  end(error?: unknown): void {
    if (this.#end !== undefined) return;
    this.#end = error === undefined ? {} : { error: () => error };
    this.#settle(this.#end);
  }

  /** Ends with what `error` makes, before what waits. Most queues are not read any more then, and an error costs more than a call. */
  fail(error: () => unknown): void {
    this.#waiting.length = 0;
    this.#end = { error };
    this.#settle(this.#end);
  }

  #settle({ error }: { readonly error?: () => unknown }): void {
    const reader = this.#reader;
    this.#reader = undefined;
    if (error !== undefined) reader?.reject(error());
    else reader?.resolve({ done: true, value: undefined });
  }

  /** Pulls the next message; one pull at a time. */
  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const first = this.#waiting.shift();
    if (first !== undefined) {
      this.#read(first.charge);
      return Promise.resolve({ done: false, value: first.message });
    }
    if (this.#end !== undefined) {
      if (this.#end.error !== undefined) return Promise.reject(this.#end.error());
      return Promise.resolve({ done: true, value: undefined });
    }
    this.#reader = Promise.withResolvers();
    return this.#reader.promise;
  }
}
